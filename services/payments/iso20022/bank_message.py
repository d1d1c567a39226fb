"""A file of the bank of any kind that is read, by its content: status report, statement, notification, report of the day."""

from services.payments.iso20022 import camt053, pain002
from services.payments.iso20022.camt053 import Statement
from services.payments.iso20022.mt940 import is_swift, read_swift
from services.payments.iso20022.pain002 import StatusReport
from services.payments.iso20022.xml_reader import read_message


def read_bank_message(data: bytes, *, max_bytes: int) -> StatusReport | Statement:
    """Raises `Refused` as the readers of each kind."""
    if is_swift(data):
        return read_swift(data, max_bytes=max_bytes)
    message, root = read_message(data, max_bytes, pain002.MESSAGES | camt053.MESSAGES)
    return pain002.report_of(message, root) if message in pain002.MESSAGES else camt053.statement_of(message, root)
