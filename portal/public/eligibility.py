"""The eligibility check: eight answers become questions for the rules of the call."""

from collections.abc import Mapping

from portal.client.applications import EligibilityQuestions, OpenCallDetail
from portal.kit.reader import Reader
from portal.kit.reader import mark as _

NAMES = ("nuts", "activity_code", "staff", "small_accounts", "public_control", "total_cost", "requested", "aid")


def read_answers(query: Mapping[str, str], call: OpenCallDetail, language: str) -> tuple[Reader, EligibilityQuestions | None]:
    """What was typed, with its errors; the questions once all answers can be read. An empty query is a check that has not begun."""
    reader = Reader(((name, query[name]) for name in NAMES if name in query), language)
    if not reader.typed:
        return reader, None
    questions = EligibilityQuestions(
        nuts=reader.code("nuts", 5, _("Enter the NUTS code of the region in which the firm has its seat, for example HR063")),
        activity_code=reader.code("activity_code", 5, _("Enter the NACE code of the main activity, for example 74.10")),
        staff=reader.number("staff", _("Enter how many people work in the firm, as a number")),
        small_accounts=reader.yes("small_accounts", _("Say whether turnover or balance is within the limit")),
        public_control=reader.yes("public_control", _("Say whether public bodies have this share of the firm")),
        total_cost_minor=reader.amount("total_cost", call.currency, _("Enter the costs of the project as an amount, for example 5,000.00")),
        requested_minor=reader.amount("requested", call.currency, _("Enter the aid that you would ask for, for example 4,000.00")),
        aid_minor=reader.amount("aid", call.currency, _("Enter the de minimis aid of the last years as an amount; 0 if there was none")),
    )
    return reader, None if reader.errors else questions
