"""What payments does, one use case a file. Who may move money locks the envelope first and then the voucher (`rows`)."""
