"""One training loop for the shipped readers and for tuning."""
