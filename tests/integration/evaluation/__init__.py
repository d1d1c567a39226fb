"""Evaluation on real PostgreSQL: events through the inbox, people through the API."""
