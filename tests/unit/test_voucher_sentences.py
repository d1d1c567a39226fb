"""Every state of a voucher and of a payment has a sentence for its beneficiary, never a bare code."""

import re
from datetime import UTC, date, datetime
from typing import Any, get_args

import pytest

from portal.client.payments import BankReasonView, OwnPaymentView
from portal.client.vouchers import VoucherView
from portal.kit.pages import environment

AT, ZONE = datetime(2026, 3, 6, 23, tzinfo=UTC), "Europe/Zagreb"
STATES = get_args(VoucherView.model_fields["state"].annotation)
OUTCOMES = [one for kind in get_args(VoucherView.model_fields["outcome"].annotation) for one in get_args(kind)]
PAYMENTS = get_args(OwnPaymentView.model_fields["state"].annotation)
WAYS = [
    *({"state": state, "outcome": None} for state in STATES if state != "closed"),
    *({"state": "closed", "outcome": outcome} for outcome in OUTCOMES),
    {"state": "issued", "acts_next": "officer", "outcome": None},
    {"state": "accepted", "overdue_since": AT, "outcome": None},
]


def said(template: str, macro: str, *values: Any) -> str:
    module: Any = environment().get_template(template).make_module({"language": "en"})
    return " ".join(re.sub("<[^>]+>", "", str(getattr(module, macro)(*values))).split())


@pytest.mark.parametrize("way", WAYS, ids=lambda way: "-".join(str(value) for value in way.values() if isinstance(value, str)))
def test_state_of_a_voucher_has_a_sentence(way: dict[str, Any]) -> None:
    dates = dict.fromkeys(("answer_by", "valid_until", "claim_window_until"), AT)
    voucher = VoucherView.model_construct(**{"acts_next": "beneficiary", "overdue_since": None, **dates, **way})
    stage, holder = (said("kit/voucher-stage.html", macro, voucher, *more) for macro, more in (("stage", ()), ("holder", (ZONE,))))
    assert re.fullmatch(r"[A-Z][a-z ]+", stage)
    assert re.match(r"(You|Nobody|The |An )", holder)
    assert holder.endswith(".")
    assert "None" not in holder


@pytest.mark.parametrize("provider", [False, True])
@pytest.mark.parametrize("state", PAYMENTS)
def test_state_of_a_payment_has_a_sentence(state: str, provider: bool) -> None:
    reason = BankReasonView(code="AC04", meaning="The account is closed.", remedy="Give another one.")
    days = {"paid_on": date(2026, 3, 6), "returned_on": date(2026, 3, 9), "pay_by": AT}
    failed = state in ("rejected", "returned")
    given = {"approvals": 1, "approvals_needed": 2, "reason": reason if failed else None}
    payment = OwnPaymentView.model_construct(state=state, to_provider=provider, **given, **days)
    stage = said("applicant/payment.html", "payment_stage", payment)
    words = said("applicant/payment.html", "payment_words", payment, ZONE)
    assert stage[0].isupper()
    assert words.endswith(".")
    assert ("The account is closed." in words) == failed
    assert "AC04" not in words
