"""Calls, application files, eligibility."""
