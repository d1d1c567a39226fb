"""Calls, applications and their eligibility."""
