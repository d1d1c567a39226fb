"""The routes of vouchers, one file a noun, below /api/vouchers."""
