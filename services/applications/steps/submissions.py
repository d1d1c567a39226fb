"""First submissions of drafts that come at the same moment, in one transaction with one statement for each step.

Only what needs nothing else is taken along: a draft that nobody else is changing, of an organisation without another live application,
which is on no invitation and not carried from an earlier round. All else, and all that a rule refuses, is left to
`commands.submit_application`, which says why.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text

from services.applications.domain.form import Form
from services.applications.domain.receipt import content_digest, receipt_number
from services.applications.domain.states import LIVE
from services.applications.domain.submission import Project
from services.applications.steps.submission import FIRST, SubmittedCase, complete_project, publish_submission, tax_key_of
from services.applications.steps.versions import pin_files
from services.applications.tables import ApplicationRow
from shared.database.base import one_of
from shared.database.together import plan_once
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise, owned_by
from shared.kernel.errors import Refused
from shared.kernel.vocabulary import ApplicationState, CallState
from shared.messaging.acts import NOT_SEPARATE, duties_apart
from shared.messaging.context import Context
from shared.policy.form import EXTRA
from shared.privacy.sealed import opened

_TAKE_FREE = text(f"""
    WITH asked AS MATERIALIZED (
        SELECT draft.id, draft.organisation_id FROM unnest(CAST(:ids AS uuid[])) AS given (id) CROSS JOIN LATERAL (
            SELECT id, organisation_id FROM applications WHERE id = given.id AND state = '{ApplicationState.DRAFT}' OFFSET 0
        ) AS draft
    ), held AS MATERIALIZED (
        SELECT id FROM asked WHERE pg_try_advisory_xact_lock(hashtextextended(CAST(organisation_id AS text), 0))
    )
    SELECT application.id, application.call_id, application.region, application.organisation_id, application.form, subject.wrapped,
        call.number, call.policy_id, call.form_id, call.currency
    FROM held
    CROSS JOIN LATERAL (
        SELECT id, call_id, region, organisation_id, form FROM applications
        WHERE id = held.id AND state = '{ApplicationState.DRAFT}' AND carried_from IS NULL FOR NO KEY UPDATE SKIP LOCKED
    ) AS application
    CROSS JOIN LATERAL (
        SELECT number, policy_id, form_id, currency FROM calls WHERE id = application.call_id AND invites_from IS NULL OFFSET 0
    ) AS call
    CROSS JOIN LATERAL (SELECT wrapped FROM subject_keys WHERE subject_id = application.organisation_id OFFSET 0) AS subject
""")
"""Locks and reads what is free: who holds a lock is waited for by the command for one. Row by row: a join might begin with all drafts of a
call."""
_SAME_NUMBER = f"""
    (SELECT count(DISTINCT other.organisation_id) FROM (
        SELECT organisation_id, state FROM applications WHERE call_id = given.call_id AND tax_key = given.tax_key OFFSET 0
     ) AS other WHERE {one_of("other.state", LIVE)})
"""
"""Organisations; the one that is to submit has no live application."""
_NUMBER = text(f"""
    WITH given AS MATERIALIZED (
        SELECT * FROM unnest(
            CAST(:ids AS uuid[]), CAST(:organisations AS uuid[]), CAST(:calls AS uuid[]), CAST(:actors AS text[]),
            CAST(:tax_keys AS text[]), CAST(:most AS integer[])
        ) WITH ORDINALITY AS given (id, organisation_id, call_id, actor, tax_key, most, place)
    ), clear AS MATERIALIZED (
        SELECT id, call_id, row_number() OVER (PARTITION BY call_id ORDER BY place) AS place FROM given
        WHERE NOT EXISTS (
            SELECT FROM applications AS other
            WHERE other.organisation_id = given.organisation_id AND {one_of("other.state", LIVE)}
            OFFSET 0
        ) AND NOT {NOT_SEPARATE} AND (given.most IS NULL OR {_SAME_NUMBER} < given.most)
    ), wanted AS (
        SELECT call_id, count(*) AS number FROM clear GROUP BY call_id
    ), locked AS MATERIALIZED (
        SELECT id FROM calls WHERE id IN (SELECT call_id FROM wanted) ORDER BY id FOR NO KEY UPDATE
    ), numbered AS (
        UPDATE calls SET submitted = calls.submitted + wanted.number,
            last_submitted_at = greatest(calls.last_submitted_at, CAST(:now AS timestamptz))
        FROM wanted JOIN locked ON locked.id = wanted.call_id
        WHERE calls.id = wanted.call_id AND calls.state <> '{CallState.CLOSED}'
            AND calls.opens_at <= CAST(:now AS timestamptz) AND CAST(:now AS timestamptz) < calls.closes_at
        RETURNING calls.id, calls.submitted - wanted.number AS before, calls.last_submitted_at
    )
    SELECT clear.id, numbered.before + clear.place AS sequence, numbered.last_submitted_at AS submitted_at
    FROM clear JOIN numbered ON numbered.id = clear.call_id
""")
"""The calls come last, in the order of their ids, and one that has closed meanwhile gives no number. Organisations and applications are
locked before, so what is read of them here is as it stays."""
_STORE = text(f"""
    UPDATE applications AS application
    SET state = '{ApplicationState.SUBMITTED}', live_slot = 1, revision = 1, sequence = given.sequence, receipt = given.receipt,
        submitted_at = given.submitted_at, tax_key = given.tax_key, changed_at = CAST(:now AS timestamptz)
    FROM unnest(
        CAST(:ids AS uuid[]), CAST(:calls AS uuid[]), CAST(:tax_keys AS text[]), CAST(:most AS integer[]),
        CAST(:sequences AS integer[]), CAST(:receipts AS text[]), CAST(:instants AS timestamptz[])
    ) AS given (id, call_id, tax_key, most, sequence, receipt, submitted_at)
    WHERE application.id = given.id AND (given.most IS NULL OR {_SAME_NUMBER} < given.most)
""")
"""Counts who has the same tax number once more, now under the lock of the call."""
_SEPARATE = duties_apart(Duty.APPLY)


class FreeDraft(NamedTuple):
    """A draft that is locked, with what is asked of its call. `wrapped`: the key of its organisation."""

    id: UUID
    call_id: UUID
    region: str
    organisation_id: UUID
    form: bytes | None
    wrapped: bytes
    number: int
    policy_id: str
    form_id: str | None
    currency: str


@dataclass(frozen=True, slots=True)
class Complete:
    """A draft that may be submitted, by the actor of `context`. `most`: how many organisations with its tax number may apply in the call,
    None for any number."""

    context: Context
    draft: FreeDraft
    form: Form
    project: Project
    digest: str
    tax_key: str | None
    most: int | None
    with_files: bool


@dataclass(frozen=True, slots=True)
class Receipt:
    """What its receipt says (`queries.views.ReceiptView`)."""

    application_id: UUID
    receipt: str
    submitted_at: datetime
    sequence: int
    digest: str
    revision: int = FIRST


async def take_free_drafts(context: Context, ids: Sequence[UUID]) -> dict[UUID, FreeDraft]:
    """Those that can be taken along, locked with their organisations, and of each organisation the first."""
    await plan_once(context.session)
    found = {row.id: FreeDraft(*row) for row in await context.session.execute(_TAKE_FREE, {"ids": ids})}
    first: dict[UUID, FreeDraft] = {}
    for draft in (found[identity] for identity in ids if identity in found):
        first.setdefault(draft.organisation_id, draft)
    return {draft.id: draft for draft in first.values()}


def complete(context: Context, draft: FreeDraft) -> Complete | None:
    """None when a rule refuses it, or it needs more than is read here."""
    content = opened(context.session, ApplicationRow, draft, draft.wrapped, "form")
    if content is None:
        return None
    try:
        authorise(context.actor, Permission.WRITE_APPLICATION, region=draft.region, owner=owned_by(draft.organisation_id))
        form, policy = Form.model_validate_json(content), context.policies.get(draft.policy_id)
        project = complete_project(context, form, policy, draft.form_id)
    except Refused:
        return None
    with_files = bool(context.policies.form(draft.form_id).file_questions & {f"{EXTRA}{name}" for name in form.extra})
    most = policy.eligibility.organisations_per_tax_number
    return Complete(context, draft, form, project, content_digest(form), tax_key_of(context, form), most, with_files)


async def submit_all(context: Context, complete: Sequence[Complete]) -> dict[UUID, Receipt]:
    """Submits and publishes those that no other application, act or call excludes; by id. RuntimeError, and so nothing, when another
    organisation has taken the last place of a tax number meanwhile."""
    complete = _one_of_each_number(complete)
    facts: dict[str, list[Any]] = {
        "ids": [one.draft.id for one in complete],
        "calls": [one.draft.call_id for one in complete],
        "tax_keys": [one.tax_key for one in complete],
        "most": [one.most for one in complete],
    }
    of_person = {"organisations": [one.draft.organisation_id for one in complete], "actors": [one.context.actor.id for one in complete]}
    asked = {**of_person, "now": context.now, **_SEPARATE}
    numbers = {row.id: row for row in await context.session.execute(_NUMBER, facts | asked)}
    places = [place for place, one in enumerate(complete) if one.draft.id in numbers]
    if not places:
        return {}
    done = {complete[place].draft.id: _receipt(complete[place], numbers[complete[place].draft.id]) for place in places}
    stored = {
        "now": context.now,
        "sequences": [one.sequence for one in done.values()],
        "receipts": [one.receipt for one in done.values()],
        "instants": [one.submitted_at for one in done.values()],
        **{name: [values[place] for place in places] for name, values in facts.items()},
    }
    written: Any = await context.session.execute(_STORE, stored)
    if written.rowcount != len(done):
        raise RuntimeError("a tax number was taken while its call was waited for")
    if with_files := [one.draft.id for one in complete if one.with_files and one.draft.id in done]:
        await pin_files(context, with_files, FIRST)
    return done


def _one_of_each_number(complete: Sequence[Complete]) -> list[Complete]:
    """Where organisations of one tax number are counted in a call, the first of them: a statement does not count what it writes itself."""
    first: dict[tuple[UUID, str | UUID], Complete] = {}
    for one in complete:
        counted = one.tax_key if one.most else None
        first.setdefault((one.draft.call_id, counted or one.draft.id), one)
    return list(first.values())


def _receipt(one: Complete, number: Any) -> Receipt:
    receipt = receipt_number(one.draft.region, one.draft.number, number.sequence)
    return Receipt(one.draft.id, receipt, number.submitted_at, number.sequence, one.digest)


def publish_submitted(one: Complete, receipt: Receipt) -> None:
    """In the variables of its request."""
    draft = one.draft
    case = SubmittedCase(
        application_id=draft.id, call_id=draft.call_id, region=draft.region, organisation_id=draft.organisation_id,
        currency=draft.currency, policy_id=draft.policy_id, form_id=draft.form_id, sequence=receipt.sequence, receipt=receipt.receipt,
        submitted_at=receipt.submitted_at,
    )  # fmt: skip
    publish_submission(one.context, case, one.form, one.project)
