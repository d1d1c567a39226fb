"""What a line of the bank says for itself, which of its words are kept, and what its parts have to come to."""

from contextlib import nullcontext
from dataclasses import replace
from uuid import UUID

import pytest

from services.payments.domain.bank_lines import BankLine, KnownAttempt, LineOutcome, match_line
from services.payments.domain.bank_words import words_to_keep
from services.payments.domain.contradictions import BOOKS, ProposedResolution, bookings
from services.payments.domain.ledger import OPPOSITES, REGION_MOVES, RegionAccount, RegionEntryKind, drawn_from, region_postings
from services.payments.domain.line_evidence import findings
from services.payments.domain.line_parts import LinePart, check_parts, rest_of
from services.payments.domain.status import AttemptState, PaymentEvent
from shared.kernel.errors import Refused
from shared.kernel.money import Money

D, D2, A, A2, B = (UUID(int=0xABC0 + number) for number in range(5))
SENT = KnownAttempt(A, D, B, AttemptState.SENT, "HR01", Money(10_000, "EUR"))
LINE = BankLine(PaymentEvent.BOOKED, end_to_end_id=D.hex, instr_id=A.hex, account="HR01", amount=Money(10_000, "EUR"))
R = ProposedResolution
EVIDENCE = [
    ({}, ["names-attempt", "names-payment", "amount-agrees", "account-agrees"]),
    ({"instr_id": "NOTPROVIDED", "amount": Money(9_999, "EUR")}, ["names-payment", "amount-differs", "account-agrees"]),
    ({"instr_id": A2.hex, "account": "HR02"}, ["names-payment", "names-another", "amount-agrees", "account-differs"]),
    ({"pmt_inf_id": f"{D2.hex}-1"}, ["names-attempt", "names-payment", "names-batch", "names-another", "amount-agrees", "account-agrees"]),
    ({"end_to_end_id": None, "instr_id": None}, ["named-in-text", "amount-agrees", "account-agrees"]),
]


@pytest.mark.parametrize(("change", "found"), EVIDENCE)
def test_line_says_why_it_was_matched_or_not(change: dict[str, object], found: list[str]) -> None:
    line = replace(LINE, **change)  # type: ignore[arg-type]
    assert list(findings(line, [SENT], match_line(line, [SENT]))) == found


@pytest.mark.parametrize(("reference", "found"), [("RENT", ["foreign-references"]), (None, ["no-references"]), (D2.hex, ["names-another"])])
def test_line_of_nobody_says_so(reference: str | None, found: list[str]) -> None:
    line = BankLine(PaymentEvent.BOOKED, end_to_end_id=reference, amount=Money(1, "EUR"))
    assert list(findings(line, [], match_line(line, []))) == found


def test_words_are_kept_once_and_only_where_they_help() -> None:
    ours = f"Voucher KOP-7F3K-92QM-5 payment {D.hex}"
    line = replace(LINE, words=("closed", " closed ", ours), remittance=(f"{ours} Ana", "x" * 600), party="Ana")
    assert words_to_keep(line, LineOutcome.REPEATED) == {}
    assert words_to_keep(line, LineOutcome.APPLIED) == {"bank": ["closed"]}
    assert words_to_keep(line, LineOutcome.UNMATCHED) == {"bank": ["closed"], "text": ["Ana", "x" * 500], "party": ["Ana"]}


PARTS = [
    ((LinePart(R.INCOME, 5), LinePart(R.CAME_BACK, 5)), True, ""),
    ((LinePart(R.INCOME, 10),), True, "too-few-parts"),
    ((LinePart(R.INCOME, 1),) * 21, True, "too-many-parts"),
    ((LinePart(R.INCOME, 5), LinePart(R.CAME_BACK, 4)), True, "parts-differ"),
    ((LinePart(R.MATCHED, 5, D), LinePart(R.MATCHED, 5, D)), False, "part-twice"),
    ((LinePart(R.RECOVERY, 5, recovery_id=D), LinePart(R.RECOVERY, 5, recovery_id=D2)), True, "one-recovery-a-line"),
    ((LinePart(R.SPLIT, 5), LinePart(R.INCOME, 5)), True, "part-not-possible"),
    ((LinePart(R.CHARGE, 5), LinePart(R.INCOME, 5)), True, "not-a-debit"),
    ((LinePart(R.CHARGE, 5), LinePart(R.INCOME, 5)), False, "not-a-credit"),
    ((LinePart(R.CHARGE, 5), LinePart(R.TO_COME_BACK, 5)), False, ""),
]


@pytest.mark.parametrize(("parts", "is_credit", "code"), PARTS)
def test_parts_come_to_the_line(parts: tuple[LinePart, ...], is_credit: bool, code: str) -> None:
    with pytest.raises(Refused) if code else nullcontext() as refused:
        check_parts(parts, Money(10, "EUR"), is_credit=is_credit)
    assert (refused.value.code if refused else "") == code


@pytest.mark.parametrize(("came", "currency"), [(100, "EUR"), (101, "EUR"), (50, "PLN")])
def test_whole_return_is_none_in_part(came: int, currency: str) -> None:
    assert rest_of(Money(100, "EUR"), Money(95, "EUR")) == Money(5, "EUR")
    with pytest.raises(Refused) as refused:
        rest_of(Money(100, "EUR"), Money(came, currency))
    assert refused.value.code == "not-in-part"


@pytest.mark.parametrize("kind", list(OPPOSITES))
def test_each_entry_of_a_region_has_its_opposite(kind: RegionEntryKind) -> None:
    """One of the two is bounded by what the other one booked, so that nothing is undone twice."""
    both = [region_postings(one, 7) for one in (kind, OPPOSITES[kind])]
    assert {account: sum(sides[account] for sides in both) for account in both[0]} == dict.fromkeys(REGION_MOVES[kind], 0)
    assert [drawn_from(kind), drawn_from(OPPOSITES[kind])].count(None) == 1


def test_money_out_is_charged_or_owed_and_money_in_is_not() -> None:
    out, into = bookings(is_credit=False), bookings(is_credit=True)
    assert set(out) == {R.SENT_BACK, R.CHARGE, R.TO_COME_BACK}
    assert set(into) == {R.INCOME, R.RETURNED_TO_SENDER, R.CAME_BACK}
    assert all(REGION_MOVES[kind].target is RegionAccount.CLEARING for kind in out.values())
    assert all(REGION_MOVES[kind].source is RegionAccount.CLEARING for kind in into.values())
    assert len(out) + len(into) == len(BOOKS)


@pytest.mark.parametrize(("more", "found"), [(0, "returned"), (1, "second-debit-returned")])
def test_return_of_a_second_debit_is_none_of_the_payment(more: int, found: str) -> None:
    paid = replace(SENT, state=AttemptState.PAID, second_debits=more)
    assert match_line(replace(LINE, event=PaymentEvent.RETURNED), [paid]).reason == found
