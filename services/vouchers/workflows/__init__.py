"""The lifecycles, deterministic: they keep time and order, and know who is waited for. The database decides."""
