"""Working days, bank days and deadlines of the regions: pure functions over holiday tables, no clock."""
