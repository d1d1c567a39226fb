"""What a call gives, as an officer types it: an amount, or the number of vouchers where they are hours or places."""

from portal.client.applications import CallDraftView
from portal.kit.formats import amount
from portal.kit.reader import Reader
from portal.kit.reader import mark as _


def shown(draft: CallDraftView, language: str) -> str:
    """Empty while nothing is typed."""
    minor = draft.content.envelope_minor
    if not minor:
        return ""
    return str(minor // draft.benefit.award_minor) if draft.benefit else amount(minor, draft.currency, language)


def read(reader: Reader, draft: CallDraftView) -> int | None:
    """Minor units; None with an error at the field when it is none."""
    if draft.benefit:
        return reader.number("envelope", _("Enter how many vouchers, for example 20")) * draft.benefit.award_minor or None
    return reader.amount("envelope", draft.currency, _("Enter an amount, for example 250,000"))
