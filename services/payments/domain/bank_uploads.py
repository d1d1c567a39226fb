"""A file of the bank that a person uploads: how large it may be, whose it is, and whether it still does what was shown."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.payments.domain.bank_lines import LineOutcome
from services.payments.domain.status import AttemptState, PaymentEvent, next_state
from services.payments.iso20022.model import Account
from shared.kernel.errors import Conflict, Refused

MOST_BYTES = 5 * 1024 * 1024
MOST_LINES = 2_000
"""Of an upload, which is previewed as a whole while a person waits. A larger file goes through the bank's folder."""


@dataclass(frozen=True, slots=True)
class LineResult:
    """What becomes of a line: of its row after the import. `event` is empty where the line decides nothing about a payment."""

    line: int
    outcome: str
    reason: str
    event: str = ""
    attempt_id: UUID | None = None
    disbursement_id: UUID | None = None
    recovery_id: UUID | None = None


def check_length(lines: int) -> None:
    """`Refused` 'upload-too-long'."""
    if lines > MOST_LINES:
        raise Refused(
            "upload-too-long", "The file has {lines} lines, of an uploaded one {most} are read. Send it through the bank's folder.",
            lines=lines, most=MOST_LINES,
        )  # fmt: skip


def region_of_account(account: str | None, paying: Mapping[str, str]) -> str | None:
    """`paying`: number of an account that policies pay from → region. None for an account of somebody else."""
    return None if account is None else paying.get(Account(account).compact)


def region_of_file(accounts: Iterable[str], named: Iterable[str | None], paying: Mapping[str, str]) -> str:
    """Of the accounts whose statements are in the file and of what its lines name. Those who decide on it are of one region.

    `Refused` 'nothing-of-ours' or 'several-regions'.
    """
    found = {region_of_account(account, paying) for account in accounts} | set(named)
    regions = sorted(region for region in found if region is not None)
    if not regions:
        raise Refused(
            "nothing-of-ours", "The file is about no account that payments are made from, and names no batch and no payment of ours."
        )
    if len(regions) > 1:
        raise Refused(
            "several-regions", "The file is about several regions: {regions}. Send it through the bank's folder.", regions=regions
        )
    return regions[0]


def fingerprint(results: Sequence[LineResult]) -> str:
    """Of what each line of a file does. Equal ones do the same."""
    words = (f"{one.line} {one.outcome} {one.reason} {one.attempt_id} {one.disbursement_id} {one.recovery_id}" for one in results)
    return hashlib.sha256("\n".join(words).encode()).hexdigest()


def require_as_shown(shown: str, results: Sequence[LineResult]) -> None:
    """`Conflict` 'preview-changed' when the file does not do any more what the person saw."""
    if fingerprint(results) != shown:
        raise Conflict(
            "preview-changed", "Since you read what the file would do, a payment in it has changed. Nothing was done. Read it again."
        )


def states_of(results: Sequence[LineResult], before: Mapping[UUID, AttemptState]) -> dict[int, tuple[AttemptState, AttemptState]]:
    """Of each line that changes an attempt: its state before and after. `before`: of each attempt, before the file."""
    now, found = dict(before), dict[int, tuple[AttemptState, AttemptState]]()
    for one in results:
        if one.outcome != LineOutcome.APPLIED or one.attempt_id is None or one.attempt_id not in now or not one.event:
            continue
        state = now[one.attempt_id]
        now[one.attempt_id] = next_state(state, PaymentEvent(one.event)) or state
        found[one.line] = (state, now[one.attempt_id])
    return found
