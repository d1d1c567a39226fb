"""Money, ids, time and errors: values without I/O, used by every domain."""
