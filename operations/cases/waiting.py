"""What a case waits for now: from whom, and until when."""

from datetime import datetime
from typing import Any

from operations.cases.gather import Story

_PAYMENTS = {
    "prepared": "the approval of a payment, from finance",
    "approved": "a payment batch, from finance",
    "sealed": "the sending of a payment batch, from the platform",
    "sent": "the bank's answer",
    "accepted": "the bank's booking",
    "rejected": "a corrected account, then another attempt by finance",
    "returned": "a corrected account, then another attempt by finance",
    "unknown": "the bank's statement: a payment went unanswered and is enquired",
}
_FILES = {
    "draft": "the submission, from the applicant",
    "submitted": "the screening, from an officer",
    "withdrawn": "nothing: the application was withdrawn",
    "ineligible": "nothing: the application was found ineligible",
}
_CASES = {
    "open": "score sheets, from the evaluators",
    "evaluated": "the approval of the ranking by an officer, and the end of the time for appeals",
    "reserve": "money that becomes free, from the reserve list",
    "refused": "nothing: no award was made",
}
_DATES = {"draft": "closes_at", "open": "evaluation_due_at", "reserve": "reserve_list_ends_at"}
"""Which date of the call ends the wait in a state."""


def waiting_for(story: Story) -> str:
    """In words, the furthest stage first: the voucher's lifecycle tells of itself, with the money's steps beside it."""
    if story.lifecycle:
        return "; ".join([_lifecycle(story.lifecycle), *_money_steps(story)])
    if story.case and story.case["state"] in _CASES:
        return _CASES[story.case["state"]] + _until_date_of_call(story, story.case["state"])
    if story.application:
        return _file(story, story.application)
    return "what belongs to the call as a whole: see the events"


def _lifecycle(standing: dict[str, Any]) -> str:
    if standing["stage"] == "closed":
        return "nothing: the voucher is closed"
    ends = {"until": " until", "overdue_since": ", overdue since"}
    when = "".join(f"{words} {_day(standing[name])}" for name, words in ends.items() if standing.get(name))
    return f"{standing['acts_next']} acts next (the voucher is {standing['stage']}){when}"


def _money_steps(story: Story) -> list[str]:
    checks = [f"a claim's check by an officer until {_day(claim['check_by'])}" for claim in story.claims if claim["state"] == "lodged"]
    payments = [_PAYMENTS[item["state"]] for item in story.disbursements if item["state"] in _PAYMENTS]
    recoveries = ["the repayment of what is recovered" for recovery in story.recoveries if recovery["state"] == "ordered"]
    return list(dict.fromkeys([*checks, *payments, *recoveries]))


def _file(story: Story, application: dict[str, Any]) -> str:
    if application["state"] == "returned":
        return f"the completion by the applicant until {_day(application['repair_by'])}"
    state = application["state"]
    return _FILES.get(state, "the evaluation") + _until_date_of_call(story, state)


def _until_date_of_call(story: Story, state: str) -> str:
    """The date as it was last set: an extension of the call moves it."""
    dates = [event.body[_DATES[state]] for event in story.events if state in _DATES and _DATES[state] in event.body]
    return f" until {_day(dates[-1])}" if dates else ""


def _day(instant: str) -> str:
    return f"{datetime.fromisoformat(instant):%d %b %Y %H:%M} UTC"
