"""Reads of `vouchers`: one file a noun; nothing is changed here."""
