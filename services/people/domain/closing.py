"""What keeps an account from being closed, and until when the name of a closed one is kept."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.people.domain.memberships import last_owner
from services.people.domain.roles import last_administrator
from shared.kernel.errors import Conflict
from shared.kernel.vocabulary import MemberRole, RetentionClass
from shared.policy.schema import Policy
from shared.privacy.retention import EndedCase, kept_until


class ObstacleKind(StrEnum):
    """LAST_OWNER: others act for the organisation, and nobody else may invite. RUNNING_CASES: nobody else acts for it, and it has a case
    that has not ended. LAST_ADMINISTRATOR: of a region."""

    LAST_OWNER = "last-owner"
    RUNNING_CASES = "running-cases"
    LAST_ADMINISTRATOR = "last-administrator"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Has either an organisation or a region."""

    kind: ObstacleKind
    organisation_id: UUID | None = None
    region: str | None = None


def in_organisation(organisation_id: UUID, members: Mapping[str, MemberRole], leaving: str, *, runs: bool) -> Obstacle | None:
    """`members`: of open accounts. `runs`: the organisation has a case that has not ended."""
    others = {member: role for member, role in members.items() if member != leaving}
    if MemberRole.OWNER in others.values():
        return None
    if others:
        return Obstacle(ObstacleKind.LAST_OWNER, organisation_id)
    return Obstacle(ObstacleKind.RUNNING_CASES, organisation_id) if runs else None


def check_closable(obstacles: Iterable[Obstacle]) -> None:
    """`Conflict` 'last-owner', 'running-cases' or 'last-administrator', for the first one."""
    for obstacle in obstacles:
        if obstacle.kind is ObstacleKind.LAST_OWNER:
            raise last_owner()
        if obstacle.kind is ObstacleKind.LAST_ADMINISTRATOR:
            raise last_administrator()
        raise Conflict(
            "running-cases",
            "The organisation has applications that go on, and nobody else acts for it: invite another owner, or withdraw them.",
        )


def name_kept_until(policies: Collection[Policy], regions: Collection[str], closed_at: datetime) -> datetime | None:
    """`regions`: where the person had a role. Who decided about public money is known by name for as long as a case that was paid is kept
    (Regulation (EU) 2016/679, Article 17(3)(b)), by the longest term of these regions; of a person who never had a role nothing is kept.
    None: no policy of a region sets a term, so the name is kept until one does."""
    until = closed_at
    for region in regions:
        terms = [kept_until(policy, EndedCase(RetentionClass.PAID, closed_at)) for policy in policies if policy.region == region]
        known = [term for term in terms if term is not None]
        if not known:
            return None
        until = max(until, *known)
    return until
