"""Where bytes come from: files, archives, endpoints, databases; and what a file is."""
