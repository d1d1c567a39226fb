"""The response models. Instants are programme time, UTC; amounts are minor units of `currency`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.applications.domain.correction import mendable
from services.applications.domain.ending import RemovalOutcome
from services.applications.domain.form import Form, blind_part, stored_form, unanswered
from services.applications.domain.receipt import content_digest
from services.applications.domain.states import ImportOutcome
from services.applications.locks import FreeCall
from services.applications.queries.by_case_views import ByCaseView
from services.applications.queries.call_parts import BenefitView, CallLinkView, RoundView, step_of
from services.applications.tables import ApplicationRow, CallRow, ErasureRow
from shared.calendars.time_limit import TimeLimit
from shared.kernel.errors import Refused
from shared.kernel.vocabulary import ApplicationState, CallState, DecisionOutcome, HoldSubject, RetentionClass
from shared.policy.cut_offs import RoundRules
from shared.policy.form import FormDefinition
from shared.policy.rules import rule_constants
from shared.policy.schema import Policy
from shared.privacy.sealed import is_erased
from shared.texts import translate


class CallView(BaseModel):
    """`state` follows the announced deadlines (published, open, closed); whether an application is accepted is decided by the instants.
    `form_id` is null of a call that asks the first common core. `first_closes_at` is the end as published, before any extension;
    `submitted` counts the submitted applications. `title` and `text` as they were corrected last, in `wording_version`. `series`: of a
    round, the id of its rolling call, of which it is `round_number` of `round_count`. `invites_from`: of a call by invitation, the ids
    (`slug` or `series`) of the calls for expressions of interest."""

    id: UUID
    number: int
    slug: str
    region: str
    scheme: str
    policy_id: str
    form_id: str | None
    title: dict[str, str]
    selection_method: str
    currency: str
    envelope_minor: int
    opens_at: datetime
    closes_at: datetime
    first_closes_at: datetime
    evaluation_due_at: datetime
    reserve_list_ends_at: datetime
    published_at: datetime
    state: CallState
    submitted: int
    screening_completed_at: datetime | None
    text: dict[str, str]
    wording_version: int
    series: str | None
    round_number: int | None
    round_count: int | None
    invites_from: list[str] | None = None

    @classmethod
    def of(cls, call: CallRow) -> Self:
        values = {name: getattr(call, name) for name in cls.model_fields}
        return cls.model_validate(values | {"title": call.shown_title})


class CallWordingView(BaseModel):
    """A version of title and text, since `at`; `words` say why it was corrected, empty of the first. `changed`: 'title' or 'text' and the
    language, as 'title.en', of what differs from the version before."""

    version: int
    at: datetime
    words: str
    changed: list[str]


class OpenCallView(BaseModel):
    """A call as everybody may read it. People of the region see its instants in `zone`. `as_of`: the instant of the answer, of the same
    clock. `region_names` by language. The aid is at most `intensity_bp` of the costs, and between the two amounts; where there is a
    `benefit`, amounts are its gross grant equivalent, which nobody is paid. `step` of a two-step scheme: expressions of interest, which
    give an invitation and no money, or applications by invitation."""

    id: UUID
    number: int
    region: str
    region_names: dict[str, str]
    scheme: str
    title: dict[str, str]
    selection_method: str
    state: CallState
    opens_at: datetime
    closes_at: datetime
    first_closes_at: datetime
    evaluation_due_at: datetime
    as_of: datetime
    zone: str
    languages: list[str]
    currency: str
    envelope_minor: int
    smallest_minor: int
    largest_minor: int
    intensity_bp: int
    own_contribution_bp: int
    benefit: BenefitView | None = None
    step: Literal["expression", "by-invitation"] | None = None

    @classmethod
    def of(cls, call: CallRow, policy: Policy, names: Mapping[str, str], now: datetime) -> Self:
        return cls.model_validate(_public(call, policy, names, now))


class OpenCallDetail(OpenCallView):
    """And who may apply: firms with a seat in one of `places` (beginnings of NUTS codes), an activity in one of `activity_codes` (of NACE
    codes), fewer annual work units than `staff_below`, and a turnover or a balance within its limit. What comes afterwards: `payment_mode`,
    `validity` of a voucher, the days in which a claim is paid. `text`: what the call is about; `versions` of
    title and text. `rounds` of a rolling call, in order, of which this is `round_number`; none of any other call.
    `invites_from`: where the expression of interest for a call by invitation is submitted; `invites_to`: where who is chosen here
    applies."""

    places: list[str]
    activity_codes: list[str]
    staff_below: int
    turnover_max_minor: int
    balance_max_minor: int
    public_control_below_bp: int
    de_minimis_ceiling_minor: int
    de_minimis_years: int
    payment_mode: str
    evidence: list[str]
    validity: TimeLimit
    accept_within: TimeLimit
    claim_within: TimeLimit
    pay_within: TimeLimit
    by_case: ByCaseView
    text: dict[str, str]
    versions: list[CallWordingView]
    round_number: int | None = None
    rounds: list[RoundView] = []
    round_rules: RoundRules | None = None
    invites_from: list[CallLinkView] = []
    invites_to: list[CallLinkView] = []

    @classmethod
    def of_versions(
        cls, call: CallRow, policy: Policy, names: Mapping[str, str], now: datetime, versions: Sequence[CallWordingView]
    ) -> Self:
        return cls.model_validate(
            rule_constants(policy)
            | _public(call, policy, names, now)
            | {
                "de_minimis_years": policy.de_minimis.window_years,
                "payment_mode": policy.payment.mode,
                "evidence": list(policy.claims.evidence),
                "validity": policy.validity,
                "accept_within": policy.offer.accept_within,
                "claim_within": policy.claims.claim_window,
                "pay_within": policy.claims.pay_within,
                "by_case": ByCaseView.of(policy),
                "text": call.text,
                "versions": list(versions),
                "round_number": call.round_number,
                "round_rules": policy.rounds,
            }
        )


_OF_CALL = OpenCallView.model_fields.keys() & CallRow.model_fields.keys()


def _public(call: CallRow, policy: Policy, names: Mapping[str, str], now: datetime) -> dict[str, Any]:
    of_call = {name: getattr(call, name) for name in _OF_CALL}
    of_rules = {**dict(policy.value), "zone": policy.zone, "languages": list(policy.languages), "step": step_of(policy)}
    return {**of_call, **of_rules, "title": call.shown_title, "as_of": now, "region_names": names, "benefit": BenefitView.of(call, policy)}


class CallScreeningView(BaseModel):
    """Numbers of applications: screened by this request, and `remaining` to be screened."""

    screened: int
    eligible: int
    ineligible: int
    remaining: int


class ApplicationView(BaseModel):
    """`proposed_return_fields` wait for a second officer. `decision` is evaluation's, null until then; `amount_minor` is the aid that
    would be granted, once found eligible;
    `failed_rules` are the reasons, once found ineligible. `blind`: the reader may not know who applies, so organisation and receipt
    are null. `erased`: what was held about the applicant was erased; after `removed_at` the term of the case was over and its content is
    removed: title, form, note and assessment are null. `carried_from`: of an earlier round, whose answers it has."""

    id: UUID
    call_id: UUID
    region: str
    blind: bool
    erased: bool
    organisation_id: UUID | None
    state: ApplicationState
    decision: DecisionOutcome | None
    revision: int
    sequence: int | None
    receipt: str | None
    title: str | None
    requested_minor: int | None
    amount_minor: int | None
    failed_rules: list[str]
    created_at: datetime
    changed_at: datetime
    submitted_at: datetime | None
    repair_by: datetime | None
    proposed_return_fields: list[str] | None
    removed_at: datetime | None
    carried_from: UUID | None = None

    @classmethod
    def of(cls, application: ApplicationRow, *, blind: bool = False) -> Self:
        shown = {name: getattr(application, name) for name in ApplicationView.model_fields if name not in ("blind", "erased")}
        return cls.model_validate(
            shown | {"blind": blind, "erased": is_erased(application)} | ({"organisation_id": None, "receipt": None} if blind else {})
        )


class ApplicationDetail(ApplicationView):
    """With the whole form, or its blind part (its questions say which; the other answers are empty). `missing` are paths of answers that a
    submission still needs; `returned_fields`, `return_words` by field, and `return_note` say what an officer wants corrected by
    `repair_by`; `mendable_fields` may change then, since they have to agree with it. The blind see none of these."""

    currency: str
    policy_id: str
    form_id: str | None
    form: Form | None
    missing: list[str]
    returned_fields: list[str]
    mendable_fields: list[str]
    return_words: dict[str, str]
    return_note: str | None
    screened_at: datetime | None

    @classmethod
    def of_call(cls, application: ApplicationRow, call: CallRow | FreeCall, definition: FormDefinition, *, blind: bool = False) -> Self:
        form = None if application.form is None else stored_form(application.form)
        return cls(
            **ApplicationView.of(application, blind=blind).model_dump(),
            currency=call.currency,
            policy_id=call.policy_id,
            form_id=call.form_id,
            form=blind_part(form, definition) if form and blind else form,
            missing=[] if blind or not form else unanswered(form, definition),
            returned_fields=[] if blind else application.returned_fields,
            mendable_fields=[] if blind else sorted(mendable(application.returned_fields, definition)),
            return_words={} if blind else application.return_words or {},
            return_note="" if blind else application.return_note,
            screened_at=application.screened_at,
        )


class ErasureView(BaseModel):
    """In force from `confirmed_at` on; null until another officer confirms it. `receipts`: of the applications, where it is read."""

    id: UUID
    organisation_id: UUID
    region: str
    reason: str
    requested_by: str
    requested_at: datetime
    confirmed_by: str | None
    confirmed_at: datetime | None
    receipts: list[str] = []

    @classmethod
    def of(cls, erasure: ErasureRow) -> Self:
        return cls.model_validate(erasure, from_attributes=True)


class FormVersionView(BaseModel):
    """A submitted version. `changed` are the paths of the answers that differ from the version before; the answers are not shown."""

    revision: int
    sequence: int
    submitted_at: datetime
    changed: list[str]

    @classmethod
    def first(cls, application: ApplicationRow) -> Self:
        """Of an application that was submitted once and not returned."""
        values = application.model_dump(include={"revision", "sequence", "submitted_at"})
        return cls.model_validate({**values, "changed": []})


class ReceiptView(BaseModel):
    """Proof of a submission: `submitted_at` and `sequence` are those by which it holds its place, `revision` counts submissions.
    `digest`: SHA-256 over the answers, JSON with sorted keys and no spaces, with the SHA-256 of each file."""

    application_id: UUID
    receipt: str
    submitted_at: datetime
    revision: int
    sequence: int
    digest: str

    @classmethod
    def of(cls, application: ApplicationRow) -> Self:
        shown = {name: getattr(application, name) for name in ("receipt", "submitted_at", "revision", "sequence")}
        return cls(**shown, application_id=application.id, digest=content_digest(stored_form(application.form)))


class ImportedRowView(BaseModel):
    """`receipt` of an application that was imported, now or before; `code`, `detail`, `field` and `facts` of a refusal."""

    row_key: str
    outcome: ImportOutcome
    application_id: UUID | None = None
    receipt: str | None = None
    code: str | None = None
    detail: str | None = None
    field: str | None = None
    facts: dict[str, Any] | None = None

    @classmethod
    def imported(cls, row_key: str, outcome: ImportOutcome, application: ApplicationRow) -> Self:
        return cls(row_key=row_key, outcome=outcome, application_id=application.id, receipt=application.receipt)

    @classmethod
    def refused(cls, row_key: str, refusal: Refused, language: str) -> Self:
        detail = translate(refusal.message, refusal.facts, language)
        facts = refusal.facts or None
        return cls(row_key=row_key, outcome=ImportOutcome.REFUSED, code=refusal.code, detail=detail, field=refusal.field, facts=facts)


class ImportView(BaseModel):
    """One result for each row, in their order."""

    results: list[ImportedRowView]


class HoldView(BaseModel):
    """A legal hold; in force while `lifted_at` is null. `receipts`: of the applications that it holds, where it is read."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    region: str
    subject_kind: HoldSubject
    subject_id: UUID
    reason: str
    placed_by: str
    placed_at: datetime
    lifted_at: datetime | None
    lifted_by: str | None
    lifting_reason: str | None
    receipts: list[str] = []


class RetentionRunView(BaseModel):
    """One run over the cases of a region whose term was over."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    region: str
    at: datetime
    removed: int
    held: int
    failed: int


class RetentionResultView(BaseModel):
    """`kept_until`: the end of the term. `reason` is a code: term-over, legal-hold, or the kind of failure. `receipt`: none of a draft."""

    model_config = ConfigDict(from_attributes=True)

    run_id: UUID
    application_id: UUID
    region: str
    at: datetime
    policy_id: str
    retention_class: RetentionClass
    kept_until: datetime
    outcome: RemovalOutcome
    reason: str
    receipt: str | None = None


class LookupView(BaseModel):
    """The application or call of a reference. `application_id` is null for a call."""

    kind: Literal["application", "call"]
    application_id: UUID | None
    call_id: UUID
    region: str
