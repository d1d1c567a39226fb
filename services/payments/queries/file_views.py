"""A file of the bank with what persons decided about it, as the API shows it."""

from datetime import datetime

from pydantic import BaseModel

from services.payments.queries.views import BankFileView


class BankFileActView(BaseModel):
    """What a person decided about a refused file: retried, dismissed or reopened."""

    act: str
    reason: str
    by: str
    at: datetime


class BankFileDetail(BankFileView):
    """`acts`: in order."""

    acts: list[BankFileActView]
