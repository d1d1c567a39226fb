"""The people of the demonstration. Each reads lists and does what is due, and keeps no other state: so an interrupted run continues
where it stopped."""
