"""A past call judged again under other rules: which values can be changed, and who would be eligible with what amount. Nothing is kept.

No name and no answer is shown, only numbers of receipts, amounts and the ids of rules: so it is no line of the access log.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select
from sqlmodel import col

from services.applications.domain.earlier import chosen_type
from services.applications.domain.eligibility import Assessment
from services.applications.domain.form import known, stored_form
from services.applications.domain.replay import Changes, Judged, changes_between, judge_again, recorded_verdict
from services.applications.locks import read_call
from services.applications.tables import ApplicationRow, CallRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict
from shared.kernel.vocabulary import ApplicationState
from shared.messaging.context import Context
from shared.policy.scenario import MOST_APPLICATIONS, Scenario, changed_policies, values_of
from shared.policy.schema import Policy
from shared.privacy.sealed import without
from shared.texts import in_language

BATCH = 500
_TEXTS = ("title", "return_note", "return_words")
"""Encrypted columns that no rule looks at."""
_PLAIN = ("id", "receipt", "sequence", "requested_minor", "transitions", "state", "amount_minor", "failed_rules", "voucher_type")
"""Enough where no verdict is asked again."""


class NamedView(BaseModel):
    """Of a rule its sentence, of a criterion its title, in the reader's language."""

    id: str
    text: str


class ReplayValuesView(BaseModel):
    """What a scenario can change in the policy of a call, with the values that the call had; amounts are minor units of `currency`, but
    where the name says EUR. `policy_id` is the rules that the call is pinned to."""

    call_id: UUID
    region: str
    policy_id: str
    title: dict[str, str]
    selection_method: str
    currency: str
    envelope_minor: int
    values: dict[str, bool | int | str | list[str]]
    criteria: list[NamedView]
    rules: list[NamedView]


class ReplayFactsView(BaseModel):
    """The applications of a call in the order of their sequence, one column each. `amounts_minor` has a list for the record and then one
    for each scenario: the aid of each application, null of one that is not eligible. `failed_rules`: as these, why not.
    `voucher_types`: that each asks for, null without types, and of one that is not eligible where no answers were read. `not_judged`: how
    many keep the record's verdict, because they were never judged or their content is removed. Withdrawn ones are left out."""

    call_id: UUID
    region: str
    policy_id: str
    application_ids: list[UUID]
    receipts: list[str]
    sequences: list[int]
    requested_minor: list[int]
    transitions: list[list[str]]
    amounts_minor: list[list[int | None]]
    failed_rules: list[list[list[str]]]
    voucher_types: list[str | None]
    not_judged: int


async def read_replay_values(context: Context, call_id: UUID, language: str) -> ReplayValuesView:
    """Raises NotFound, Forbidden; `Conflict` 'not-screened' while the screening is not complete."""
    call, policy = await _past_call(context, call_id)
    criteria = policy.evaluation.criteria if policy.evaluation else ()
    return ReplayValuesView(
        call_id=call.id,
        region=call.region,
        policy_id=call.policy_id,
        title=call.shown_title,
        selection_method=call.selection_method,
        currency=call.currency,
        envelope_minor=call.envelope_minor,
        values=values_of(policy),
        criteria=[NamedView(id=one.id, text=in_language(one.title, language)) for one in criteria],
        rules=[NamedView(id=rule.id, text=rule.text(language)) for rule in policy.eligibility.rules],
    )


async def read_replay_facts(context: Context, call_id: UUID, scenarios: Sequence[Scenario]) -> ReplayFactsView:
    """Raises as `read_replay_values` and `changed_policy`; `Conflict` 'call-too-large'."""
    call, policy = await _past_call(context, call_id)
    if call.submitted > MOST_APPLICATIONS:
        raise Conflict("call-too-large", "A call of more than {most} applications is not replayed.", most=MOST_APPLICATIONS)
    changes = [changes_between(policy, changed) for changed in changed_policies(policy, scenarios)]
    view = ReplayFactsView(
        call_id=call.id, region=call.region, policy_id=call.policy_id, application_ids=[], receipts=[], sequences=[], requested_minor=[],
        transitions=[], amounts_minor=[[] for _ in range(len(changes) + 1)], failed_rules=[[] for _ in range(len(changes) + 1)],
        voucher_types=[], not_judged=0,
    )  # fmt: skip
    with_answers = any(change.any for change in changes)
    async for rows in _applications(context, call_id, with_answers=with_answers):
        for row in rows:
            _add(view, row, policy, changes, with_answers=with_answers)
    return view


async def _past_call(context: Context, call_id: UUID) -> tuple[CallRow, Policy]:
    call = await read_call(context, call_id)
    authorise(context.actor, Permission.READ_REPLAY, region=call.region)
    if call.screening_completed_at is None:
        raise Conflict("not-screened", "The screening of this call is not complete. Only past calls are replayed.")
    return call, context.policies.get(call.policy_id)


async def _applications(context: Context, call_id: UUID, *, with_answers: bool) -> AsyncIterator[Sequence[Any]]:
    """The submitted applications in batches, so that other requests are answered between them: whole rows, without texts, which are
    decrypted; or the columns of `_PLAIN`."""
    row, last = ApplicationRow, 0
    whole = select(row).options(*without(*(col(getattr(row, name)) for name in _TEXTS)))
    query: Any = whole if with_answers else select(*(col(getattr(row, name)) for name in _PLAIN))
    query = query.where(col(row.call_id) == call_id, col(row.state) != ApplicationState.WITHDRAWN)
    query = query.order_by(col(row.sequence)).limit(BATCH)
    while rows := await _batch(context, query.where(col(row.sequence) > last), with_answers=with_answers):
        yield rows
        last = known(rows[-1].sequence)
        context.session.expunge_all()


async def _batch(context: Context, query: Any, *, with_answers: bool) -> Sequence[Any]:
    return (await context.session.scalars(query)).all() if with_answers else (await context.session.execute(query)).all()


def _add(view: ReplayFactsView, row: Any, policy: Policy, changes: Sequence[Changes], *, with_answers: bool) -> None:
    record = recorded_verdict(eligible=row.state == ApplicationState.ELIGIBLE, amount_minor=row.amount_minor, failed=list(row.failed_rules))
    verdicts: list[Judged] = [record] * (len(changes) + 1)
    kind = row.voucher_type
    if with_answers:
        assessment = None if row.assessment is None else Assessment.model_validate(row.assessment)
        form = None if row.form is None or assessment is None else stored_form(row.form)
        on = policy.local_day(row.screened_at or known(row.submitted_at))
        kind = kind if form is None else chosen_type(form)
        verdicts = [record, *(judge_again(record, assessment, form, change, on) for change in changes)]
        view.not_judged += assessment is None or form is None
    view.application_ids.append(row.id)
    view.receipts.append(known(row.receipt))
    view.sequences.append(known(row.sequence))
    view.requested_minor.append(row.requested_minor or 0)
    view.voucher_types.append(kind)
    view.transitions.append(list(row.transitions or ()))
    for place, verdict in enumerate(verdicts):
        view.amounts_minor[place].append(verdict.amount_minor)
        view.failed_rules[place].append(list(verdict.failed))
