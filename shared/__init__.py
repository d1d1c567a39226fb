"""What every service builds on: no service is imported from here."""
