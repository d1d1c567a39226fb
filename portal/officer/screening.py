"""Screening of a call: the list of its applications, and one act on many of them."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any, cast
from uuid import UUID

from starlette.responses import Response

from portal.client.applications import BulkInput, CallView, DeskView, ReturnInput, ScreeningCaseView
from portal.client.base import ApiProblem
from portal.kit.desks import Task
from portal.kit.lists import Cell, Column, Filter, Listing, amount, instant, listed, region_filter
from portal.kit.names import Names
from portal.kit.pages import go, page
from portal.kit.reader import Reader
from portal.kit.routing import staff
from portal.kit.texts import text, texts
from portal.kit.visit import Visit
from portal.officer.steps import progress_of
from portal.officer.words import COLOURS, outcomes, states
from shared.kernel.ids import new_id

PATH = "/officer/calls/{call_id:uuid}/screening"
ACTIONS = ("screen", "return", "flag", "lift-flags")
YES, NO = "true", "false"


async def screening(visit: Visit) -> Response:
    """The applications of a call, each with what the rules say of it."""
    caller, applications = await visit.caller(), visit.services.applications
    call = await applications.get_call(caller, visit.request.path_params["call_id"])
    await visit.at(call.region)
    counts = next(iter(await applications.list_screening_counts(caller, call_id=[call.id])), None)
    zone, language = (await visit.region(call.region)).zone, visit.language
    listing = Listing(
        name="screening",
        title=text(language, "Screening"),
        columns=_columns(language, call, zone),
        ask=partial(applications.list_screening_cases, caller, call.id),
        empty=text(language, "No application has been submitted yet. They stand here as soon as they are."),
        filters=_filters(language),
        sort="sequence",
    )
    return await listed(
        visit, listing, "officer/screening.html", call=call, counts=counts, states=states(language), zone=zone, choose="bulk"
    )


def _filters(language: str) -> Sequence[Filter]:
    yes_no = {YES: text(language, "Yes"), NO: text(language, "No")}
    return [
        Filter("text", text(language, "Number, title or applicant")),
        Filter("state", text(language, "State"), states(language)),
        Filter("flagged", text(language, "Flagged"), yes_no),
        Filter("corrected", text(language, "Corrected by the applicant"), yes_no),
        Filter("overrule_open", text(language, "Overrule to confirm"), yes_no),
    ]


def _columns(language: str, call: CallView, zone: str) -> list[Column[ScreeningCaseView]]:
    def state(one: ScreeningCaseView) -> Cell:
        marks = [text(language, "flagged")] * bool(one.flags) + [text(language, "overrule to confirm")] * bool(one.overrules_open)
        marks += [text(language, "corrected")] * one.corrected + [text(language, "second officer needed")] * bool(
            one.proposed_return_fields
        )
        return Cell(states(language)[one.state], colour=COLOURS[one.state], below=", ".join(marks), value=one.state)

    def rules(one: ScreeningCaseView) -> Cell:
        failing = len(one.failing)
        words = texts(language, "%(num)s rule not kept", "%(num)s rules not kept", failing) % {"num": failing}
        return Cell(words if failing else text(language, "all kept"), value=", ".join(one.failing))

    asked = partial(amount, currency=call.currency, language=language)
    return [
        Column(
            "receipt",
            text(language, "Application"),
            lambda one: Cell(one.receipt, f"/officer/applications/{one.id}", below=one.title or ""),
        ),
        Column("applicant", text(language, "Applicant"), lambda one: one.applicant_name or "–"),
        Column("state", text(language, "State"), state),
        Column("rules", text(language, "Rules"), rules),
        Column("requested", text(language, "Aid asked for"), lambda one: asked(one.requested_minor or 0), "requested_minor", number=True),
        Column("submitted", text(language, "Sent"), lambda one: instant(one.submitted_at, zone, language), "sequence"),
    ]


async def ask_bulk(visit: Visit) -> Response:
    """Says what follows, and asks once. `action`, `application` (several) from the query."""
    query = visit.request.query_params
    kept = await visit.take_kept()
    typed = kept or [("action", query.get("action", "")), *(("application", one) for one in query.getlist("application"))]
    return await _bulk_page(visit, typed, Reader(typed, visit.language), restored=kept is not None)


async def do_bulk(visit: Visit) -> Response:
    reader, form = Reader(visit.form, visit.language), visit.form
    action, chosen = form.get("action"), form.all("application")
    ids = [UUID(one) for one in chosen if _is_id(one)]
    corrections = ReturnInput(fields=form.all("field"), note=form.get("note")) if action == "return" and form.all("field") else None
    if action not in ACTIONS or len(ids) < len(chosen):  # without an id it would be an act on the whole call
        raise ApiProblem(404, {"code": "unknown-act"})
    body = BulkInput(action=cast(Any, action), application_ids=ids or None, corrections=corrections, words=form.get("words") or None)
    reader.typed |= {"words": form.get("words"), "corrections": ""}
    with reader.taking():
        done = await visit.services.applications.post_call_bulk_act(
            await visit.caller(), visit.request.path_params["call_id"], body, form.get("key") or f"bulk-{new_id()}"
        )
        return go(f"/officer/bulk/{done.id}")
    return await _bulk_page(visit, form, reader)


async def counts_of(visit: Visit) -> object:
    """What is asked to see whether the list has changed. The service records who reads the list itself."""
    caller, applications = await visit.caller(), visit.services.applications
    call = await applications.get_call(caller, visit.request.path_params["call_id"])
    return await applications.list_screening_counts(caller, call_id=[call.id])


async def _bulk_page(visit: Visit, typed: Any, reader: Reader, *, restored: bool = False) -> Response:
    applications, caller = visit.services.applications, await visit.caller()
    call_id, language = visit.request.path_params["call_id"], visit.language
    action = reader.typed.get("action", "")
    chosen = [value for name, value in typed if name == "application"]
    if action not in ACTIONS or (not chosen and action != "screen"):
        return go(f"/officer/calls/{call_id}/screening?done=nothing-chosen")
    call, form, repairs = await asyncio.gather(
        applications.get_call(caller, call_id), visit.call_form(call_id), applications.get_call_repairs(caller, call_id)
    )
    await visit.at(call.region)
    questions = {question.id: question.label for section in form.sections for question in section.questions}
    values: dict[str, Any] = {
        "title": _title(action, len(chosen), language),
        "follows": _follows(action, language, whole=not chosen),
        "button": _button(action, language),
        "back": f"/officer/calls/{call_id}/screening",
        "hidden": {"action": action, "key": f"bulk-{new_id()}"},
        "fields": {one: questions[one] for one in repairs.questions if one in questions},
        "ticked": [value for name, value in typed if name == "field"],
    }
    return page(
        visit, "officer/bulk.html", status=422 if reader.errors else 200, form=reader, restored=restored, call=call, action=action,
        chosen=chosen, whole=not chosen, **values,
    )  # fmt: skip


def _is_id(typed: str) -> bool:
    try:
        UUID(typed)
    except ValueError:
        return False
    return True


def _title(action: str, count: int, language: str) -> str:
    if action == "screen" and not count:
        return text(language, "Screen all applications without a flag")
    words = {
        "screen": texts(language, "Screen %(num)s application", "Screen %(num)s applications", count),
        "return": texts(language, "Return %(num)s application", "Return %(num)s applications", count),
        "flag": texts(language, "Flag %(num)s application", "Flag %(num)s applications", count),
        "lift-flags": texts(language, "Lift the flags of %(num)s application", "Lift the flags of %(num)s applications", count),
    }
    return words[action] % {"num": count}


def _follows(action: str, language: str, *, whole: bool) -> list[str]:
    steps = text(
        language, "Each is decided by the rules of the call, in steps of 200. You see how far it is, and can stop after each step."
    )
    return {
        "screen": [
            steps if whole else text(language, "Each is decided by the rules of the call."),
            text(language, "Flagged applications, and those with an overrule to confirm, are left out."),
            text(language, "This cannot be undone: evaluation takes over the eligible ones at once. Overrule a verdict before you screen."),
        ],
        "return": [
            text(language, "Each applicant gets a letter and may correct the answers that you name. Only these answers are open."),
            text(language, "This cannot be undone: the letters go out at once."),
        ],
        "flag": [
            text(language, "Screening of the whole call passes them by until the flag is lifted. Applicants do not see it."),
            text(language, "You can undo it for 24 hours."),
        ],
        "lift-flags": [
            text(language, "The next screening of the whole call takes them in."),
            text(language, "You can undo it for 24 hours."),
        ],
    }[action]  # fmt: skip


def _button(action: str, language: str) -> str:
    return {
        "screen": text(language, "Screen them"),
        "return": text(language, "Return them"),
        "flag": text(language, "Flag them"),
        "lift-flags": text(language, "Lift the flags"),
    }[action]


async def bulk(visit: Visit) -> Response:
    """What came out of an act on many."""
    return await _bulk_result(visit, Reader((), visit.language))


async def undo_bulk(visit: Visit) -> Response:
    reader, bulk_id = Reader((), visit.language), visit.request.path_params["bulk_id"]
    with reader.taking():
        await visit.services.applications.post_bulk_act_undoing(await visit.caller(), bulk_id)
        return go(f"/officer/bulk/{bulk_id}?done=undone")
    return await _bulk_result(visit, reader)


async def _bulk_result(visit: Visit, reader: Reader) -> Response:
    applications, caller = visit.services.applications, await visit.caller()
    act = await applications.get_bulk_act(caller, visit.request.path_params["bulk_id"])
    call = await applications.get_call(caller, act.call_id)
    await visit.at(call.region)
    counts = next(iter(await applications.list_screening_counts(caller, call_id=[call.id])), None) if act.action == "screen" else None
    zone, language = (await visit.region(call.region)).zone, visit.language
    return page(
        visit, "officer/bulk-result.html", status=422 if reader.errors else 200, form=reader, act=act, call=call, zone=zone,
        outcomes=outcomes(language), counted=_counted([one.outcome for one in act.results], outcomes(language)),
        far=progress_of(act, counts), key=f"bulk-{new_id()}",
    )  # fmt: skip


def _counted(found: Sequence[str], names: dict[str, str]) -> list[tuple[str, int]]:
    return [(name, found.count(outcome)) for outcome, name in names.items() if outcome in found]


async def overrules(visit: Visit) -> Response:
    """Those that wait for a second officer."""
    caller, applications, language, names = await visit.caller(), visit.services.applications, visit.language, Names(visit)
    verdict = {True: text(language, "kept"), False: text(language, "not kept")}
    listing: Listing[Any] = Listing(
        name="overrules",
        title=text(language, "Overrules to confirm"),
        columns=[
            Column("receipt", text(language, "Application"), lambda one: Cell(one.receipt, f"/officer/applications/{one.application_id}")),
            Column("rule", text(language, "Rule"), lambda one: Cell(one.message, value=one.rule)),
            Column("passed", text(language, "To count as"), lambda one: verdict[one.passed]),
            Column("words", text(language, "Reason"), lambda one: one.words or "–"),
            Column("own", text(language, "Proposed by"), lambda one: text(language, "you: another officer confirms it") if one.own
                   else names.by(one.proposed_by)),
        ],
        ask=names.learning(partial(applications.list_overrules, caller, state="proposed"), "proposed_by"),
        empty=text(language, "No overrule waits. One is proposed on the page of an application, at a rule."),
        filters=[await region_filter(visit, "officer")],
    )  # fmt: skip
    return await listed(visit, listing)


async def tasks(visit: Visit, desk: DeskView) -> list[Task]:
    """What waits in screening, over all calls of the officer's regions."""
    language, overrules = visit.language, desk.overrules
    calls = await visit.calls_by_id([one.call_id for one in desk.to_screen])
    corrected = text(language, "Corrected by the applicant: %(call)s")
    to_screen = text(language, "Applications to screen: %(call)s")
    found = [Task(text(language, "Overrules to confirm"), overrules.count, "/officer/overrules", overrules.exact)]
    for one in desk.to_screen:
        name, path = {"call": _name(calls, one.call_id, language)}, f"/officer/calls/{one.call_id}/screening"
        found.append(Task(corrected % name, one.corrected, f"{path}?corrected=true"))
        found.append(Task(to_screen % name, one.states.get("submitted", 0), f"{path}?state=submitted", hint=_hint(one, language)))
    return found


def _name(calls: Any, call_id: UUID, language: str) -> str:
    titles = calls[call_id].title if call_id in calls else {}
    return str(titles.get(language) or titles.get("en") or call_id)


def _hint(counts: Any, language: str) -> str:
    parts = {
        text(language, "%(count)s flagged"): counts.flagged,
        text(language, "%(count)s with an overrule to confirm"): counts.overrules_open,
        text(language, "%(count)s with a return that a second officer confirms"): counts.returns_proposed,
    }
    return ", ".join(words % {"count": count} for words, count in parts.items() if count)


ROUTES = [
    staff(PATH, screening, live=counts_of),
    staff("/officer/calls/{call_id:uuid}/bulk", ask_bulk, do_bulk),
    staff("/officer/bulk/{bulk_id:uuid}", bulk, undo_bulk),
    staff("/officer/overrules", overrules),
]
