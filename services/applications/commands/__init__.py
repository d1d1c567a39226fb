"""One use case a file; none of them commits."""
