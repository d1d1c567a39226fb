"""The eligibility check: eight answers become questions for the rules of the call."""

from collections.abc import Mapping

from portal.client.applications import EligibilityQuestions, OpenCallDetail
from portal.kit.picker import PICKED, SEARCHED
from portal.kit.reader import Reader
from portal.kit.reader import mark as _
from shared.classifications import Scheme

NAMES = ("nuts", "activity_code", "staff", "small_accounts", "public_control", "total_cost", "requested", "aid")

FIELDS = (*NAMES, "voucher_type", *(name + part for name in NAMES[:2] for part in (PICKED, SEARCHED)))


def read_answers(query: Mapping[str, str], call: OpenCallDetail, language: str) -> tuple[Reader, EligibilityQuestions | None]:
    """What was typed, with its errors; the questions once all answers can be read. An empty query is a check that has not begun."""
    reader = Reader(((name, query[name]) for name in FIELDS if name in query), language)
    if not reader.typed:
        return reader, None
    worth = call.largest_minor if call.benefit else 0  # what is no money has no costs to ask for
    questions = EligibilityQuestions(
        nuts=reader.listed("nuts", Scheme.NUTS, _("Type the region in which the firm has its seat, or its NUTS code, for example HR063")),
        activity_code=reader.listed("activity_code", Scheme.NACE, _("Type what the firm does, or the NACE code, for example 74.12")),
        staff=reader.units("staff", _("Enter how many people work in the firm, for example 9.5")),
        small_accounts=reader.yes("small_accounts", _("Say whether turnover or balance is within the limit")),
        public_control=reader.yes("public_control", _("Say whether public bodies have this share of the firm")),
        total_cost_minor=worth
        or reader.amount("total_cost", call.currency, _("Enter the costs of the project as an amount, for example 5,000.00")),
        requested_minor=worth or reader.amount("requested", call.currency, _("Enter the aid that you would ask for, for example 4,000.00")),
        aid_minor=reader.amount("aid", call.currency, _("Enter the de minimis aid of the last years as an amount; 0 if there was none")),
        voucher_type=_type(reader, call),
    )
    return reader, None if reader.errors else questions


def _type(reader: Reader, call: OpenCallDetail) -> str | None:
    """One of the call's types of vouchers, None where it has none."""
    return reader.line("voucher_type", _("Choose a type of voucher")) or None if call.by_case.voucher_types else None
