"""A call as an officer writes it down: one TOML file at `<folder>/<region>/calls/<slug>.toml`.

Days and times are the region's local wall time; the instants (UTC) that the platform compares come from the zone of the
region's policy.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from shared.calendars.time_limit import end_of_day
from shared.calendars.wall_time import Doubt, doubt_of, readings_of
from shared.kernel.errors import Refused
from shared.kernel.money import Money
from shared.policy.cut_offs import CutOffs, LocalTime, Round
from shared.policy.loader import CALLS, LoadError, read_toml
from shared.policy.resolver import PolicyBook
from shared.policy.schema import Policy
from shared.policy.sections import Slug, Strict, Titles

WALL_TIMES = ("opens_at", "closes_at")
LARGEST_ENVELOPE_MINOR = 10**11
"""A thousand million in whole units: fifty times the largest call of the five regions (Kolding, DKK 20 million), so more is a slip of
the keyboard."""


MOST_SOURCES = 24


class CallDefinition(Strict):
    """`opens_at` and `closes_at` are local times without a zone; the call is open from the first up to, not including, the second.

    `evaluation_due` and `reserve_list_ends` are last days, the whole day included. `envelope_minor` is what the call can grant; where the
    policy has `[benefit]`, the gross grant equivalent of the call's capacity; with `[expression]`, the sum of what is invited. `cut_offs`
    of a rolling call, which is published as its rounds (`rounds_of`); `round` of one of these, which no file gives. `invites_from` of a
    call by invitation: the ids of the calls, rolling calls or single rounds whose invitations count.
    """

    id: Slug
    region: Slug
    scheme: Slug
    title: Titles
    opens_at: LocalTime
    closes_at: LocalTime
    evaluation_due: date
    reserve_list_ends: date
    reminders_before_days: Annotated[tuple[Annotated[int, Field(gt=0, le=366)], ...], Field(max_length=20)]
    envelope_minor: Annotated[int, Field(gt=0, le=LARGEST_ENVELOPE_MINOR)]
    currency: str
    cut_offs: CutOffs | None = None
    round: Round | None = None
    invites_from: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=MOST_SOURCES)] | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.opens_at.tzinfo or self.closes_at.tzinfo:
            raise ValueError("opens_at and closes_at are local times without a zone")
        days = [self.opens_at.date(), self.closes_at.date(), self.evaluation_due, self.reserve_list_ends]
        if self.opens_at >= self.closes_at or days != sorted(days):
            raise ValueError("opens_at, closes_at, evaluation_due, reserve_list_ends follow one another")
        if self.cut_offs is not None:
            self.cut_offs.ends(self.opens_at, self.closes_at)
        return self

    def instants(self, zone: str) -> "CallInstants":
        """The dates of the call as instants in UTC."""
        return CallInstants(
            opens_at=self.opens_at.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC),
            closes_at=self.closes_at.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC),
            reminders_at=tuple(
                (self.closes_at - timedelta(days=days)).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
                for days in sorted(self.reminders_before_days, reverse=True)
            ),
            evaluation_due_at=end_of_day(self.evaluation_due, zone),
            reserve_list_ends_at=end_of_day(self.reserve_list_ends, zone),
        )


def rounds_of(call: CallDefinition) -> tuple[CallDefinition, ...]:
    """The rounds of a rolling call, in order; of any other call, the call. A round opens at the cut-off before it. Its evaluation is due,
    and its reserve list ends, so many days after its end as those of the call after its close."""
    if call.cut_offs is None:
        return (call,)
    ends = call.cut_offs.ends(call.opens_at, call.closes_at)
    parts = call.cut_offs.parts(call.envelope_minor, len(ends))
    due, reserves = (day - call.closes_at.date() for day in (call.evaluation_due, call.reserve_list_ends))
    return tuple(
        call.model_copy(
            update={
                "id": f"{call.id}-{number}",
                "title": {code: f"{title} ({number}/{len(ends)})" for code, title in call.title.items()},
                "opens_at": opens_at,
                "closes_at": end,
                "evaluation_due": end.date() + due,
                "reserve_list_ends": end.date() + reserves,
                "envelope_minor": part,
                "cut_offs": None,
                "round": Round(series=call.id, number=number, count=len(ends)),
            }
        )
        for number, (opens_at, end, part) in enumerate(zip([call.opens_at, *ends[:-1]], ends, parts, strict=True), 1)
    )


class CallInstants(Strict):
    """The moments of a call in UTC. When the appeals are over is known only once the ranking is approved (`Policy.appeal`)."""

    opens_at: datetime
    closes_at: datetime
    reminders_at: tuple[datetime, ...]
    evaluation_due_at: datetime
    reserve_list_ends_at: datetime


def load_call(path: Path, book: PolicyBook) -> tuple[CallDefinition, Policy]:
    """A call and the policy that holds on the day it opens. LoadError names file, field and reason; NotFound when no policy holds."""
    call = read_toml(path, CallDefinition)
    policy = book.resolve(call.region, call.scheme, call.opens_at.date())
    try:
        for one in rounds_of(call):
            check_call(one, policy)
    except Refused as fault:
        raise LoadError(f"{path}: {fault.field}: {fault.detail}") from fault
    return call, policy


def call_files(folder: Path) -> list[Path]:
    """The calls of all regions below the folder, in the order of their names."""
    return sorted(folder.glob(f"*/{CALLS}/*.toml"))


def check_call(call: CallDefinition, policy: Policy) -> None:
    """`Refused`, naming the field, when the call contradicts its policy."""
    for fault in call_faults(call, policy):
        raise fault


def clock_fault(field: str, local: datetime | None, zone: str) -> Refused | None:
    """Of a local time at an hour that a change of clocks leaves out or brings twice; None for any other."""
    doubt = local and not local.tzinfo and doubt_of(local, zone)
    if local is None or not doubt:
        return None
    earlier, later = readings_of(local, zone)
    if doubt is Doubt.TWICE:
        return Refused(
            "hour-twice",
            "The clocks are put back: this hour comes twice, {earlier_at} and {later_at}. Choose an hour that comes once.",
            field=field,
            earlier_at=earlier,
            later_at=later,
            zone=zone,
        )
    return Refused(
        "hour-missing",
        "The clocks are put forward: there is no such hour. Choose {earlier_at} or {later_at}.",
        field=field,
        earlier_at=earlier,
        later_at=later,
        zone=zone,
    )


def call_faults(call: CallDefinition, policy: Policy) -> Iterator[Refused]:
    """In what the call contradicts its policy or the clock, each with its field."""
    yield from filter(None, (clock_fault(name, getattr(call, name), policy.zone) for name in WALL_TIMES))
    if call.currency != policy.currency:
        yield Refused("call-currency", "The policy pays in {currency}.", field="currency", currency=policy.currency)
    if set(call.title) != set(policy.languages):
        languages = list(policy.languages)
        yield Refused("call-languages", "The title is given in exactly these languages: {languages}.", field="title", languages=languages)
    smallest = Money(policy.value.smallest_minor, policy.currency)
    if call.envelope_minor < smallest.minor:
        yield Refused(
            "envelope-too-small",
            "The envelope is below the smallest voucher, {smallest}.",
            field="envelope_minor",
            smallest=smallest,
            smallest_minor=smallest.minor,
        )
    if policy.benefit and call.envelope_minor % policy.benefit.award_minor:
        yield Refused(
            "capacity-not-whole",
            "The capacity of the call comes to whole vouchers: of {units} each.",
            field="envelope_minor",
            units=policy.benefit.units_per_award,
            award_minor=policy.benefit.award_minor,
        )
    yield from filter(None, [_invitations_fault(call, policy)])
    days = policy.selection.reserve_list_days
    if call.reserve_list_ends > call.evaluation_due + timedelta(days=days):
        yield Refused(
            "reserve-list-too-long",
            "The reserve list ends at most {days} days after the day on which the evaluation is due.",
            field="reserve_list_ends",
            days=days,
        )
    if call.reserve_list_ends > policy.programme_end:
        yield Refused(
            "reserve-list-after-programme-end",
            "The reserve list would end after the programme, which ends on {programme_end}.",
            field="reserve_list_ends",
            programme_end=policy.programme_end,
        )


def _invitations_fault(call: CallDefinition, policy: Policy) -> Refused | None:
    """Of a call by invitation that names no call for expressions of interest, or another call that does."""
    if policy.by_invitation and not call.invites_from:
        return Refused("call-without-expressions", "Say from which call for expressions of interest it invites.", field="invites_from")
    if policy.by_invitation and call.round:
        return Refused("rolling-by-invitation", "A call by invitation has one close, and no cut-offs.", field="cut_offs")
    if call.invites_from and not policy.by_invitation:
        return Refused("call-not-by-invitation", "Calls of this scheme are open to all, without an invitation.", field="invites_from")
    return None
