"""What `vouchers` does, one use case a file. None commits; whoever calls opens and closes the transaction."""
