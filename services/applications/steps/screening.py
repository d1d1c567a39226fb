"""The result of screening: for one application, and for a whole call."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from services.applications.domain.earlier import NOTHING_EARLIER, Earlier
from services.applications.domain.eligibility import Assessment, assess
from services.applications.domain.form import Form, known, stored_form
from services.applications.domain.overrules import decided
from services.applications.domain.relations import relations_of
from services.applications.domain.states import UNDECIDED
from services.applications.queries.overrules import confirmed_verdicts
from services.applications.tables import ApplicationRow, CallRow, OverruleRow
from shared.classifications.identity_keys import spelled_hashes
from shared.contracts.applications import ApplicationFoundEligible, ApplicationFoundIneligible, ScreeningCompleted
from shared.contracts.common import AwardTerms, DeclaredAid, Relation
from shared.kernel.vocabulary import ApplicationState, CallState
from shared.messaging.context import Context
from shared.messaging.outbox import publish
from shared.policy.case_terms import has_case_terms
from shared.policy.schema import Policy


@dataclass(frozen=True, slots=True)
class Screened:
    """A locked, submitted application and the result of its rules, which is not stored yet."""

    application: ApplicationRow
    form: Form
    assessment: Assessment


@dataclass(frozen=True, slots=True)
class ScreenedCase:
    """What the events of screening say of an application and its call."""

    application_id: UUID
    call_id: UUID
    region: str
    sequence: int
    submitted_at: datetime
    organisation_id: UUID
    requested_minor: int
    currency: str
    policy_id: str


def screen(
    context: Context,
    application: ApplicationRow,
    policy: Policy,
    overrules: Collection[OverruleRow] = (),
    earlier: Earlier = NOTHING_EARLIER,
) -> Screened:
    """Judges by the rules, and by the overrules that are confirmed. The years of de minimis aid count back from today. `Conflict`
    rule-at-fault when a rule cannot be judged."""
    form = stored_form(application.form)
    assessment = assess(policy, form, policy.local_day(context.now), earlier)
    result = decided(policy, form, earlier, assessment, confirmed_verdicts(overrules))
    result.check_judged()
    return Screened(application, form, result)


def record_screening(context: Context, screened: Screened, call: CallRow, hash_key: bytes) -> None:
    """Stores the result and publishes it."""
    application, assessment = screened.application, screened.assessment
    application.assessment = assessment.model_dump(mode="json")
    application.screened_at = application.changed_at = context.now
    if assessment.eligible:
        application.state, application.amount_minor = ApplicationState.ELIGIBLE, assessment.amount_minor
        application.voucher_type = assessment.terms.voucher_type if assessment.terms else None
        publish_eligible(context, case_of(application, call), screened.form, assessment, hash_key)
    else:
        find_ineligible(context, application, call, assessment.failed)


def find_ineligible(context: Context, application: ApplicationRow, call: CallRow, rules: list[str]) -> None:
    """Makes the locked application ineligible by the failed `rules` and publishes it; its place in the call is free again."""
    application.state, application.failed_rules = ApplicationState.INELIGIBLE, rules
    application.live_slot = application.repair_by = None
    publish_ineligible(context, case_of(application, call), rules)


def case_of(application: ApplicationRow, call: CallRow) -> ScreenedCase:
    return ScreenedCase(
        application_id=application.id, call_id=call.id, region=call.region, sequence=known(application.sequence),
        submitted_at=known(application.submitted_at), organisation_id=application.organisation_id,
        requested_minor=known(application.requested_minor), currency=call.currency, policy_id=call.policy_id,
    )  # fmt: skip


def publish_ineligible(context: Context, case: ScreenedCase, rules: list[str]) -> None:
    event = ApplicationFoundIneligible(
        application_id=case.application_id, call_id=case.call_id, region=case.region, sequence=case.sequence, rules=rules
    )
    publish(context, event, reason=rules[0], policy_id=case.policy_id)


async def complete_screening(context: Context, call: CallRow) -> bool:
    """Publishes ScreeningCompleted, once, when the call is closed and no application is submitted or returned any more. Returns True
    when it was published now. Evaluation waits for it: from then on the set of eligible applications changes only by withdrawals.

    The caller has locked `call`; otherwise the last two screenings, at the same moment, would each see the other's application as
    undecided.
    """
    if call.state != CallState.CLOSED or call.screening_completed_at is not None:
        return False
    await context.session.flush()
    of_call, state = col(ApplicationRow.call_id) == call.id, col(ApplicationRow.state)
    if await context.session.scalar(select(func.count()).select_from(ApplicationRow).where(of_call, state.in_(UNDECIDED))):
        return False
    query = select(col(ApplicationRow.id)).where(of_call, state == ApplicationState.ELIGIBLE)
    eligible = (await context.session.scalars(query)).all()
    call.screening_completed_at = context.now
    eligible_hash = hashlib.sha256("\n".join(sorted(str(identity) for identity in eligible)).encode()).hexdigest()
    event = ScreeningCompleted(call_id=call.id, region=call.region, eligible=len(eligible), eligible_hash=eligible_hash)
    publish(context, event, reason="screening-completed", policy_id=call.policy_id)
    return True


def publish_eligible(context: Context, case: ScreenedCase, form: Form, assessment: Assessment, hash_key: bytes) -> None:
    event = ApplicationFoundEligible(
        application_id=case.application_id,
        call_id=case.call_id,
        region=case.region,
        sequence=case.sequence,
        submitted_at=case.submitted_at,
        organisation_id=case.organisation_id,
        requested_minor=case.requested_minor,
        amount_minor=known(assessment.amount_minor),
        currency=case.currency,
        policy_id=case.policy_id,
        language=known(form.language),
        topics=form.project.topics,
        relations=_relations(form, hash_key),
        declared_aid=[DeclaredAid(granted_on=aid.granted_on, amount_minor=aid.amount_minor) for aid in form.de_minimis.aid],
        activity_code=form.applicant.activity_code,
        terms=_award_terms(assessment, context.policies.get(case.policy_id)),
    )
    reason = "overruled" if any(verdict.overruled for verdict in assessment.rules) else "all-rules-passed"
    publish(context, event, reason=reason, policy_id=case.policy_id)


def _award_terms(assessment: Assessment, policy: Policy) -> AwardTerms | None:
    """What the award has beside its amount, None where all cases of the policy have the same. A voucher that a yearly limit bounds does not
    grow later: what is left of the year is known here alone."""
    terms = assessment.terms
    if terms is None or not has_case_terms(policy):
        return None
    bounded = policy.limits is not None and policy.limits.yearly_minor is not None
    return AwardTerms(
        voucher_type=terms.voucher_type,
        intensity_bp=terms.intensity_bp,
        largest_minor=known(assessment.amount_minor) if bounded else terms.largest_minor,
        recovers_vat=terms.recovers_vat,
    )


def _relations(form: Form, hash_key: bytes) -> list[Relation]:
    found = {(kind, each): None for kind, value in relations_of(form) for each in spelled_hashes(hash_key, kind, value)}
    return [Relation(kind=kind, hash=each) for kind, each in found]
