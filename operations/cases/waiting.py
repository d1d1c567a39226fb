"""What a case waits for now, from whom, and until when."""

from datetime import datetime
from typing import Any

from operations.cases.gather import CaseHistory

_PAYMENTS = {
    "prepared": "the approval of a payment, from finance",
    "approved": "a payment batch, from finance",
    "sealed": "the sending of a payment batch, from the platform",
    "sent": "the bank's answer",
    "accepted": "the bank's booking",
    "rejected": "a corrected account, then another attempt, from finance",
    "returned": "a corrected account, then another attempt, from finance",
    "unknown": "the bank's statement: a payment is unanswered and is being enquired about",
}
_APPLICATIONS = {
    "draft": "the submission, from the applicant",
    "submitted": "the screening, from an officer",
    "withdrawn": "nothing: the application was withdrawn",
    "ineligible": "nothing: the application was found ineligible",
}
_CASES = {
    "open": "score sheets, from the evaluators",
    "evaluated": "the approval of the ranking by an officer, and the end of the appeal period",
    "reserve": "released money, for the reserve list",
    "refused": "nothing: no award was made",
}
_DATES = {"draft": "closes_at", "open": "evaluation_due_at", "reserve": "reserve_list_ends_at"}
"""State → the date of the call that ends the wait."""


def waiting_for(history: CaseHistory) -> str:
    """In words, for the last stage that the case has reached: the voucher with its payments, the evaluation, or the application."""
    if history.lifecycle:
        return "; ".join([_lifecycle(history, history.lifecycle), *_money_steps(history)])
    if history.case and history.case["state"] in _CASES:
        return _CASES[history.case["state"]] + _until_date_of_call(history, history.case["state"])
    if history.application:
        return _application(history, history.application)
    return "nothing of its own: see the events of the call"


def _lifecycle(history: CaseHistory, status: dict[str, Any]) -> str:
    if status["stage"] == "closed":
        return "nothing: the voucher is closed"
    if status["stage"] == "requested" and (history.envelope or {}).get("awaits_confirmation"):
        return "the confirmation of the call's envelope, from finance: it is above the ceiling of the policy"
    ends = {"until": " until", "overdue_since": ", overdue since"}
    when = "".join(f"{words} {_day(status[name])}" for name, words in ends.items() if status.get(name))
    return f"{status['acts_next']} acts next (the voucher is {status['stage']}){when}"


def _money_steps(history: CaseHistory) -> list[str]:
    checks = [f"a claim's check by an officer until {_day(claim['check_by'])}" for claim in history.claims if claim["state"] == "lodged"]
    checks += [
        f"the correction of a claim by the beneficiary until {_day(claim['correct_by'])}"
        for claim in history.claims
        if claim["state"] == "returned"
    ]
    payments = [_payment(item) for item in history.disbursements if item["state"] in _PAYMENTS]
    recoveries = ["the repayment of a recovery, from the beneficiary" for recovery in history.recoveries if recovery["state"] == "ordered"]
    return list(dict.fromkeys([*checks, *payments, *recoveries]))


def _payment(item: dict[str, Any]) -> str:
    match item.get("waits_for"):
        case "bank-line-open":
            return f"a decision on a contradicting line of the bank ({item['open_line_id']}), from finance"
        case "statement-awaited":
            return f"the bank's statement of {item['statement_day']} after a rejection, or a second person's confirmation, from finance"
    return _PAYMENTS[item["state"]]


def _application(history: CaseHistory, application: dict[str, Any]) -> str:
    if application["state"] == "returned":
        return f"the completion by the applicant until {_day(application['repair_by'])}"
    state = application["state"]
    return _APPLICATIONS.get(state, "the evaluation") + _until_date_of_call(history, state)


def _until_date_of_call(history: CaseHistory, state: str) -> str:
    """The date in its last version: an extension of the call moves it."""
    dates = [event.body[_DATES[state]] for event in history.events if state in _DATES and _DATES[state] in event.body]
    return f" until {_day(dates[-1])}" if dates else ""


def _day(instant: str) -> str:
    return f"{datetime.fromisoformat(instant):%d %b %Y %H:%M} UTC"
