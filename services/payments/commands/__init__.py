"""The use cases of payments, one a file: what people do through the API, what follows from an event, and what the worker's jobs call.

A command that moves money locks the envelope first and then the voucher (`locks.py`).
"""
