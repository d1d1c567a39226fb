"""What each status of a payment order means that a bank may report, and which of them a person has to look at.

Source: ISO 20022 external code sets, ExternalPaymentTransactionStatus1Code and ExternalPaymentGroupStatus1Code, read on 2026-11-30. The
codes that begin with RV are of the verification of the payee (Regulation (EU) 2024/886).
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class StatusMeaning(StrEnum):
    """ACCEPTED and REJECTED change the payment. IN_PROGRESS: the bank is still at it. Each of the others is for a person."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    IN_PROGRESS = "in-progress"
    CANCELLED = "cancelled-by-the-bank"
    BLOCKED = "blocked-by-the-bank"
    AWAITS_CONFIRMATION = "awaits-our-confirmation"
    NAME_DIFFERS = "payee-name-differs"
    NAME_NEARLY = "payee-name-nearly"
    NAME_UNCHECKED = "payee-name-unchecked"


STATUSES: Mapping[str, StatusMeaning] = MappingProxyType(
    {
        **dict.fromkeys(("ACCP", "ACSP", "ACSC", "ACCC", "ACWC", "ACWP"), StatusMeaning.ACCEPTED),
        "RJCT": StatusMeaning.REJECTED,
        **dict.fromkeys(("RCVD", "ACTC", "PDNG", "PATC", "PART", "ACFC", "ACPD", "ACIS", "PRES", "RCVC"), StatusMeaning.IN_PROGRESS),
        "CANC": StatusMeaning.CANCELLED,
        "BLCK": StatusMeaning.BLOCKED,
        "ACFW": StatusMeaning.AWAITS_CONFIRMATION,
        "RVNM": StatusMeaning.NAME_DIFFERS,
        "RVCM": StatusMeaning.NAME_DIFFERS,
        "RVMC": StatusMeaning.NAME_NEARLY,
        "RVNC": StatusMeaning.NAME_UNCHECKED,
        "RVNA": StatusMeaning.NAME_UNCHECKED,
    }
)
FOR_A_PERSON = frozenset(StatusMeaning) - {StatusMeaning.ACCEPTED, StatusMeaning.REJECTED, StatusMeaning.IN_PROGRESS}
UNKNOWN_STATUS = "unknown-status"
"""A code of the bank's own, or one that the table does not have yet: a person has to ask what it means."""
DECIDES_NOTHING = "decides-nothing"


def note_of(status: str | None) -> str:
    """The reason of a line whose status neither accepts nor rejects."""
    if status is None:
        return DECIDES_NOTHING
    meaning = STATUSES.get(status)
    return UNKNOWN_STATUS if meaning is None else meaning.value if meaning in FOR_A_PERSON else DECIDES_NOTHING


NOTES_FOR_A_PERSON = frozenset({*(one.value for one in FOR_A_PERSON), UNKNOWN_STATUS})

_ABOUT_NAMES = frozenset({StatusMeaning.NAME_DIFFERS, StatusMeaning.NAME_NEARLY, StatusMeaning.NAME_UNCHECKED})
NOTES_OF_EACH = NOTES_FOR_A_PERSON - _ABOUT_NAMES
"""What such a status of a group says of each of its transfers, also of those that are not listed. About names it sums up what is listed."""
