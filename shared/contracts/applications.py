"""Events that `applications` publishes."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from shared.contracts import common
from shared.contracts.common import (
    AwardTerms,
    CalendarId,
    Code,
    Currency,
    DeclaredAid,
    HoldSubjectWord,
    MinorUnits,
    NaceCode,
    Relation,
    RetentionClassWord,
    SelectionMethodWord,
)
from shared.contracts.words import WordOf
from shared.identity.duties import Duty
from shared.messaging.event import Event
from shared.policy.scheme_files import SchemeFileKind

CALLS, APPLICATIONS = "applications.calls", "applications.applications"
SUBJECTS, HOLDS = "applications.subjects", "applications.holds"
TASKS, RULES = "applications.tasks", "applications.rules"


class CallEvent(common.CallEvent, abstract=True, topic=CALLS):
    """About a call."""


class ApplicationEvent(common.CaseEvent, abstract=True, topic=APPLICATIONS):
    """About an application."""


class SubjectEvent(Event, abstract=True, topic=SUBJECTS, key="organisation_id", correlation="organisation_id"):
    """About an organisation of which the platform holds something."""

    organisation_id: UUID
    region: str


class HoldEvent(Event, abstract=True, topic=HOLDS, key="hold_id", correlation="subject_id"):
    """About a legal hold on a case or an organisation, whose id `subject_id` is."""

    hold_id: UUID
    region: str
    subject_kind: HoldSubjectWord
    subject_id: UUID


class SchemeFilePublished(Event, topic=RULES, key="file_id", correlation="file_id", duty=Duty.PUBLISH_CALL):
    """A policy or a form of a scheme, published by a second officer while the platform runs; `text` is the whole file (TOML, without
    personal data, at most `LARGEST_BYTES` of `shared.policy.scheme_files`). It holds from `effective_from` for what begins then: cases keep
    theirs."""

    file_id: UUID
    region: str
    scheme: str
    kind: Annotated[SchemeFileKind | str, WordOf(SchemeFileKind)]
    effective_from: date
    text: str


class CallPublished(
    CallEvent,
    version=2,
    renamed={1: {"selection": "selection_method"}},
    added={1: {"form_id": None, "title": None, "series": None, "round_number": None}},
    duty=Duty.PUBLISH_CALL,
):
    """A call with its dates, money, pinned policy and form (None: before forms were files). `selection_method` is ranking, first-come or
    draw; at `reminders_at` people are reminded of the close. `title` by language (None: before mails named it). `series` and
    `round_number`: of a round of a rolling call (None of any other, and before they were said here)."""

    slug: str
    title: dict[str, str] | None = None
    scheme: str
    policy_id: str
    form_id: str | None = None
    selection_method: SelectionMethodWord
    currency: Currency
    envelope_minor: MinorUnits
    opens_at: datetime
    closes_at: datetime
    evaluation_due_at: datetime
    reserve_list_ends_at: datetime
    reminders_at: list[datetime] = Field(default_factory=list)
    series: str | None = None
    round_number: int | None = None


class CallOpened(CallEvent, reader="case history"):
    """The opening instant has passed."""

    opened_at: datetime


class CallExtended(CallEvent, duty=Duty.PUBLISH_CALL):
    """The end of the window moved; the old one is kept here. Later dates of the call move by as much."""

    closes_at: datetime
    previous_closes_at: datetime
    evaluation_due_at: datetime
    reserve_list_ends_at: datetime


class CallCorrected(CallEvent):
    """Title and text of a published call have a new version, 2 or more; its rules, money and dates are as they were. The words, and why
    they were corrected, stand on the page of the call, whose address has `number`."""

    number: int
    version: int


class CallClosed(CallEvent):
    """The window has ended. `submitted` counts the applications ever submitted: their sequence runs from 1 to it."""

    closed_at: datetime
    submitted: int


class ScreeningCompleted(CallEvent):
    """Every application of a closed call is decided on eligibility.

    `eligible_hash` is SHA-256 over the eligible applications' ids (canonical text, sorted, joined by line feeds), so that
    evaluation can tell when it holds exactly those cases.
    """

    eligible: int
    eligible_hash: str


class ApplicantJoined(ApplicationEvent, duty=Duty.APPLY):
    """A person writes in the organisation's application for the first time: the one who began it, or another member. Once for each of
    them; the words stay in `applications`."""

    organisation_id: UUID
    policy_id: str


class ApplicantMemberRecorded(ApplicationEvent, duty=Duty.APPLY, person="person_id"):
    """`person_id` is a member of the organisation that applies, and so on the applicant's side, without having written a word. Once for
    each member at the beginning of an application, and for each who joins the organisation later."""

    organisation_id: UUID
    person_id: UUID
    policy_id: str


class ApplicationSubmitted(ApplicationEvent, duty=Duty.APPLY):
    """Submitted, in time and complete (`revision` 1), or again after a return for correction (2 and up).

    `sequence` numbers the call's submissions without gaps by the moment from which they hold their place: that of the first admissible
    submission. A corrected application that lost its place in a first-come call has a new number, and its old one in
    `previous_sequence`. `form_id` is the form that was answered (None: before forms were files). `changed` are the paths of the answers
    that differ from the version before. `carried_from`: the application of an earlier round whose answers it has, by the
    policy: nobody has handed it in.
    """

    revision: int
    sequence: int
    receipt: str
    submitted_at: datetime
    organisation_id: UUID
    requested_minor: MinorUnits
    currency: Currency
    policy_id: str
    form_id: str | None = None
    partner_region: str | None = None
    s3_field: Code | None = None
    imported: bool = False
    changed: list[str] = Field(default_factory=list)
    previous_sequence: int | None = None
    carried_from: UUID | None = None

    @property
    def duty_taken(self) -> Duty:
        return Duty.IMPORT if self.imported else Duty.APPLY


class ApplicationReturnProposed(ApplicationEvent, reader="verify (invariant 5); case history", duty=Duty.SCREEN):
    """An officer wants it returned for `fields`, among them money, identity or project after the call has closed: a second officer
    decides."""

    fields: list[str]


class ApplicationReturned(ApplicationEvent, duty=Duty.SCREEN):
    """Sent back to the applicant to be completed by `repair_by`; `fields` names what is to be corrected. `proposed_by` is the first of two
    officers, where two are needed; `calendar_id`: by which days off the term was counted. Both None in events from before."""

    revision: int
    repair_by: datetime
    fields: list[str]
    proposed_by: str | None = None
    calendar_id: CalendarId | None = None


class VerdictOverruleProposed(ApplicationEvent, reader="case history", duty=Duty.OVERRULE):
    """An officer wants the verdict of `rule` on the submission `revision` to be `passed`: a second officer decides. The reasons in words
    stay in `applications`."""

    overrule_id: UUID
    revision: int
    rule: Code
    passed: bool


class VerdictOverruled(ApplicationEvent, reader="case history", duty=Duty.CONFIRM_OVERRULE):
    """A second officer has confirmed it: screening takes `passed` for the verdict of the rule."""

    overrule_id: UUID
    revision: int
    rule: Code
    passed: bool
    proposed_by: str


class ApplicationWithdrawn(ApplicationEvent, duty=Duty.APPLY):
    """Withdrawn by the applicant; it no longer competes. `sequence` as in ApplicationSubmitted."""

    sequence: int


class DraftWithdrawn(ApplicationEvent, duty=Duty.APPLY):
    """Withdrawn by the applicant before it was ever submitted."""


class ApplicationFoundEligible(ApplicationEvent, duty=Duty.SCREEN):
    """May be funded. Carries all that choosing needs: the aid that would be granted (`amount_minor`: requested, capped by the
    policy's intensity and largest value), the moment of first submission, language, topics and hashed relations. `terms`: as AwardGranted.
    `declared_aid`: the de minimis aid that the applicant lists, and `activity_code` the NACE class of the firm (None: before they were
    said here)."""

    sequence: int
    submitted_at: datetime
    organisation_id: UUID
    requested_minor: MinorUnits
    amount_minor: MinorUnits
    currency: Currency
    policy_id: str
    language: str
    topics: list[Code]
    relations: list[Relation]
    terms: AwardTerms | None = None
    declared_aid: list[DeclaredAid] | None = None
    activity_code: NaceCode | None = None


class ApplicationFoundIneligible(ApplicationEvent, duty=Duty.SCREEN):
    """May not be funded; `rules` are the ids of the policy rules that failed, or `not-repaired`."""

    sequence: int
    rules: list[Code]


class ApplicantInvited(ApplicationEvent):
    """The organisation of this expression of interest may submit an application in the call `invited_to`, up to `ends_at`: the end of the
    time that the policy gives, or the close of the call, as known then."""

    organisation_id: UUID
    invited_to: UUID
    ends_at: datetime


class ErasureRequested(SubjectEvent, reader="case history", duty=Duty.REQUEST_ERASURE):
    """An officer asks for the erasure of what is held about the organisation."""

    erasure_id: UUID


class SubjectErased(SubjectEvent, duty=Duty.CONFIRM_ERASURE):
    """A second officer has confirmed it: every service destroys the key of the organisation."""

    erasure_id: UUID


class CaseRemoved(ApplicationEvent):
    """The personal content of the case is removed: its term is over and nobody holds it. Each service removes what it has of it; ids,
    amounts, states, decisions and events stay. `retention_class` is draft, withdrawn, refused or paid."""

    retention_class: RetentionClassWord
    kept_until: datetime


class LegalHoldPlaced(HoldEvent, duty=Duty.PLACE_HOLD, reader="case history; verify (invariant 5)"):
    """The content of the subject stays whatever its term, until the hold is lifted."""


class LegalHoldLifted(HoldEvent, duty=Duty.LIFT_HOLD, reader="case history; verify (invariant 5)"):
    """A second person has ended the hold."""


class ApplicationTasksCounted(common.TasksCounted, topic=TASKS):
    """What waits in a region: screening, and publishing calls."""
