"""Applications that are screened at the same moment, in one transaction with one statement for each step.

Only what needs nothing else is taken along: a submitted application that nobody else is changing, in a call that is open, without
overrules, under a policy by which nothing counts but the form. All else, and all that a rule refuses, is left to
`commands.screen_application`, which says why.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import text

from services.applications.domain.eligibility import Assessment, assess
from services.applications.domain.form import Form
from services.applications.domain.providers import asks_for_ties
from services.applications.queries.overrules import IN_FORCE
from services.applications.steps.screening import ScreenedCase, publish_eligible, publish_ineligible
from services.applications.tables import ApplicationRow
from shared.database.base import one_of
from shared.database.together import plan_once
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Refused
from shared.kernel.vocabulary import ApplicationState, CallState
from shared.messaging.acts import NOT_SEPARATE, duties_apart
from shared.messaging.context import Context
from shared.policy.case_terms import counts_earlier
from shared.privacy.sealed import closed, opened

_TAKE_FREE = text(f"""
    SELECT application.id, application.organisation_id, application.form, subject.wrapped, application.call_id, application.region,
        application.sequence, application.submitted_at, application.requested_minor, call.currency, call.policy_id
    FROM unnest(CAST(:ids AS uuid[])) AS given (id)
    CROSS JOIN LATERAL (
        SELECT id, organisation_id, form, call_id, region, sequence, submitted_at, requested_minor FROM applications
        WHERE id = given.id AND state = '{ApplicationState.SUBMITTED}' FOR NO KEY UPDATE SKIP LOCKED
    ) AS application
    CROSS JOIN LATERAL (
        SELECT currency, policy_id FROM calls WHERE id = application.call_id AND state <> '{CallState.CLOSED}'
            AND policy_id = ANY(CAST(:policies AS text[])) OFFSET 0
    ) AS call
    CROSS JOIN LATERAL (SELECT wrapped FROM subject_keys WHERE subject_id = application.organisation_id OFFSET 0) AS subject
""")
"""Row by row: a join might begin with all applications of a call."""
_STORE = text(f"""
    WITH given AS MATERIALIZED (
        SELECT * FROM unnest(
            CAST(:ids AS uuid[]), CAST(:calls AS uuid[]), CAST(:actors AS text[]), CAST(:assessments AS bytea[]), CAST(:failed AS text[]),
            CAST(:amounts AS bigint[]), CAST(:types AS text[])
        ) AS given (id, call_id, actor, assessment, failed, amount_minor, voucher_type)
    ), open AS MATERIALIZED (
        SELECT id FROM calls WHERE id IN (SELECT call_id FROM given) AND state <> '{CallState.CLOSED}' ORDER BY id FOR KEY SHARE
    )
    UPDATE applications AS application
    SET state = CASE WHEN given.failed IS NULL THEN '{ApplicationState.ELIGIBLE}' ELSE '{ApplicationState.INELIGIBLE}' END,
        live_slot = CASE WHEN given.failed IS NULL THEN application.live_slot END,
        failed_rules = coalesce(CAST(given.failed AS jsonb), application.failed_rules),
        assessment = given.assessment, amount_minor = given.amount_minor, voucher_type = given.voucher_type,
        screened_at = CAST(:now AS timestamptz), changed_at = CAST(:now AS timestamptz)
    FROM given JOIN open ON open.id = given.call_id
    WHERE application.id = given.id AND NOT {NOT_SEPARATE} AND NOT EXISTS (
        SELECT FROM overrules AS overrule
        WHERE overrule.application_id = given.id AND overrule.revision = application.revision AND {one_of("overrule.state", IN_FORCE)}
        OFFSET 0
    )
    RETURNING application.id
""")
"""The applications are locked before, so what is read of them here is as it stays. Nobody closes a call meanwhile, and one that is closed
has its own end of screening (`complete_screening`)."""
_SEPARATE = duties_apart(Duty.SCREEN)


class FreeCase(NamedTuple):
    """A submitted application that is locked, with what is asked of its call. `wrapped`: the key of its organisation."""

    id: UUID
    organisation_id: UUID
    form: bytes | None
    wrapped: bytes
    call_id: UUID
    region: str
    sequence: int
    submitted_at: datetime
    requested_minor: int
    currency: str
    policy_id: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A case with its result, by the actor of `context`."""

    context: Context
    case: FreeCase
    form: Form
    assessment: Assessment

    @property
    def state(self) -> ApplicationState:
        return ApplicationState.ELIGIBLE if self.assessment.eligible else ApplicationState.INELIGIBLE


async def take_free_cases(context: Context, ids: Sequence[UUID]) -> dict[UUID, FreeCase]:
    """Those that can be taken along, locked."""
    policies = [policy.id for policy in context.policies.all() if not counts_earlier(policy) and not asks_for_ties(policy)]
    await plan_once(context.session)
    rows = await context.session.execute(_TAKE_FREE, {"ids": ids, "policies": policies})
    return {row.id: FreeCase(*row) for row in rows}


def judged(context: Context, case: FreeCase) -> Judged | None:
    """None when the actor may not screen it, a rule cannot be judged, or its form cannot be read."""
    content = opened(context.session, ApplicationRow, case, case.wrapped, "form")
    if content is None:
        return None
    try:
        authorise(context.actor, Permission.SCREEN_APPLICATION, region=case.region)
        form, policy = Form.model_validate_json(content), context.policies.get(case.policy_id)
        assessment = assess(policy, form, policy.local_day(context.now))
        assessment.check_judged()
    except Refused:
        return None
    return Judged(context, case, form, assessment)


async def store_screened(context: Context, judged: Sequence[Judged]) -> set[UUID]:
    """Stores the results of those whose call is open and that no act and no overrule excludes; their ids."""
    facts = {
        "ids": [one.case.id for one in judged],
        "calls": [one.case.call_id for one in judged],
        "actors": [one.context.actor.id for one in judged],
        "assessments": [_sealed(context, one) for one in judged],
        "failed": [None if one.assessment.eligible else orjson.dumps(one.assessment.failed).decode() for one in judged],
        "amounts": [one.assessment.amount_minor if one.assessment.eligible else None for one in judged],
        "types": [one.assessment.terms.voucher_type if one.assessment.eligible and one.assessment.terms else None for one in judged],
    }
    return set(await context.session.scalars(_STORE, {"now": context.now, **facts, **_SEPARATE}))


def _sealed(context: Context, one: Judged) -> bytes:
    assessment = {"assessment": one.assessment.model_dump(mode="json")}
    return closed(context.session, ApplicationRow, one.case, one.case.wrapped, assessment)["assessment"]


def publish_screened(one: Judged, hash_key: bytes) -> None:
    """In the variables of its request."""
    facts = one.case
    case = ScreenedCase(
        application_id=facts.id, call_id=facts.call_id, region=facts.region, sequence=facts.sequence, submitted_at=facts.submitted_at,
        organisation_id=facts.organisation_id, requested_minor=facts.requested_minor, currency=facts.currency, policy_id=facts.policy_id,
    )  # fmt: skip
    if one.assessment.eligible:
        publish_eligible(one.context, case, one.form, one.assessment, hash_key)
    else:
        publish_ineligible(one.context, case, one.assessment.failed)
