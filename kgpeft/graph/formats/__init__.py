"""Readers: the bytes of one format → statements."""
