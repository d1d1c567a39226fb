"""What the platform costs, measured against what it stands on. `python -m bench` runs everything; nothing imports this package."""
