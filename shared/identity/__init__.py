"""Who is calling, how that is proven, and what it allows."""
