"""The response models of screening: lists, counts, what officers wrote, acts on many. Amounts are minor units of the call's currency."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.applications.domain.bulk import BulkAction, BulkOutcome, undo_until
from services.applications.domain.neighbours import Likeness
from services.applications.domain.overrules import OverruleState
from services.applications.tables import BulkActRow
from shared.calendars.time_limit import TimeLimit
from shared.kernel.vocabulary import ApplicationState, DecisionOutcome
from shared.texts import translate
from shared.web.paging import Page


class ScreeningCaseView(BaseModel):
    """An application in the list of a call. `failing`: the rules that it does not pass: now, or when it was screened. `flags`: open ones;
    `overrules_open`: wait for a second officer. `corrected`: it was submitted again after a return."""

    id: UUID
    call_id: UUID
    receipt: str
    sequence: int
    revision: int
    corrected: bool
    state: ApplicationState
    decision: DecisionOutcome | None
    organisation_id: UUID
    applicant_name: str | None
    title: str | None
    requested_minor: int | None
    submitted_at: datetime
    changed_at: datetime
    repair_by: datetime | None
    proposed_return_fields: list[str] | None
    failing: list[str]
    flags: int
    overrules_open: int


class ScreeningCasesView(Page[ScreeningCaseView]):
    """`searched_all`: False where a text was searched for in the titles and names of the first applications only."""

    searched_all: bool = True


class FoundCaseView(BaseModel):
    """An application that fits what was searched for."""

    id: UUID
    call_id: UUID
    region: str
    receipt: str
    state: ApplicationState
    title: str | None
    applicant_name: str | None


class FoundCasesView(BaseModel):
    """`more`: how many others fit. `searched_all`: False where older applications were not looked at."""

    items: list[FoundCaseView]
    more: int
    searched_all: bool


class ScreeningCountsView(BaseModel):
    """Of a call: the submitted applications by state and by decision. Of those that are not screened yet: `flagged`, `corrected` after a
    return, `returns_proposed` and `overrules_open`, which wait for a second officer. `repair_by`: when the first of the returned is due."""

    call_id: UUID
    states: dict[str, int]
    decisions: dict[str, int]
    flagged: int
    corrected: int
    returns_proposed: int
    overrules_open: int
    repair_by: datetime | None


class NoteView(BaseModel):
    """`words` are null once the case was removed or erased. A flag is open until `lifted_at`. `own`: the reader wrote it."""

    id: UUID
    application_id: UUID
    is_flag: bool
    words: str | None
    written_by: str
    written_at: datetime
    own: bool
    bulk_id: UUID | None
    lifted_at: datetime | None
    lifted_by: str | None


class OverruleView(BaseModel):
    """`passed` counts in the place of the rule's verdict once it is confirmed. `message`: why an application does not pass the rule, in
    the reader's language. `own`: the reader proposed it, so another officer decides. `holds`: it is about the answers submitted last."""

    id: UUID
    application_id: UUID
    call_id: UUID
    receipt: str
    rule: str
    message: str
    passed: bool
    words: str | None
    state: OverruleState
    holds: bool
    proposed_by: str
    proposed_at: datetime
    own: bool
    decided_by: str | None
    decided_at: datetime | None


class NeighbourView(BaseModel):
    """Another application that may be the same project, or of a linked firm; `likenesses` say why. Of another call only the same
    organisation's are found."""

    id: UUID
    call_id: UUID
    receipt: str
    state: ApplicationState
    decision: DecisionOutcome | None
    applicant_name: str | None
    title: str | None
    requested_minor: int | None
    submitted_at: datetime
    likenesses: list[Likeness]


class ScreeningFileView(BaseModel):
    """What stands beside the application. `compared`: with how many of the call."""

    application_id: UUID
    notes: list[NoteView]
    overrules: list[OverruleView]
    neighbours: list[NeighbourView]
    compared: int


class RepairsView(BaseModel):
    """For which questions an application of the call is returned, `within` which time it is corrected, and at most how often."""

    questions: list[str]
    within: TimeLimit
    most: int


class BulkResultView(BaseModel):
    """`code` and `detail` of a refusal."""

    application_id: UUID
    receipt: str | None
    outcome: BulkOutcome
    code: str | None = None
    detail: str | None = None


class BulkActView(BaseModel):
    """`undo_until`: while it can be undone; null of what was published or sent, and once it was undone."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    call_id: UUID
    action: BulkAction
    by: str
    at: datetime
    undo_until: datetime | None
    undone_at: datetime | None
    results: list[BulkResultView]

    @classmethod
    def of(cls, act: BulkActRow, receipts: dict[UUID, str | None], language: str) -> "BulkActView":
        results = [
            BulkResultView(
                application_id=identity,
                receipt=receipts.get(identity),
                outcome=one["outcome"],
                code=one.get("code"),
                detail=translate(one["message"], one["facts"], language) if "message" in one else None,
            )
            for one in act.results
            for identity in (UUID(one["application_id"]),)
        ]
        until = None if act.undone_at else undo_until(BulkAction(act.action), act.at)
        return cls(
            id=act.id, call_id=act.call_id, action=BulkAction(act.action), by=act.by, at=act.at, undo_until=until,
            undone_at=act.undone_at, results=results,
        )  # fmt: skip
