"""The voucher's lifecycle as a workflow. Deterministic: it keeps time and order and waits for replies. The database decides."""
