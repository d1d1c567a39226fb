"""The commands of `triptych` that only a simulated programme has: `demo` and `chaos`."""
