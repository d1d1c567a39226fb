"""One application on an officer's desk: file, verdicts, neighbours, notes, history, and what can be done with it."""

import asyncio
from typing import Any

from starlette.responses import Response

from portal.client.applications import NoteInput, OverruleInput, ReturnInput
from portal.client.base import ApiProblem
from portal.kit.names import named
from portal.kit.pages import go, page
from portal.kit.reader import Reader
from portal.kit.reader import mark as _
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Visit
from portal.officer.words import COLOURS, answers_of, facts_of, likenesses, states

PATH = "/officer/applications/{application_id:uuid}"
EVENTS = {
    "ApplicationSubmitted": _("The applicant sent it"),
    "ApplicationReturnProposed": _("An officer proposed to return it"),
    "ApplicationReturned": _("An officer returned it to the applicant"),
    "VerdictOverruleProposed": _("An officer proposed to overrule a verdict"),
    "VerdictOverruled": _("A second officer confirmed that a verdict is overruled"),
    "ApplicationFoundEligible": _("Found eligible"),
    "ApplicationFoundIneligible": _("Found ineligible"),
    "ApplicationWithdrawn": _("The applicant withdrew it"),
    "LegalHoldPlaced": _("A legal hold was placed"),
    "LegalHoldLifted": _("A legal hold was lifted"),
    "CaseRemoved": _("Its content was removed: the term of the case was over"),
}
"""What the history says of each event that an officer should see."""


async def show(visit: Visit) -> Response:
    kept = await visit.take_kept()
    return await _page(visit, Reader(kept or (), visit.language), restored=kept is not None)


async def act(visit: Visit) -> Response:
    """`act`: note, lift, screen, confirm or refuse (an overrule)."""
    reader, form, applications = Reader(visit.form, visit.language), visit.form, visit.services.applications
    caller, identity, what = await visit.caller(), visit.request.path_params["application_id"], form.get("act")
    with reader.taking():
        if what == "note":
            words = reader.line("words", _("Write the note"))
            if reader.errors:
                return await _page(visit, reader)
            await applications.post_application_note(caller, identity, NoteInput(words=words, flag=form.get("flag") == "yes"))
        elif what == "lift":
            await applications.post_note_lifting(caller, form.get("note_id"))
        elif what in ("confirm", "refuse"):
            decide = applications.post_overrule_confirmation if what == "confirm" else applications.post_overrule_refusal
            await decide(caller, form.get("overrule_id"))
        else:
            raise ApiProblem(404, {"code": "unknown-act"})
    if reader.errors:
        return await _page(visit, reader)
    return go(f"/officer/applications/{identity}?done={what}")


async def _page(visit: Visit, reader: Reader, *, restored: bool = False) -> Response:
    applications, caller, language = visit.services.applications, await visit.caller(), visit.language
    identity = visit.request.path_params["application_id"]
    application = await applications.get_application(caller, identity)
    await visit.at(application.region)
    call, form, rules, beside = await asyncio.gather(
        applications.get_call(caller, application.call_id),
        visit.call_form(application.call_id),
        applications.get_application_eligibility(caller, identity),
        applications.get_application_screening(caller, identity),
    )
    sections, files, versions, history = await asyncio.gather(
        applications.list_application_sections(caller, identity),
        applications.list_application_files(caller, identity),
        applications.list_application_versions(caller, identity),
        applications.read_history(caller, identity),
    )
    answers = {question: value for section in sections for question, value in section.answers.items()}
    questions = {question.id: question.label for section in form.sections for question in section.questions}
    names = await named(visit, [*(one.written_by for one in beside.notes), *(one.proposed_by for one in beside.overrules)])
    happened = [(event.time, event.type.split(".")[1]) for event in reversed(history.events)]
    events = [(at, text(language, EVENTS[name])) for at, name in happened if name in EVENTS]
    return page(
        visit, "officer/case.html", status=422 if reader.errors else 200, form=reader, restored=restored, application=application,
        call=call, zone=(await visit.region(call.region)).zone, rules=rules, beside=beside, files=files, versions=versions, events=events,
        sections=answers_of(form, answers, language), questions=questions, states=states(language), colours=COLOURS,
        likenesses=likenesses(language), applicant=_applicant(answers), person=names.by,
        facts={one.rule: facts_of(one, rules.currency, language) for one in rules.rules},
        open_flags=[note for note in beside.notes if note.is_flag and note.lifted_at is None],
        waiting=[one for one in beside.overrules if one.state == "proposed" and one.holds],
    )  # fmt: skip


def _applicant(answers: dict[str, Any]) -> str:
    return str(answers.get("applicant.name") or "–")


async def ask_screen(visit: Visit) -> Response:
    return await _screen_page(visit, Reader((), visit.language))


async def do_screen(visit: Visit) -> Response:
    reader, identity = Reader((), visit.language), visit.request.path_params["application_id"]
    with reader.taking():
        await visit.services.applications.post_application_screening(await visit.caller(), identity)
        return go(f"/officer/applications/{identity}?done=screened")
    return await _screen_page(visit, reader)


async def _screen_page(visit: Visit, reader: Reader) -> Response:
    applications, caller, language = visit.services.applications, await visit.caller(), visit.language
    identity = visit.request.path_params["application_id"]
    application, rules = await asyncio.gather(
        applications.get_application(caller, identity), applications.get_application_eligibility(caller, identity)
    )
    await visit.at(application.region)
    result = (
        text(language, "By the rules it is found eligible.") if rules.eligible else text(language, "By the rules it is found ineligible.")
    )
    follows = [
        result,
        text(language, "This cannot be undone: the result is published, and an eligible application goes on to its decision."),
    ]
    return page(
        visit, "kit/confirm.html", status=422 if reader.errors else 200, form=reader, title=text(language, "Screen this application"),
        caption=application.receipt, follows=follows, button=text(language, "Screen it"), back=f"/officer/applications/{identity}",
    )  # fmt: skip


async def ask_return(visit: Visit) -> Response:
    kept = await visit.take_kept()
    return await _return_page(visit, kept or (), Reader(kept or (), visit.language), restored=kept is not None)


async def do_return(visit: Visit) -> Response:
    reader, identity, form = Reader(visit.form, visit.language), visit.request.path_params["application_id"], visit.form
    fields = form.all("field")
    words = {field: form.get(f"words.{field}") for field in fields if form.get(f"words.{field}")}
    if not fields:
        reader.errors["fields"] = text(visit.language, "Choose what is to be corrected")
        return await _return_page(visit, form, reader)
    reader.typed["fields"] = ""
    body = ReturnInput(fields=fields, words=words, note=form.get("note"))
    with reader.taking():
        returned = await visit.services.applications.post_application_return(await visit.caller(), identity, body)
        return go(f"/officer/applications/{identity}?done={'returned' if returned.state == 'returned' else 'proposed'}")
    return await _return_page(visit, form, reader)


async def _return_page(visit: Visit, typed: Any, reader: Reader, *, restored: bool = False) -> Response:
    applications, caller, language = visit.services.applications, await visit.caller(), visit.language
    application = await applications.get_application(caller, visit.request.path_params["application_id"])
    await visit.at(application.region)
    form, repairs = await asyncio.gather(visit.call_form(application.call_id), applications.get_call_repairs(caller, application.call_id))
    questions = {question.id: question.label for section in form.sections for question in section.questions}
    follows = [
        text(language, "The applicant gets a letter and may correct the answers that you name, and no others."),
        text(language, "This cannot be undone: the letter goes out at once. Where a second officer is needed, it goes out after that."),
    ]
    return page(
        visit, "officer/return.html", status=422 if reader.errors else 200, form=reader, restored=restored, application=application,
        title=text(language, "Return this application"), caption=application.receipt, follows=follows, button=text(language, "Return it"),
        back=f"/officer/applications/{application.id}", within=repairs.within,
        fields={one: questions[one] for one in repairs.questions if one in questions},
        ticked=[value for name, value in typed if name == "field"] or application.proposed_return_fields or [],
    )  # fmt: skip


async def ask_overrule(visit: Visit) -> Response:
    kept = await visit.take_kept()
    return await _overrule_page(visit, Reader(kept or (), visit.language), restored=kept is not None)


async def do_overrule(visit: Visit) -> Response:
    reader, params = Reader(visit.form, visit.language), visit.request.path_params
    words = reader.line("words", _("Say why the verdict does not stand"))
    if not reader.errors:
        body = OverruleInput(rule=params["rule"], passed=visit.form.get("passed") == "yes", words=words)
        with reader.taking():
            await visit.services.applications.post_application_overrule(await visit.caller(), params["application_id"], body)
            return go(f"/officer/applications/{params['application_id']}?done=overrule")
    return await _overrule_page(visit, reader)


async def _overrule_page(visit: Visit, reader: Reader, *, restored: bool = False) -> Response:
    params, language = visit.request.path_params, visit.language
    caller, applications = await visit.caller(), visit.services.applications
    application, rules = await asyncio.gather(
        applications.get_application(caller, params["application_id"]),
        applications.get_application_eligibility(caller, params["application_id"]),
    )
    await visit.at(application.region)
    verdict = next((one for one in rules.rules if one.rule == params["rule"]), None)
    if verdict is None:
        raise ApiProblem(404, {"code": "unknown-rule"})
    follows = [
        text(language, "The rule counts as kept once another officer confirms it.")
        if not verdict.passed
        else text(language, "The rule counts as not kept once another officer confirms it."),
        text(language, "It holds for these answers only. Until it is decided, the application is not screened."),
    ]
    return page(
        visit, "officer/overrule.html", status=422 if reader.errors else 200, form=reader, restored=restored, verdict=verdict,
        title=text(language, "Overrule the verdict of a rule"), caption=application.receipt, follows=follows,
        button=text(language, "Propose it"),
        back=f"/officer/applications/{params['application_id']}#rules", hidden={"passed": "no" if verdict.passed else "yes"},
        facts=facts_of(verdict, rules.currency, language),
    )  # fmt: skip


ROUTES = [
    staff(PATH, show, act),
    staff(f"{PATH}/screening", ask_screen, do_screen),
    staff(f"{PATH}/return", ask_return, do_return),
    staff(f"{PATH}/rules/{{rule}}", ask_overrule, do_overrule),
]
