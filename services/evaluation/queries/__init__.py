"""Reads. Nothing here locks or changes anything."""
