"""Reads of the deadlines, one file a noun."""
