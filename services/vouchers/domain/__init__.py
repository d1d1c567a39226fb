"""Decisions about vouchers: functions of facts, policy and an instant, without I/O."""
