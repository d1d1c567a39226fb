"""A call while it is written: what may be in it, what is still wrong with it, what it is copied from."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.kernel.errors import Refused
from shared.policy.call import LARGEST_ENVELOPE_MINOR, MOST_SOURCES, WALL_TIMES, CallDefinition, call_faults, clock_fault, rounds_of
from shared.policy.cut_offs import CutOffs, LocalTime
from shared.policy.schema import Policy
from shared.policy.sections import Slug

Language = Annotated[str, Field(pattern="^[a-z]{2}$")]
TitleText = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
LongText = Annotated[str, StringConstraints(min_length=1, max_length=10_000, strip_whitespace=True)]
SAME_WEEKDAY = timedelta(weeks=52)
REMINDERS_BEFORE_DAYS = (14, 3)
"""What a new draft begins with; it can be changed."""


class CallContent(BaseModel):
    """What an officer has written so far. Days and times are local of the region; amounts are minor units. Title and text by language: the
    title in each language of the policy, the text in any of the six. `invites_from` of a call by invitation: the ids of the calls for
    expressions of interest."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: Slug | None = None
    title: Annotated[dict[Language, TitleText], Field(max_length=6)] = {}
    text: Annotated[dict[Language, LongText], Field(max_length=6)] = {}
    opens_at: LocalTime | None = None
    closes_at: LocalTime | None = None
    evaluation_due: date | None = None
    reserve_list_ends: date | None = None
    reminders_before_days: Annotated[tuple[Annotated[int, Field(gt=0, le=366)], ...], Field(max_length=20)] = REMINDERS_BEFORE_DAYS
    envelope_minor: Annotated[int, Field(gt=0, le=LARGEST_ENVELOPE_MINOR)] | None = None
    cut_offs: CutOffs | None = None
    invites_from: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=MOST_SOURCES)] | None = None


NEEDED = ("id", "opens_at", "closes_at", "evaluation_due", "reserve_list_ends", "envelope_minor")


def read_content(value: object) -> CallContent:
    """From JSON values. Raises ValidationError. It is read as JSON: there a strict model takes text for dates and nothing else."""
    return CallContent.model_validate_json(json.dumps(value))


def faults_of(content: CallContent, policy: Policy, now: datetime) -> Iterator[Refused]:
    """What keeps the call from being published, each with its field: what is missing, what is out of order, what the check of calls as
    files says (`shared.policy.call.call_faults`)."""
    missing = [name for name in NEEDED if getattr(content, name) is None]
    for name in missing:
        yield Refused("call-incomplete", "This is still missing.", field=name)
    for language in policy.languages:
        for name in ("title", "text"):
            if language not in getattr(content, name):
                yield Refused(
                    "call-text-missing", "The text in this language is missing: {language}.", field=f"{name}.{language}", language=language
                )
    if any(value is not None and value.tzinfo for value in (content.opens_at, content.closes_at)):
        yield Refused("call-with-zone", "The time is the region's own, without a zone.", field="opens_at")
        return
    disorder = [
        *filter(None, (clock_fault(name, getattr(content, name), policy.zone) for name in WALL_TIMES)), *_disorder(content),
    ]  # fmt: skip
    yield from disorder
    if missing or disorder:
        return
    try:
        definition = definition_of(content, policy)
    except ValueError:
        yield _cut_offs_fault(content)
        return
    faults = [fault for one in rounds_of(definition) for fault in call_faults(one, policy) if fault.code != "call-languages"]
    yield from {fault.code: fault for fault in faults}.values()  # of several rounds once; languages are said above
    if definition.instants(policy.zone).closes_at <= now:
        yield Refused("call-in-the-past", "The call would have ended already.", field="closes_at")


def _cut_offs_fault(content: CallContent) -> Refused:
    """Cut-offs outside the window of the call, or parts of the budget that are not those of its rounds."""
    return Refused(
        "cut-offs-do-not-fit",
        "The cut-offs lie between the opening and the close, and each round has one part of the budget.",
        field="cut_offs",
    )


def _disorder(content: CallContent) -> Iterator[Refused]:
    """Dates that do not follow one another."""
    if content.opens_at and content.closes_at and content.opens_at >= content.closes_at:
        yield Refused("closes-before-it-opens", "The call has to close after it opens.", field="closes_at")
    if content.closes_at and content.evaluation_due and content.closes_at.date() > content.evaluation_due:
        yield Refused("evaluation-before-the-close", "The evaluation is due after the close, or on the same day.", field="evaluation_due")
    if content.evaluation_due and content.reserve_list_ends and content.evaluation_due > content.reserve_list_ends:
        yield Refused(
            "reserve-list-before-evaluation", "The reserve list ends after the evaluation, or on the same day.", field="reserve_list_ends"
        )


def definition_of(content: CallContent, policy: Policy) -> CallDefinition:
    """The call as a file would have it. The caller has asked `faults_of`."""
    values = {name: getattr(content, name) for name in (*NEEDED, "reminders_before_days", "cut_offs", "invites_from")}
    title = {language: content.title[language] for language in policy.languages if language in content.title}
    return CallDefinition(**values, region=policy.region, scheme=policy.scheme, title=title, currency=policy.currency)


def copied(
    title: Mapping[str, str], text: Mapping[str, str], instants: Mapping[str, datetime], envelope_minor: int, zone: str, now: datetime
) -> CallContent:
    """A draft from an earlier call or from a file: its texts and money, its dates on the same weekday so many whole years later that it
    opens in the future. `instants`: opens_at, closes_at, evaluation_due_at, reserve_list_ends_at. Its id is new."""
    later = timedelta()
    while instants["opens_at"] + later <= now:
        later += SAME_WEEKDAY
    local = {name: at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) + later for name, at in instants.items()}
    return CallContent(
        title=dict(title),
        text=dict(text),
        opens_at=local["opens_at"],
        closes_at=local["closes_at"],
        evaluation_due=(local["evaluation_due_at"] - timedelta(seconds=1)).date(),
        reserve_list_ends=(local["reserve_list_ends_at"] - timedelta(seconds=1)).date(),
        envelope_minor=envelope_minor,
    )


def day_of(content: CallContent, now: datetime) -> date:
    """The day whose policy and form hold: on which the call opens, today while that is not known."""
    return content.opens_at.date() if content.opens_at else now.astimezone(UTC).date()


def changed_texts(before: Mapping[str, Mapping[str, str]], after: Mapping[str, Mapping[str, str]], languages: tuple[str, ...]) -> None:
    """Passes when a correction of the texts may be published: only wording, and in no language of the region less than before. `Refused`
    'nothing-changed' or 'call-text-missing'."""
    for name in ("title", "text"):
        for language in languages:
            if language not in after[name] and (name == "title" or language in before[name]):
                raise Refused(
                    "call-text-missing", "The text in this language is missing: {language}.", field=f"{name}.{language}", language=language
                )
    if all(dict(before[name]) == dict(after[name]) for name in ("title", "text")):
        raise Refused("nothing-changed", "Title and text are as they were. Change what is to be corrected.", field="title")
