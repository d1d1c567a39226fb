"""Drafts, and the answers of an application."""

from collections.abc import Iterable
from uuid import UUID

from services.applications.domain.answers import check_form
from services.applications.domain.correction import check_correction
from services.applications.domain.files import check_names_no_files
from services.applications.domain.form import Form, answers_of, dump_form, known, stored_form
from services.applications.domain.sections import Versions, moved
from services.applications.domain.states import EDITABLE
from services.applications.locks import read_case
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


def add_draft(context: Context, call: CallRow, organisation_id: UUID, form: Form) -> ApplicationRow:
    """A new draft of the organisation in the call, added to the session. `Malformed` for an answer that the form of the call does not
    allow; `Refused` 'files-apart' for one that names files."""
    definition = context.policies.form(call.form_id)
    check_form(form, definition)
    check_names_no_files(answers_of(form), Form(), definition)
    draft = ApplicationRow(
        id=new_id(),
        call_id=call.id,
        region=call.region,
        organisation_id=organisation_id,
        form={},
        created_at=context.now,
        changed_at=context.now,
    )
    context.session.add(draft)
    _store(draft, form)
    return draft


async def editable(context: Context, application_id: UUID) -> tuple[ApplicationRow, FormDefinition, Versions]:
    """An application that the actor may change now, locked, with the form of its call. `Conflict` 'wrong-state' when it is neither a draft
    nor returned."""
    application, call = await read_case(context, application_id)
    authorise(context.actor, Permission.WRITE_APPLICATION, region=application.region, owner=owned_by(application.organisation_id))
    await join(context, application, call)
    if application.state not in EDITABLE:
        raise Conflict("wrong-state", "The application is {state}.", state=application.state)
    return application, context.policies.form(call.form_id), versions_of(application)


async def join(context: Context, application: ApplicationRow, call: CallRow) -> None:
    """The actor takes part on the applicant's side, which is published once. `Forbidden` 'incompatible-step'."""
    if await take_first_part(context, Duty.APPLY, application.id, call_id=call.id):
        joined = ApplicantJoined(
            application_id=application.id, call_id=call.id, region=application.region, organisation_id=application.organisation_id,
            policy_id=call.policy_id,
        )  # fmt: skip
        publish(context, joined, reason="wrote-first", policy_id=call.policy_id)


async def write_answers(
    context: Context, application: ApplicationRow, form: Form, definition: FormDefinition, sections: Iterable[str] = ()
) -> None:
    """Stores the form of a draft or a returned application, and moves the versions of what has changed and of `sections`. `Refused`
    'not-returned-for-this'."""
    if application.state == ApplicationState.RETURNED:
        check_correction(known(await last_version(context, application)), form, application.returned_fields, definition)
    before, versions = stored_form(application.form), versions_of(application)
    after = moved(versions, before, form, definition, sections)
    if after == versions and before == form:
        return
    application.section_versions, application.answer_versions = dict(after.sections), dict(after.answers)
    application.changed_at = context.now
    _store(application, form)


def _store(application: ApplicationRow, form: Form) -> None:
    """The form, and in columns of their own the answers that are searched."""
    application.form = dump_form(form)
    application.title, application.requested_minor = form.project.title, form.costs.requested_minor
    application.starts_on, application.ends_on = form.project.starts_on, form.project.ends_on
