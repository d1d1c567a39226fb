"""The whole platform on one machine without containers: real servers from Python packages, as child processes of one supervisor."""
