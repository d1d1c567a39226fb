"""One file for each benchmark; every module in this folder is loaded. docs/benchmarks.md says how to add one."""
