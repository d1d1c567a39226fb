"""What is held of somebody: encrypted at rest with a key of its subject, whose destruction erases it; how long it is kept."""
