"""What may happen to a voucher, and when: pure decisions."""
