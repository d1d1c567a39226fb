"""An installation of containers: its secrets, and what an operator's command knows of it."""
