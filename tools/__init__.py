"""Generators of documents, run by developers and checked in CI. Nothing else imports them."""
