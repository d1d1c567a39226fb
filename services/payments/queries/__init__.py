"""Reads: what the API shows, and to whom."""
