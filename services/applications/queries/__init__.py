"""Reads: what routes return, and to which actors."""
