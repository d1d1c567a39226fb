"""The use cases of the deadlines, one a file. None commits."""
