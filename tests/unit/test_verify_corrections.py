"""What verify makes of a payment that two persons correct, or that is booked again after a return."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from operations.verify.facts import Logged
from operations.verify.invariant_1_files import FILE_CHECKS
from operations.verify.invariant_3_envelopes import _effect
from operations.verify.paths import DISBURSEMENT, RECOVERY, Path, next_step

Step = tuple[str, str, dict[str, Any]]
PREPARED, APPROVED = ("DisbursementPrepared", "", {}), ("DisbursementApproved", "", {"complete": True})
PAID, RETURNED, UNKNOWN = ("DisbursementPaid", "", {}), ("DisbursementReturned", "", {}), ("DisbursementOutcomeUnknown", "", {})
AGAIN, BY_PERSONS = ("DisbursementPaid", "booked-after-return", {}), ("DisbursementPaid", "confirmed-by-person", {})


def corrected(undone: str, state: str) -> Step:
    return "DisbursementCorrected", "undone-by-persons", {"undone": undone, "state": state}


def logged(step: Step) -> Logged:
    name, reason, body = step
    at = datetime(2026, 3, 1, tzinfo=UTC)
    body = {"amount_minor": 10, **body}
    return Logged("payments", 1, "e", "t", "k", f"payments.{name}.v1", at, "system", reason, "", "c", None, True, body)


def walked(path: Path, story: list[Step]) -> str | None:
    state: str | None = ""
    for step in story:
        state = next_step(path[state], logged(step)) if state is not None else None
    return state


@pytest.mark.parametrize(
    ("story", "end"),
    [
        ([UNKNOWN, BY_PERSONS, corrected("paid", "unknown"), PAID], "paid"),
        ([PAID, RETURNED, corrected("returned", "paid"), RETURNED], "failed"),
        ([PAID, RETURNED, AGAIN, corrected("paid", "returned")], "failed"),
        ([UNKNOWN, ("DisbursementRejected", "confirmed-by-person", {}), corrected("rejected", "unknown")], "unknown"),
        ([PAID, AGAIN], None),
        ([PAID, corrected("paid", "paid")], None),
        ([UNKNOWN, corrected("paid", "unknown")], None),
    ],
)
def test_corrected_payment_is_on_a_legal_path(story: list[Step], end: str | None) -> None:
    assert walked(DISBURSEMENT, [PREPARED, APPROVED, *story]) == end


def test_recovery_is_opened_again_only_once_it_is_closed() -> None:
    ordered, settled, reopened = (("RecoveryOrdered", "", {}), ("RecoverySettled", "", {}), ("RecoveryReopened", "", {}))
    assert walked(RECOVERY, [ordered, settled, reopened, settled]) == "closed"
    assert walked(RECOVERY, [ordered, reopened]) is None


def test_what_is_undone_moves_its_money_back() -> None:
    held: Counter[str] = Counter(committed=10)
    stories = [PAID, corrected("paid", "unknown"), PAID, RETURNED, corrected("returned", "paid"), corrected("accepted", "unknown")]
    recoveries = [("RecoverySettled", "", {}), ("RecoveryReopened", "", {}), ("RecoveryReopened", "returned-by-bank", {})]
    for step in [*stories, *recoveries]:
        held.update(_effect(logged(step), held))
    assert dict(held) == {"committed": 0, "paid": 10, "recovered": 0}


class Known:
    def __init__(self, dismissed: bool, *acts: str) -> None:
        self.files = [{"sha256": "f" * 64, "state": "refused", "dismissed": dismissed}]
        self.acts = [{"file_sha256": "f" * 64, "act": act, "by": "finance-1"} for act in acts]

    def rows(self, table: str) -> list[dict[str, Any]]:
        return self.acts if table == "payments.bank_file_acts" else self.files


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        (Known(False), 0),
        (Known(True, "dismissed"), 0),
        (Known(False, "dismissed", "reopened", "retried"), 0),
        (Known(True), 1),
        (Known(True, "dismissed", "reopened"), 1),
        (Known(False, "dismissed"), 1),
    ],
)
def test_refused_file_is_dismissed_by_the_last_word_of_a_person(facts: Known, found: int) -> None:
    assert len(list(FILE_CHECKS[-1](facts))) == found  # type: ignore[arg-type]
