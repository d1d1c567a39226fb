"""Whatever is never near production: the simulated bank, the demonstration, the fault campaign."""
