"""The check of state aid of linked firms: by the links and declarations that payments knew when it reserved."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from operations.verify.bank_files import BankSide
from operations.verify.facts import Facts, Logged
from operations.verify.invariant_3_undertakings import undertakings
from tests.unit.test_verify_aid import NOW, POLICY

CEILING = POLICY.de_minimis.ceiling_minor
ASKED = CEILING // 10


def logged(number: int, name: str, cause: str | None = None, **body: Any) -> Logged:
    return Logged("s", number, f"e{number}", "t", "k", f"s.{name}.v1", NOW, "system", "r", "p", "c", cause, True, body)


def facts(
    *, link_first: bool = True, ended: bool = False, declared: int = CEILING - ASKED, state: str = "granted", second: str = "FundsReserved"
) -> Facts:
    """Two firms with a number each, one link between the numbers, and an award to each; the first declares aid of others."""
    aid = [{"granted_on": "2025-06-01", "amount_minor": declared}]
    link = {"link_id": "l", "own_number": "n0", "other_number": "n1", "valid_until": None}
    events = [
        logged(1, "ApplicationFoundEligible", organisation_id="firm-0", currency="EUR", declared_aid=aid),
        logged(2, "ApplicationFoundEligible", organisation_id="firm-1", currency="EUR", declared_aid=[]),
        logged(3, "UndertakingLinkRecorded", **link),
        *([logged(4, "UndertakingLinkRecorded", **link | {"valid_until": "2026-01-01"})] if ended else []),
        *(logged(7 + n, name, f"e{5 + n}", voucher_id=f"v{n}") for n, name in enumerate(("FundsReserved", second))),
    ]
    moments = {1: 0, 2: 0, 3: 1 if link_first else 9, 4: 2, 5: 3, 6: 4}
    entry = {
        "member_state": "HR",
        "policy_id": POLICY.id,
        "eur_minor": ASKED,
        "amount_minor": ASKED,
        "granted_on": None,
        "reserved_at": NOW,
    }
    tables = {
        "payments.inbox": [
            {"event_id": f"e{number}", "received_at": datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)}
            for number, minute in moments.items()
        ],
        "payments.aid_entries": [
            {**entry, "voucher_id": f"v{number}", "organisation_id": f"firm-{number}", "state": state if number else "granted"}
            for number in range(2)
        ],
        "payments.undertaking_edges": [
            {"one_node": f"organisation:firm-{number}", "other_node": f"number:n{number}", "kind": "same-number"} for number in range(2)
        ],
    }
    return Facts({"s": events}, tables, BankSide(), {POLICY.id: POLICY})


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, ["voucher v1"]),
        ({"declared": CEILING - 2 * ASKED}, []),
        ({"link_first": False}, []),  # nobody knew of it
        ({"ended": True}, []),
        ({"state": "released"}, []),
        ({"declared": CEILING}, ["voucher v0", "voucher v1"]),
        ({"second": "AidReserved"}, ["voucher v1"]),
    ],
    ids=["above", "fits", "link-later", "link-ended", "released", "both-above", "in-kind"],
)
def test_award_to_a_linked_firm_above_the_ceiling_is_found(changed: dict[str, Any], found: list[str]) -> None:
    assert [subject for subject, _ in undertakings(facts(**changed))] == found
