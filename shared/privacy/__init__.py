"""What identifies a person or an organisation: encrypted at rest with a key of its subject, whose destruction erases it."""
