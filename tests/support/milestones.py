"""Deadlines as `vouchers` publishes them."""

from datetime import datetime
from uuid import UUID

from shared.contracts.vouchers import MilestoneReached
from shared.kernel.vocabulary import MilestoneKind


def milestone(kind: MilestoneKind, subject: str | UUID, due_at: datetime, region: str = "hr-koprivnica") -> MilestoneReached:
    identity = UUID(str(subject))
    return MilestoneReached(subject_id=identity, case_id=identity, region=region, kind=kind, due_at=due_at)
