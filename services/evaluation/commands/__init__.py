"""What evaluation does: one use case a file. Every command that touches a call locks its row first."""
