"""JSON routes of `vouchers`, below /api/vouchers."""
