"""Drafts, and the answers of an application."""

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from services.applications.domain.answers import check_form
from services.applications.domain.benefit import with_its_costs
from services.applications.domain.correction import check_correction
from services.applications.domain.files import check_names_no_files
from services.applications.domain.form import Form, answers_of, dump_form, known, transitions_of
from services.applications.domain.sections import Versions, moved
from services.applications.domain.states import EDITABLE
from services.applications.locks import FreeCall, lock_answers
from services.applications.queries.forms import versions_of
from services.applications.queries.versions import last_version
from services.applications.tables import ApplicationRow, CallRow
from shared.contracts.applications import ApplicantJoined
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise, owned_by
from shared.kernel.errors import Conflict
from shared.kernel.ids import new_id
from shared.kernel.vocabulary import ApplicationState
from shared.messaging.acts import take_first_part
from shared.messaging.context import Context
from shared.messaging.outbox import publish
from shared.policy.form import FormDefinition
from shared.privacy.sealed import write_values

KEPT_PARTS = 10_000
"""How many (person, application) are remembered."""
_JOINED: dict[tuple[str, UUID], None] = {}


def add_draft(
    context: Context, call: CallRow, organisation_id: UUID, form: Form, expression_id: UUID | None = None, carried_from: UUID | None = None
) -> ApplicationRow:
    """A new draft of the organisation in the call, added to the session; in a call by invitation, on this expression of
    interest. `Malformed` for an answer that the form of the call does not
    allow; `Refused` 'files-apart' for one that names files."""
    draft = new_draft(context, call, organisation_id, form)
    draft.expression_id, draft.carried_from = expression_id, carried_from
    context.session.add(draft)
    return draft


def new_draft(context: Context, call: CallRow | FreeCall, organisation_id: UUID, form: Form) -> ApplicationRow:
    """As `add_draft`, and not added."""
    definition = context.policies.form(call.form_id)
    check_form(form, definition)
    form = with_its_costs(form, context.policies.get(call.policy_id))
    check_names_no_files(answers_of(form), Form(), definition)
    return ApplicationRow(
        id=new_id(),
        call_id=call.id,
        region=call.region,
        organisation_id=organisation_id,
        created_at=context.now,
        changed_at=context.now,
        section_versions={},  # said, since to find out these four defaults takes longer than all else of a new row
        answer_versions={},
        returned_fields=[],
        failed_rules=[],
        **_columns(form),
    )


class Editable(NamedTuple):
    """An application that may be changed, with the form and the policy of its call."""

    application: ApplicationRow
    definition: FormDefinition
    versions: Versions
    policy_id: str


async def editable(context: Context, application_id: UUID) -> Editable:
    """An application that the actor may change now, locked, with the form of its call. `Conflict` 'wrong-state' when it is neither a draft
    nor returned."""
    application, policy_id, form_id = await lock_answers(context, application_id)
    authorise(context.actor, Permission.WRITE_APPLICATION, region=application.region, owner=owned_by(application.organisation_id))
    await join(context, application, policy_id)
    if application.state not in EDITABLE:
        raise Conflict("wrong-state", "The application is {state}.", state=application.state)
    return Editable(application, context.policies.form(form_id), versions_of(application), policy_id)


async def join(context: Context, application: ApplicationRow, policy_id: str) -> None:
    """The actor takes part on the applicant's side, which is published once. `Forbidden` 'incompatible-step'.

    A person who is known to take part is not asked about at each answer that is typed: a step that does not go with it is refused by
    that act, wherever they take it.
    """
    part = (context.actor.id, application.id)
    if part in _JOINED:
        return
    if await take_first_part(context, Duty.APPLY, application.id, call_id=application.call_id):
        publish_joined(context, application, policy_id)
        return  # remembered once it is committed, at the next change
    _JOINED[part] = None
    if len(_JOINED) > KEPT_PARTS:
        del _JOINED[next(iter(_JOINED))]


def publish_joined(context: Context, application: ApplicationRow, policy_id: str) -> None:
    joined = ApplicantJoined(
        application_id=application.id, call_id=application.call_id, region=application.region,
        organisation_id=application.organisation_id, policy_id=policy_id,
    )  # fmt: skip
    publish(context, joined, reason="wrote-first", policy_id=policy_id)


async def write_answers(
    context: Context, application: ApplicationRow, before: Form, form: Form, definition: FormDefinition, sections: Iterable[str] = ()
) -> None:
    """Stores the form of a draft or a returned application, which was `before`, and moves the versions of what has changed and of
    `sections`. `Refused` 'not-returned-for-this'."""
    if application.state == ApplicationState.RETURNED:
        check_correction(known(await last_version(context, application)), form, application.returned_fields, definition)
    versions = versions_of(application)
    after = moved(versions, before, form, definition, sections)
    if after == versions and before == form:
        return
    versions_after = {"section_versions": dict(after.sections), "answer_versions": dict(after.answers)}
    await write_values(context.session, application, {**_columns(form), **versions_after, "changed_at": context.now})


def _columns(form: Form) -> dict[str, Any]:
    """The form, and in columns of their own the answers that are searched."""
    return {
        "form": dump_form(form), "title": form.project.title, "requested_minor": form.costs.requested_minor,
        "starts_on": form.project.starts_on, "ends_on": form.project.ends_on,
        "s3_field": form.project.s3_field, "partner_region": form.project.partner_region, "transitions": transitions_of(form),
    }  # fmt: skip
