"""From a question to the ranked facts that may answer it."""
