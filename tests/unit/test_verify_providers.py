"""`triptych verify` finds a provider that should not have been paid."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, cast

import pytest

from operations.verify.bank_files import BankSide
from operations.verify.facts import Facts
from operations.verify.invariant_5_providers import PROVIDER_CHECKS
from services.payments.domain.states import ProviderState
from tests.support.policies import BOOK, policy_named

REGION = "hr-koprivnica"
POLICY = policy_named(BOOK, "hr-koprivnica/digital-voucher", date(2026, 12, 1))
AT = datetime(2026, 12, 5, 12, tzinfo=UTC)
CORRECT: Mapping[str, dict[str, Any]] = {
    "providers": {
        "id": "p", "region": REGION, "organisation_id": "seller",
        "relations": {"owner": ["a"], "kin": ["k"], "itself": ["i"], "owned-by": ["o"]},
    },
    "provider_steps": {
        "provider_id": "p", "number": 1, "state": "approved", "services": ["design"], "since": date(2026, 12, 1), "until": None,
        "actor": "officer-1", "at": datetime(2026, 12, 1, tzinfo=UTC),
    },
    "applicants": {"application_id": "a", "organisation_id": "buyer", "region": REGION, "relations": {"owner": ["b"], "address": ["x"]}},
    "vouchers": {"id": "v", "application_id": "a", "policy_id": POLICY.id},
    "payees": {"id": "y", "kind": "provider", "organisation_id": "seller", "account": "1"},
    "claims": {"id": "c", "voucher_id": "v", "payee_id": "y"},
    "claims_of_orders": {"claim_id": "c", "order_id": "o"},
    "orders": {
        "id": "o", "voucher_id": "v", "region": REGION, "organisation_id": "buyer", "provider_id": "p", "service": "design",
        "provider_organisation_id": "seller", "redeemed_by": "seller-1", "redeemed_at": AT, "confirmed_by": "buyer-1", "confirmed_at": AT,
    },
}  # fmt: skip


def found(changed: Mapping[str, dict[str, Any]]) -> list[str]:
    """`changed`: table → other values of its row; an empty one takes the row away."""
    rows = {f"payments.{name}": [row | changed.get(name, {})] for name, row in CORRECT.items()}
    rows |= {f"payments.{name}": [] for name, values in changed.items() if not values}
    facts = Facts({}, rows, cast(BankSide, None), {POLICY.id: POLICY})
    return [detail for check in PROVIDER_CHECKS for _, detail in check(facts)]


def test_order_that_was_paid_as_it_should_be_is_no_breach() -> None:
    assert found({}) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"provider_steps": {"state": ProviderState.SUSPENDED}}, "not in the catalogue"),
        ({"provider_steps": {"since": date(2026, 12, 6)}}, "not in the catalogue"),
        ({"provider_steps": {"until": date(2026, 12, 4)}}, "not in the catalogue"),
        ({"provider_steps": {"at": datetime(2026, 12, 6, tzinfo=UTC)}}, "not in the catalogue"),
        ({"orders": {"service": "training"}}, "not in the catalogue for training"),
        ({"applicants": {"relations": {"owner": ["a"]}}}, "related to the beneficiary: owner"),
        ({"applicants": {"relations": {"owner": ["k"]}}}, "related to the beneficiary: kin"),
        ({"applicants": {"relations": {"owner": ["i"]}}}, "related to the beneficiary: owner"),
        ({"applicants": {"relations": {"employer": ["o"]}}}, "related to the beneficiary: owner"),
        ({"orders": {"organisation_id": "seller"}}, "account, organisation"),
        ({"orders": {"confirmed_at": None, "confirmed_by": None}}, "nobody has confirmed"),
        ({"orders": {"confirmed_by": "seller-1"}}, "redeemed it and confirmed"),
        ({"payees": {"organisation_id": "somebody"}}, "somebody else than the provider"),
        ({"claims_of_orders": {}}, "nothing was ordered"),
    ],
)  # fmt: skip
def test_each_way_around_the_catalogue_is_found(changed: dict[str, dict[str, Any]], said: str) -> None:
    assert any(said in detail for detail in found(changed)), found(changed)


def test_suspension_that_one_person_ended_is_found() -> None:
    step = CORRECT["provider_steps"]
    steps = [step, step | {"number": 2, "state": "suspended"}, step | {"number": 3, "actor": "officer-2"}]
    for last, breaches in (("officer-1", 1), ("officer-2", 0)):
        rows = {f"payments.{name}": [] for name in CORRECT} | {"payments.provider_steps": [*steps[:2], steps[2] | {"actor": last}]}
        facts = Facts({}, rows, cast(BankSide, None), {})
        assert len([detail for check in PROVIDER_CHECKS for _, detail in check(facts)]) == breaches
