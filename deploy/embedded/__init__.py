"""The whole platform on one machine, without containers: real servers from PyPI packages as child processes."""
