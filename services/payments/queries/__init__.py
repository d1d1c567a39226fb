"""Read models: what pages and API show, and to whom."""
