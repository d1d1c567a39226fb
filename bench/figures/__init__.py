"""One file a benchmark; each is found by being here. See docs/benchmarks.md for how to add one."""
