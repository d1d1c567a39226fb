"""Reads of vouchers, one file a noun."""
