"""Assigns evaluators, computes scores and the ranking, draws, and decides on awards."""
