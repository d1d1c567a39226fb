"""The rows "Claims" of the cases of the rules: remainders of roundings, one invoice once, dates of the voucher, related parties."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payments.domain.claim_lines import check_line
from services.payments.domain.expenditure_window import VoucherDates, check_days, window_of
from services.payments.domain.invoices import Invoice, is_similar, is_used, plain_key, repeats_itself
from services.payments.domain.related_parties import ACCOUNT, refuse_related, related_by, tax_number_of_issuer
from services.payments.domain.remainders import NOTHING, Earlier, counted, most_due, remainder
from shared.classifications.identity_keys import relation_hash
from shared.kernel.errors import Refused
from shared.kernel.invoice_numbers import issuer_hash, number_key
from shared.kernel.money import Money
from shared.policy.schema import Policy
from shared.policy.sections import ClaimDates
from tests.support.payments import policy_of
from tests.unit.test_claim_lines import LINE

KEY = bytes(32)


def euros(minor: int) -> Money:
    return Money(minor, "EUR")


def due(eligible: int, earlier: Earlier, rate: int) -> int:
    return euros(eligible).share(rate).minor + remainder(euros(eligible), earlier, rate)


def test_last_of_three_claims_takes_the_remainder() -> None:
    """3 × 333.33 at 80 %: 799.99."""
    paid, earlier = [], NOTHING
    for _ in range(3):
        paid.append(due(33_333, earlier, 8_000))
        earlier += counted(euros(33_333), paid[-1], 8_000)
    assert (paid, sum(paid)) == ([26_666, 26_666, 26_667], 79_999)


@given(st.lists(st.integers(1, 10_000_00), min_size=1, max_size=12), st.integers(1, 10_000))
def test_parts_of_a_split_end_equal_to_the_share(parts: list[int], rate: int) -> None:
    earlier, whole = NOTHING, 0
    for part in parts:
        aid = due(part, earlier, rate)
        earlier += counted(euros(part), aid, rate)
        whole += part
        assert earlier.aid_minor == euros(whole).share(rate).minor


@given(st.lists(st.tuples(st.integers(1, 99_999), st.integers(0, 99_999), st.booleans()), min_size=1, max_size=8), st.integers(1, 10_000),
       st.randoms(use_true_random=False))  # fmt: skip
def test_what_is_granted_never_exceeds_the_share(claims: list[tuple[int, int, bool]], rate: int, random: Any) -> None:
    """Whatever is cut or rejected, and in whatever order officers decide: all were lodged before the first decision."""
    asked, lodged = NOTHING, []
    for eligible, cut, rejected in claims:
        requested = due(eligible, asked, rate)
        asked += counted(euros(eligible), requested, rate)
        lodged.append((requested, max(0, eligible - cut), rejected))
    random.shuffle(lodged)
    accepted = NOTHING
    for requested, left, rejected in lodged:
        if not rejected:
            granted = min(requested, most_due(euros(left), accepted, rate))
            accepted += counted(euros(left), granted, rate)
        assert accepted.aid_minor <= euros(accepted.eligible_minor).share(rate).minor


def test_claim_that_asked_for_less_leaves_no_remainder_of_it() -> None:
    earlier = counted(euros(100_000), 1_000, 8_000)
    assert (earlier.aid_minor, due(33_333, earlier, 8_000)) == (80_000, 26_666)
    assert remainder(euros(0), Earlier(1, 0, 1), 8_000) == 0


INVOICE = Invoice("202617", 20_000, date(2026, 3, 1), "2:seller", plain_key="2026/17")


@pytest.mark.parametrize(
    ("reference", "change", "used"),
    [
        ("2026/17", {}, True),
        ("2026-17", {"issued_on": date(2026, 2, 28), "amount_minor": 1}, True),
        ("FV 2026/017", {}, True),
        ("Faktura nr 2026/17", {}, True),
        ("Τιμολόγιο 2026/17", {}, True),
        ("ΤΔΑ αρ. 2026/17", {}, True),
        ("Faktura VAT nr 2026/17", {}, True),
        ("Račun br. 2026/17", {}, True),
        ("Fakturanr. 2026/17", {}, True),
        ("Factuurnummer: 2026/017", {}, True),
        ("2O26/17", {}, True),
        ("2026/I7", {}, True),
        ("Fa 2026/l7", {}, True),
        ("L2026/17", {}, False),
        ("A-2026/17", {}, False),
        ("2026/18", {}, False),
        ("FV 2026/017", {"amount_minor": 20_001}, False),
        ("FV 2026/017", {"issuer_hash": "2:another"}, False),
        ("2026/17", {"issued_on": date(2025, 3, 1)}, False),
    ],
)
def test_invoice_again_by_its_own_claimant_is_refused(reference: str, change: dict[str, Any], used: bool) -> None:
    again = replace(INVOICE, number_key=number_key(reference), plain_key=plain_key(reference), **change)
    assert is_used([again], [INVOICE]) is repeats_itself([INVOICE, again]) is used
    if used:
        assert is_similar(again, replace(INVOICE, organisation_id=None)), "of another claimant it is put before the checker"


def test_invoice_of_another_claimant_is_put_before_the_checker() -> None:
    late = replace(INVOICE, issued_on=date(2026, 12, 1), amount_minor=1)
    assert is_similar(late, INVOICE)


SPELLINGS = [("EL 012 345 678", "12345678"), ("BE 0400.000.097", "400000097"), ("GR012345678", "EL12345678")]


@pytest.mark.parametrize(("one", "other"), SPELLINGS)
def test_seller_is_found_however_its_number_is_typed(one: str, other: str) -> None:
    assert issuer_hash(KEY, one) == issuer_hash(KEY, other)
    assert tax_number_of_issuer(issuer_hash(KEY, one)) == [("tax-number", relation_hash(KEY, "tax-number", other))]


NUMBERS = {
    "123456783": (("", "EL", "GR", "ΕΛ"), ("", "ΑΦΜ", "AFM", "VAT")), "12345678903": (("", "HR"), ("", "OIB", "PDV ID")),
    "6760000000": (("", "PL"), ("", "NIP", "VAT")), "13585628": (("", "DK"), ("", "CVR", "CVR-nr.", "SE-nr.")),
    "0400000097": (("", "BE"), ("", "BTW", "TVA", "KBO", "BTW-nr.")),
}  # fmt: skip
"""Of each country of the programme: a number, its prefixes, and what it is called."""


@given(st.sampled_from(sorted(NUMBERS)), st.data(), st.sampled_from(["", " ", "-", ".", "\u00a0", "\u2013", "\u200b", "/"]), st.booleans())
def test_issuer_has_one_hash_for_every_spelling_drawn(number: str, data: st.DataObject, between: str, small: bool) -> None:
    """Only the hash is kept and sent, in whatever region and service it is made: it finds the claims and the relations of the issuer."""
    prefixes, names = NUMBERS[number]
    places = data.draw(st.sets(st.integers(1, len(number) - 1), max_size=4))
    spaced = "".join(between + digit if place in places else digit for place, digit in enumerate(number))
    typed = f"{data.draw(st.sampled_from(names))} {data.draw(st.sampled_from(prefixes))}{between}{spaced}"
    typed = typed.lower() if small else typed
    assert issuer_hash(KEY, typed) == issuer_hash(KEY, number)
    assert tax_number_of_issuer(issuer_hash(KEY, typed)) == [("tax-number", relation_hash(KEY, "tax-number", number))]


def with_dates(**spans: tuple[str, str]) -> Policy:
    usual = {"issued": ("issue", "validity"), "delivered": ("issue", "validity"), "paid": ("issue", "claim-window")} | spans
    found = policy_of("hr-koprivnica")
    dates = ClaimDates.model_validate({name: {"first": first, "last": last} for name, (first, last) in usual.items()})
    return found.model_copy(update={"claims": found.claims.model_copy(update={"dates": dates})})


DATES = VoucherDates(
    call_opens_at=datetime(2025, 12, 1, tzinfo=UTC),
    issued_at=datetime(2026, 1, 19, 23, 30, tzinfo=UTC),  # 20 January in Zagreb
    valid_until=datetime(2026, 1, 31, 23, tzinfo=UTC),  # the end of 31 January
    claim_window_until=datetime(2026, 2, 10, 23, tzinfo=UTC),
)


@pytest.mark.parametrize(
    ("field", "day", "code"),
    [
        ("issued_on", date(2015, 5, 4), "before-expenditure"),
        ("issued_on", date(2026, 1, 19), "before-expenditure"),
        ("issued_on", date(2026, 1, 20), None),
        ("issued_on", date(2026, 1, 31), None),
        ("issued_on", date(2026, 2, 1), "after-expenditure"),
        ("delivered_on", date(2026, 1, 19), "before-expenditure"),
        ("delivered_on", date(2026, 2, 1), "after-expenditure"),
        ("paid_on", date(2026, 1, 19), "before-expenditure"),
        ("paid_on", date(2026, 2, 10), None),
        ("paid_on", date(2026, 2, 11), "after-expenditure"),
    ],
)
def test_date_outside_the_window_is_refused_at_its_field(field: str, day: date, code: str | None) -> None:
    policy = with_dates()
    line = replace(LINE, issued_on=date(2026, 1, 25), delivered_on=None, paid_on=None)
    line, now = replace(line, **{field: day}), datetime(2026, 2, 20, tzinfo=UTC)
    if code is None:
        check_line(line, policy, None, now, window=window_of(policy, DATES))
        return
    with pytest.raises(Refused) as refused:
        check_line(line, policy, None, now, window=window_of(policy, DATES))
    assert (refused.value.code, refused.value.field) == (code, field)


def test_window_is_the_policys_and_absent_where_it_says_nothing() -> None:
    assert window_of(policy_of("hr-koprivnica"), DATES) is None
    wide = window_of(with_dates(issued=("call-opens", "claim-window")), DATES)
    check_days(wide, {"issued_on": date(2025, 12, 1)}, {"issued_on": "x"})
    unknown = window_of(with_dates(), replace(DATES, issued_at=None, valid_until=None))
    assert unknown is not None
    assert (unknown.issued.first, unknown.issued.last) == (date(2025, 12, 1), date(2026, 2, 10)), "issued before its dates were kept"


@pytest.mark.parametrize(
    ("kind", "own", "theirs"),
    [
        ("tax-number", "HR12345678901", "123 456 78901"),
        ("owner", "Γιώργος Δείγμας", "ΔΕΙΓΜΑΣ ΓΙΩΡΓΟΣ"),
        ("address", "Trg bana 1 48000 Koprivnica HR", "TRG BANA 1, 48000 Koprivnica, HR"),
    ],
)
def test_related_provider_is_found_by_each_key(kind: str, own: str, theirs: str) -> None:
    mine, yours = [(kind, str(relation_hash(KEY, kind, value))) for value in (own, theirs)]
    kinds = related_by([mine, (ACCOUNT, "a")], [yours, (ACCOUNT, "b")])
    assert kinds == [kind]
    with pytest.raises(Refused) as refused:
        refuse_related(kinds, "payee_id")
    assert (refused.value.code, refused.value.field, refused.value.facts) == ("related-party", "payee_id", {"kinds": [kind]})
    assert related_by([("owner", "x")], [("address", "x")]) == []
    refuse_related([], "payee_id")
