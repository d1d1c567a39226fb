"""The stages of a voucher, who acts next in each, and until when. The workflow imports it too: values only."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict

from shared.kernel.vocabulary import VoucherOutcome


class Stage(StrEnum):
    """REQUESTED waits for the reservation of the money, ACCEPTED for its commitment, RELEASING for its release.
    CLAIMING is the time between the end of validity and the last claim, SETTLING lasts until all payments have ended."""

    REQUESTED = "requested"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    ISSUED = "issued"
    CLAIMING = "claiming"
    SETTLING = "settling"
    RELEASING = "releasing"
    CLOSED = "closed"


TRANSITIONS: Mapping[Stage, frozenset[Stage]] = MappingProxyType(
    {
        Stage.REQUESTED: frozenset({Stage.OFFERED, Stage.CLOSED}),
        Stage.OFFERED: frozenset({Stage.ACCEPTED, Stage.RELEASING}),
        Stage.ACCEPTED: frozenset({Stage.ISSUED, Stage.RELEASING}),
        Stage.ISSUED: frozenset({Stage.CLAIMING, Stage.SETTLING}),
        Stage.CLAIMING: frozenset({Stage.SETTLING}),
        Stage.SETTLING: frozenset({Stage.CLOSED}),
        Stage.RELEASING: frozenset({Stage.CLOSED}),
        Stage.CLOSED: frozenset(),
    }
)

USABLE = (Stage.ISSUED, Stage.CLAIMING)
"""Stages in which claims may be lodged."""

PAYABLE = (*USABLE, Stage.SETTLING)
"""Stages in which claims are checked and payments approved. A suspension stops both."""

AWAITS_PAYMENTS = (Stage.REQUESTED, Stage.ACCEPTED, Stage.RELEASING, Stage.SETTLING)
"""Stages that end with a reply of payments."""

ACTS_NEXT = {
    Stage.REQUESTED: "platform",
    Stage.OFFERED: "beneficiary",
    Stage.ACCEPTED: "platform",
    Stage.ISSUED: "beneficiary",
    Stage.CLAIMING: "beneficiary",
    Stage.SETTLING: "finance",
    Stage.RELEASING: "platform",
    Stage.CLOSED: "nobody",
}


class Voucher(BaseModel):
    """The facts for decisions, read from the voucher's row under its lock. Instants are programme time."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    state: Stage
    state_since: datetime | None = None
    overdue_since: datetime | None = None
    outcome: VoucherOutcome | None = None
    reserved_at: datetime | None = None
    refused_at: datetime | None = None
    offered_at: datetime | None = None
    reminded_until: datetime | None = None
    answer_by: datetime | None = None
    committed_at: datetime | None = None
    released_at: datetime | None = None
    valid_until: datetime | None = None
    claim_window_until: datetime | None = None
    extensions: int = 0
    suspended_at: datetime | None = None
    claimed_at: datetime | None = None
    settled_at: datetime | None = None
    report_sent_at: datetime | None = None
    report_returned_at: datetime | None = None
    report_decided_at: datetime | None = None
    issued_at: datetime | None = None
    deposit_paid_at: datetime | None = None
    deposit_missed_at: datetime | None = None
    confirm_by: datetime | None = None


class VoucherStatus(BaseModel):
    """The answer to the workflow's query `status`: the stage, who acts next (a code), until when (None: no deadline).

    `overdue_since`: since then the reply of payments, which acts next, is late.
    """

    stage: Stage
    acts_next: str
    until: datetime | None = None
    suspended: bool = False
    overdue_since: datetime | None = None


def end_of_stage(
    stage: Stage, answer_by: datetime | None, valid_until: datetime | None, claim_window_until: datetime | None
) -> datetime | None:
    """When a stage ends by time alone; None for a stage that does not."""
    return {Stage.OFFERED: answer_by, Stage.ISSUED: valid_until, Stage.CLAIMING: claim_window_until}.get(stage)


def status_of(stage: Stage, until: datetime | None, suspended: bool, overdue_since: datetime | None) -> VoucherStatus:
    """A suspended voucher waits for an officer. Its dates do not move."""
    suspended = suspended and stage in PAYABLE
    acts_next = "officer" if suspended else "payments" if overdue_since else ACTS_NEXT[stage]
    return VoucherStatus(stage=stage, acts_next=acts_next, until=until, suspended=suspended, overdue_since=overdue_since)
