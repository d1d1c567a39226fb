"""Envelopes, claims, disbursements and the bank: everything about money."""
