"""The simulated bank, the demonstration and the chaos campaigns: code that is never near production."""
