"""What is paid on the lines of a claim, and what a draft lacks."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.payments.domain.claim_lines import Document, Line, check_cut, check_fits, check_line, compute, evidence_of, gaps
from shared.kernel.errors import Refused
from shared.kernel.ids import new_id
from shared.kernel.money import Money
from shared.policy.schema import Policy
from tests.support.payments import NOON, policy_of

LINE = Line(1, "INV-1", date(2026, 2, 1), 10_000, 2_500, False, "EUR", 12_500, "2:a", date(2026, 2, 2), date(2026, 2, 3))
OPENS = datetime(2026, 1, 1, tzinfo=UTC)


def policy(intensity_bp: int = 8_000, **value: Any) -> Policy:
    found = policy_of("hr-koprivnica")
    return found.model_copy(update={"value": found.value.model_copy(update={"intensity_bp": intensity_bp, **value})})


@pytest.mark.parametrize(
    ("lines", "value", "before", "steps"),
    [
        ([LINE], 100_000, 0, (12_500, 0, 12_500, 10_000, 100_000, 10_000, 2_500)),
        ([LINE, replace(LINE, number=2, claimed_minor=3)], 100_000, 0, (12_503, 0, 12_503, 10_002, 100_000, 10_002, 2_501)),
        ([replace(LINE, cut_minor=2_500)], 100_000, 0, (12_500, 2_500, 10_000, 8_000, 100_000, 8_000, 2_000)),
        ([LINE], 9_000, 0, (12_500, 0, 12_500, 10_000, 9_000, 9_000, 3_500)),
        ([LINE], 9_000, 5_000, (12_500, 0, 12_500, 10_000, 4_000, 4_000, 8_500)),
        ([replace(LINE, cut_minor=12_500)], 9_000, 0, (12_500, 12_500, 0, 0, 9_000, 0, 0)),
        ([LINE], 9_000, 9_000, (12_500, 0, 12_500, 10_000, 0, 0, 12_500)),
        ([], 9_000, 0, (0, 0, 0, 0, 9_000, 0, 0)),
    ],
)
def test_each_step_of_what_is_paid(lines: list[Line], value: int, before: int, steps: tuple[int, ...]) -> None:
    sums = compute(lines, policy(), value, before)
    got = (
        sums.claimed_minor, sums.cut_minor, sums.eligible_minor, sums.aid_minor, sums.left_minor, sums.paid_minor, sums.own_minor
    )  # fmt: skip
    assert got == steps


def test_line_says_what_is_left_out() -> None:
    recovered = replace(LINE, vat_recoverable=True, claimed_minor=9_000, cut_minor=1_000)
    [shown] = compute([recovered], policy(), 100_000, 0).lines
    assert (shown.invoiced_minor, shown.vat_left_out_minor, shown.not_claimed_minor, shown.eligible_minor) == (12_500, 2_500, 1_000, 8_000)
    [foreign] = compute([replace(recovered, currency="SEK")], policy(), 100_000, 0).lines
    assert (foreign.vat_left_out_minor, foreign.not_claimed_minor, foreign.eligible_minor) == (None, None, 8_000)


@pytest.mark.parametrize(
    ("change", "value", "code"),
    [
        ({}, {}, None),
        ({"vat_recoverable": True}, {}, "above-invoice"),
        ({"vat_recoverable": True}, {"recoverable_vat_eligible": True}, None),
        ({"vat_recoverable": True, "claimed_minor": 10_000}, {}, None),
        ({"claimed_minor": 12_501}, {}, "above-invoice"),
        ({"claimed_minor": 99_999, "currency": "SEK"}, {}, None),
        ({"reference": "---"}, {}, "unusable-invoice-number"),
        ({"paid_on": date(2026, 3, 3)}, {}, "evidence-in-future"),
        ({"issued_on": date(2025, 12, 31)}, {}, "evidence-too-old"),
    ],
)
def test_line_that_cannot_be_saved(change: dict[str, Any], value: dict[str, Any], code: str | None) -> None:
    line = replace(LINE, **change)
    if code is None:
        check_line(line, policy(**value), OPENS, NOON)
        return
    with pytest.raises(Refused) as refused:
        check_line(line, policy(**value), OPENS, NOON)
    assert refused.value.code == code


def test_lines_of_a_draft_fit_together() -> None:
    check_fits([LINE, replace(LINE, number=2, reference="INV-2")])
    for lines, code in (([LINE, replace(LINE, number=2, reference="inv 1")], "invoice-repeated"), ([LINE] * 31, "too-many-claim-lines")):
        with pytest.raises(Refused) as refused:
            check_fits(lines)
        assert refused.value.code == code


def test_gaps_are_all_named() -> None:
    rules = policy()
    assert [gap.refusal.code for gap in gaps([], [], False, rules)] == ["no-lines", "payee-missing"]
    line = replace(LINE, currency="SEK", paid_on=None)
    found = [(gap.refusal.code, gap.line) for gap in gaps([line], [], True, rules)]
    assert found[:2] == [("invoice-file-missing", 1), ("payment-file-missing", 1)]
    assert "evidence-missing" in {code for code, _ in found}
    whole = [Document(1, new_id(), kind, f"{number:064x}") for number, kind in enumerate(("proof-of-payment", *rules.claims.evidence))]
    assert gaps([replace(line, paid_on=date(2026, 2, 3))], whole, True, rules) == []


def test_evidence_is_dated_by_what_it_proves() -> None:
    documents = [
        Document(1, new_id(), kind, f"{number:064x}") for number, kind in enumerate(("invoice", "proof-of-payment", "deliverable"))
    ]
    invoice, payment, deliverable = evidence_of([LINE], documents, "EUR")
    assert [one.issued_on.day for one in (invoice, payment, deliverable)] == [1, 3, 2]
    assert [one.amount_minor for one in (invoice, payment, deliverable)] == [12_500, 0, 0]
    assert (invoice.issuer_hash, payment.issuer_hash, payment.reference) == ("2:a", None, "INV-1")
    assert evidence_of([replace(LINE, currency="SEK", claimed_minor=77)], documents[:1], "EUR")[0].amount_minor == 77


@pytest.mark.parametrize(
    ("cut", "reason", "code"), [(101, "x", "cut-above-line"), (1, " ", "cut-without-reason"), (1, None, "cut-without-reason")]
)
def test_cut_has_a_bound_and_a_reason(cut: int, reason: str | None, code: str) -> None:
    check_cut(Money(100, "EUR"), 100, "x")
    check_cut(Money(100, "EUR"), 0, None)
    with pytest.raises(Refused) as refused:
        check_cut(Money(100, "EUR"), cut, reason)
    assert refused.value.code == code
