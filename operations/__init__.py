"""Tools that an operator runs on a real installation: command line, verification, backup, case story."""
