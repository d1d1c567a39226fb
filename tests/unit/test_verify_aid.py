"""The check of state aid finds aid above the ceiling, and aid that does not follow the money."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from operations.verify.bank_files import BankSide
from operations.verify.facts import Facts
from operations.verify.invariant_3_aid import aid
from tests.support.applications import BOOK

POLICY = next(policy for policy in BOOK.all() if policy.region == "hr-koprivnica")
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
        entry = {"voucher_id": f"v{number}", **own, "member_state": "HR", "amount_minor": AMOUNT, "eur_minor": AMOUNT, "granted_on": day}
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
