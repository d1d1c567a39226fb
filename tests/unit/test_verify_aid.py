"""The check of state aid finds aid above the ceiling, and aid that does not follow the money."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from operations.verify.bank_files import BankSide
from operations.verify.facts import Facts, Logged
from operations.verify.invariant_3_aid import aid
from tests.support.applications import BOOK
from tests.support.policies import policy_named

POLICY = policy_named(BOOK, "hr-koprivnica/digital-voucher")
NOW = datetime(2026, 3, 2, tzinfo=UTC)
AMOUNT = POLICY.de_minimis.ceiling_minor // 2


def facts(*granted_on: date | None, **changed: Any) -> Facts:
    """Vouchers of two organisation ids in turn, with one tax number, each of half of the ceiling; `changed`: of the first one's aid."""
    entries: list[dict[str, Any]] = []
    vouchers: list[dict[str, Any]] = []
    for number, day in enumerate(granted_on):
        own = {"organisation_id": f"firm-{number % 2}", "region": POLICY.region, "currency": "EUR", "policy_id": POLICY.id}
        money = {"drawn_minor": AMOUNT, "released_minor": 0, "recovered_minor": 0, "state": "issued" if day else "reserved"}
        vouchers.append({"id": f"v{number}", **own, **money})
        entry = {
            "voucher_id": f"v{number}",
            "money_of": f"v{number}",
            **own,
            "member_state": "HR",
            "amount_minor": AMOUNT,
            "eur_minor": AMOUNT,
            "granted_on": day,
        }
        entries.append({**entry, "state": "granted" if day else "reserved", "reserved_at": NOW})
    entries[0] |= changed
    edges = [{"one_node": f"organisation:firm-{number}", "other_node": "number:a", "kind": "same-number"} for number in range(2)]
    tables = {"payments.aid_entries": entries, "payments.vouchers": vouchers, "payments.undertaking_edges": edges}
    return Facts({}, tables, BankSide(), {POLICY.id: POLICY})


@pytest.mark.parametrize("days", [(date(2026, 1, 5), None), (date(2026, 1, 5), date(2026, 2, 1), date(2029, 2, 1)), (None, None)])
def test_aid_within_the_ceiling_passes(days: tuple[date | None, ...]) -> None:
    assert list(aid(facts(*days))) == []


@pytest.mark.parametrize(
    ("days", "changed", "found"),
    [
        ((date(2026, 1, 5), date(2026, 2, 1), date(2029, 1, 4)), {}, "v2"),  # a day too early
        ((date(2026, 1, 5), date(2026, 2, 1), None), {}, "v2"),
        ((None, None, None), {}, "v2"),
        ((date(2026, 1, 5),), {"amount_minor": AMOUNT - 1}, "v0"),
        ((date(2026, 1, 5),), {"state": "reserved"}, "v0"),
        ((date(2026, 1, 5),), {"currency": "DKK"}, "v0"),
    ],
)
def test_breach_of_state_aid_is_found(days: tuple[date | None, ...], changed: dict[str, Any], found: str) -> None:
    assert {each[0] for each in aid(facts(*days, **changed))} == {f"voucher {found}"}


def in_kind(*, answered: str = "AidReserved", accepted: bool = True, returned: int = 40, **changed: Any) -> Facts:
    """One award of hours, worth 100, of which 40 went back at the end, beside one of money of half of the ceiling."""
    known = facts(date(2026, 1, 5))
    names = ["UnitsReserved", answered, *(["VoucherAccepted"] if accepted else []), *(["UnitsReleased"] if returned else [])]
    log = [
        Logged("s", number, f"e{number}", "t", "k", f"s.{name}.v1", NOW, "system", "r", "p", "c", None, True, {
            "voucher_id": "hours", "amount_minor": returned if name == "UnitsReleased" else 100})
        for number, name in enumerate(names)
    ]  # fmt: skip
    entry = {**known.rows("payments.aid_entries")[0], "voucher_id": "hours", "money_of": None, "amount_minor": 60, "eur_minor": 60}
    tables = {**known.tables, "payments.aid_entries": [*known.rows("payments.aid_entries"), {**entry, **changed}]}
    return Facts({"vouchers": log}, tables, BankSide(), known.policies)


REFUSED = {"amount_minor": 0, "eur_minor": 0, "state": "released", "granted_on": None}


@pytest.mark.parametrize(
    ("changed", "breached"),
    [
        ({}, False),
        ({"answered": "AidReservationRefused", "accepted": False, "returned": 0, **REFUSED}, False),
        ({"accepted": False, "returned": 0, "amount_minor": 100, "state": "reserved", "granted_on": None}, False),
        ({"answered": "AidReservationRefused", "returned": 0}, True),  # refused, and counted all the same
        ({"returned": 0}, True),  # nothing went back
        ({"answered": "VoucherOffered"}, True),  # nobody asked whether the ceiling allows it
        ({"eur_minor": AMOUNT + 1}, True),  # above the ceiling, together with the money
    ],
)
def test_aid_in_kind_follows_its_voucher(changed: dict[str, Any], breached: bool) -> None:
    assert bool(list(aid(in_kind(**changed)))) is breached
