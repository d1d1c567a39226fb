"""Where a voucher stands, who acts next, and until when. Imported by the workflow too: nothing but values here."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Stage(StrEnum):
    """REQUESTED waits for the money to be reserved, ACCEPTED for its commitment, RELEASING for it to be given back,
    CLAIMING is the time between the end of validity and the last claim, SETTLING until all payments have run out."""

    REQUESTED = "requested"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    ISSUED = "issued"
    CLAIMING = "claiming"
    SETTLING = "settling"
    RELEASING = "releasing"
    CLOSED = "closed"


class Outcome(StrEnum):
    NOT_FUNDED = "not-funded"
    DECLINED = "declined"
    LAPSED = "lapsed"
    EXPIRED = "expired"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"


USABLE = (Stage.ISSUED, Stage.CLAIMING)
"""Stages in which claims may be made."""

PAYABLE = (*USABLE, Stage.SETTLING)
"""Stages in which claims are checked and payments approved: what a suspension stops."""

AWAITS_PAYMENTS = (Stage.REQUESTED, Stage.ACCEPTED, Stage.RELEASING, Stage.SETTLING)
"""Stages that end with an answer of payments."""

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
    """The facts that decisions rest on, read from the voucher's row under its lock. Instants are programme time."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    state: Stage
    state_since: datetime | None = None
    overdue_since: datetime | None = None
    outcome: Outcome | None = None
    offered_at: datetime | None = None
    reminded_until: datetime | None = None
    answer_by: datetime | None = None
    valid_until: datetime | None = None
    claim_window_until: datetime | None = None
    extensions: int = 0
    suspended_at: datetime | None = None
    claimed_at: datetime | None = None
    settled_at: datetime | None = None


class Standing(BaseModel):
    """What the workflow answers when asked: the stage, who acts next (a code), until when (None: no deadline).

    `overdue_since`: from then on payments, which acts next, has been late with its answer.
    """

    stage: Stage
    acts_next: str
    until: datetime | None = None
    suspended: bool = False
    overdue_since: datetime | None = None


def deadline_of(
    stage: Stage, answer_by: datetime | None, valid_until: datetime | None, claim_window_until: datetime | None
) -> datetime | None:
    """The end of a stage that ends by itself."""
    return {Stage.OFFERED: answer_by, Stage.ISSUED: valid_until, Stage.CLAIMING: claim_window_until}.get(stage)


def standing_of(stage: Stage, until: datetime | None, suspended: bool, overdue_since: datetime | None) -> Standing:
    """A suspended voucher waits for an officer; its calendar runs on."""
    suspended = suspended and stage in PAYABLE
    acts_next = "officer" if suspended else "payments" if overdue_since else ACTS_NEXT[stage]
    return Standing(stage=stage, acts_next=acts_next, until=until, suspended=suspended, overdue_since=overdue_since)
