"""What verify finds in advances, balances and deposits: each rule is broken once."""

from collections.abc import Callable
from typing import Any

import pytest

from operations.verify.invariant_3_deposits import deposits
from operations.verify.invariant_3_instalments import instalments
from tests.unit.test_regions import BOOK

GR = next(policy for policy in BOOK.all() if policy.advance and policy.balance)
Tables = dict[str, list[dict[str, Any]]]


class Known:
    """As `operations.verify.facts.Facts`, of these rows."""

    def __init__(self, tables: Tables) -> None:
        self.tables, self.policies = tables, {GR.id: GR}

    def rows(self, table: str) -> list[dict[str, Any]]:
        return self.tables.get(table.removeprefix("payments."), [])

    def by(self, table: str, key: str) -> dict[str, dict[str, Any]]:
        return {row[key]: row for row in self.rows(table)}


def claim(name: str, kind: str, granted: int, settled: int = 0, retained: int = 0) -> dict[str, Any]:
    parts = {"settled_minor": settled, "retained_minor": retained, "granted_minor": granted, "value_minor": 1_000}
    return {"id": name, "voucher_id": "v", "kind": kind, "state": "accepted", **parts}


def advanced() -> Tables:
    """An advance of 400 of 1,000: 300 settled, 100 recovered; 40 of 400 kept and paid as the balance."""
    return {
        "vouchers": [{"id": "v", "policy_id": GR.id, "state": "settled", "closure_reason": "claim-window-ended"}],
        "claims": [claim("a", "advance", 400), claim("c", "expenditure", 400, 300, 40), claim("b", "balance", 40)],
        "balances": [{"voucher_id": "v", "outcome": "released"}],
        "disbursements": [{"id": "d", "claim_id": "a", "state": "paid", "amount_minor": 400}],
        "attempts": [{"id": "t", "disbursement_id": "d"}],
        "recoveries": [{"attempt_id": "t", "state": "settled", "amount_minor": 100}],
    }


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: None, None),
        (lambda t: t["claims"][0].update(granted_minor=401), "its share is 400"),
        (lambda t: t["claims"][1].update(settled_minor=401), "settle 401"),
        (lambda t: t["claims"][1].update(retained_minor=41), "the share of 400 is 40"),
        (lambda t: t["recoveries"][0].update(amount_minor=99), "99 was asked back"),
        (lambda t: t["recoveries"][0].update(state="ordered"), "0 was asked back"),
        (lambda t: t["claims"][2].update(granted_minor=41), "pays a balance of 41"),
        (lambda t: t["balances"][0].update(outcome="lapsed"), "its balance is lapsed"),
        (lambda t: (t["claims"].pop(), t["balances"].clear()), "is not decided"),
    ],
)
def test_advance_is_its_claims_and_what_came_back(change: Callable[[Tables], object], said: str | None) -> None:
    tables = advanced()
    change(tables)
    found = [breach[1] for breach in instalments(Known(tables))]  # type: ignore[arg-type]
    assert [said in text for text in found[:1]] == ([True] if said else [])


def paid_in() -> Tables:
    """A deposit of 700: 560 used for a provider, 140 left."""
    moves = [("deposit-received", 700), ("deposit-used", 560), ("deposit-left", 140)]
    accounts = {
        "deposit-received": ("clearing", "deposits"), "deposit-used": ("deposits", "clearing"), "deposit-left": ("deposits", "suspense"),
    }  # fmt: skip
    sides = [
        {"entry_id": kind, "account": account, "amount_minor": sign * amount}
        for kind, amount in moves
        for account, sign in zip(accounts[kind], (-1, 1), strict=True)
    ]
    row = {"voucher_id": "v", "amount_minor": 700, "state": "closed", "used_minor": 560, "left_minor": 140, "credit_line_id": "l"}
    return {
        "vouchers": [{"id": "v", "state": "settled"}],
        "deposits": [row],
        "region_entries": [{"id": kind, "kind": kind, "line_id": "l"} for kind, _ in moves],
        "region_postings": sides,
        "disbursements": [{"id": "d", "voucher_id": "v", "state": "paid", "own_minor": 560}],
    }


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: None, None),
        (lambda t: t["deposits"][0].update(amount_minor=701), "700 came in"),
        (lambda t: t["disbursements"][0].update(own_minor=559), "559 in payments"),
        (lambda t: t["deposits"][0].update(left_minor=139), "139 of its deposit is left"),
        (lambda t: t["region_postings"][0].update(amount_minor=-699), "but moves"),
        (lambda t: t["deposits"][0].update(credit_line_id="other"), "0 came in"),
    ],
)
def test_deposit_is_what_was_used_and_what_goes_back(change: Callable[[Tables], object], said: str | None) -> None:
    tables = paid_in()
    change(tables)
    found = [breach[1] for breach in deposits(Known(tables))]  # type: ignore[arg-type]
    assert [said in text for text in found[:1]] == ([True] if said else [])
