"""The baselines that need a process of their own: the same engines, doing as little as possible."""
