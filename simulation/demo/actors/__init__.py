"""The people of the demonstration. Each looks at lists, does what is due, and remembers nothing that the lists do not say:
so a run that was broken off goes on where it stopped."""
