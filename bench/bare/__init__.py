"""Baselines that need a process of their own: the same engines with as little work as possible."""
