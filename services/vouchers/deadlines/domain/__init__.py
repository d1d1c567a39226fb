"""Decisions about the dates of a call: functions of facts and an instant, without I/O."""
