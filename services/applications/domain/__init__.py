"""Decisions about calls and applications: pure functions of facts, policy and time."""
