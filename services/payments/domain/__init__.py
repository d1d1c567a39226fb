"""Decisions about money: pure functions and values."""
