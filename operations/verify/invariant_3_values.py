"""3, for granted changes of the amount: a voucher is worth what was last booked, and the envelope gave or got exactly the difference."""

from collections import Counter
from collections.abc import Sequence

from operations.verify.breach import Found
from operations.verify.facts import Facts, Logged, grouped


def values(facts: Facts) -> Found:
    changes = grouped(facts.named("VoucherValueChanged"), lambda event: event.body["voucher_id"])
    added, released = _sums(facts.named("FundsAdded")), _sums(facts.named("FundsReleased"), "amount-changed")
    theirs = facts.by("vouchers.vouchers", "id")
    for row in facts.rows("payments.vouchers"):
        voucher, booked, subject = row["id"], changes.get(row["id"], []), f"voucher {row['id']}"
        yield from _steps(subject, row["amount_minor"], booked, added[voucher], released[voucher])
        worth = booked[-1].body["amount_minor"] if booked else row["amount_minor"]
        drawn = row["amount_minor"] + added[voucher]
        if (row["value_minor"], row["drawn_minor"]) != (worth, drawn):
            yield subject, f"is worth {row['value_minor']} of {row['drawn_minor']} in its row, and {worth} of {drawn} by its events"
        if row["claimed_minor"] > row["value_minor"]:
            yield subject, f"has claims of {row['claimed_minor']}, more than its value of {row['value_minor']}"
        if voucher in theirs and theirs[voucher]["value_minor"] != row["value_minor"]:
            yield subject, f"is worth {theirs[voucher]['value_minor']} in vouchers and {row['value_minor']} in payments", True
    yield from _granted(facts)


def _sums(events: Sequence[Logged], reason: str | None = None) -> Counter[str]:
    sums: Counter[str] = Counter()
    for event in events:
        if reason in (None, event.reason):
            sums[event.body["voucher_id"]] += event.body["amount_minor"]
    return sums


def _granted(facts: Facts) -> Found:
    asked = {event.body["change_id"]: event.body["amount_minor"] for event in facts.named("AmountChangeRequested")}
    for event in facts.named("VoucherValueChanged"):
        if asked.get(event.body["change_id"]) != event.body["amount_minor"]:
            yield f"voucher {event.body['voucher_id']}", f"{event} was granted by no officer"


def _steps(subject: str, amount: int, booked: Sequence[Logged], added: int, released: int) -> Found:
    worth = amount
    more = less = 0
    for event in booked:
        if event.body["previous_minor"] != worth:
            yield subject, f"{event} begins at {event.body['previous_minor']}, it was worth {worth}"
        worth = event.body["amount_minor"]
        more += max(0, worth - event.body["previous_minor"])
        less += max(0, event.body["previous_minor"] - worth)
    if (more, less) != (added, released):
        yield subject, f"its changes come to {more} more and {less} less, the envelope gave {added} and got {released}"
