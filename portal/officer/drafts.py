"""Calls that are being written: begun from a scheme or a copy, written in the languages, read and published by a second officer."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import Response

from portal.client.applications import (
    CallContent,
    CallCorrectionInput,
    CallDraftChangeInput,
    CallDraftInput,
    CallDraftView,
    DeskView,
    WordsInput,
)
from portal.client.base import ApiProblem
from portal.kit.desks import Task
from portal.kit.lists import Cell, Column, Filter, Listing, instant, listed, region_filter
from portal.kit.pages import go, page
from portal.kit.reader import Reader, day_of, version_in
from portal.kit.reader import mark as _
from portal.kit.routing import staff
from portal.kit.texts import NAMES, text
from portal.kit.visit import Visit
from portal.officer import envelopes
from portal.officer.cut_offs import read_cut_offs, typed_cut_offs
from portal.officer.invited import read_sources, sources_of, typed_sources
from portal.officer.times import days_before, local_time
from shared.kernel.ids import new_id
from shared.texts.languages import in_language

PATH = "/officer/drafts"
REFUSALS = (403, 409, 422)
COLOURS = {"draft": "yellow", "submitted": "blue", "published": "green", "discarded": "grey"}
INSTANTS, DAYS = ("opens_at", "closes_at"), ("evaluation_due", "reserve_list_ends")


def draft_states(language: str) -> dict[str, str]:
    return {
        "draft": text(language, "Being written"),
        "submitted": text(language, "To publish"),
        "published": text(language, "Published"),
        "discarded": text(language, "Discarded"),
    }


async def drafts(visit: Visit) -> Response:
    language = visit.language
    names = draft_states(language)
    listing: Listing[CallDraftView] = Listing(
        name="drafts",
        title=text(language, "Drafts of calls"),
        columns=[
            Column("title", text(language, "Call"), lambda one: Cell(_name(one, language), f"{PATH}/{one.id}", below=one.scheme)),
            Column("state", text(language, "State"), lambda one: Cell(names[one.state], colour=COLOURS[one.state], value=one.state)),
            Column("faults", text(language, "Still wrong or missing"), lambda one: Cell(str(len(one.faults)), value=len(one.faults))),
            Column("changed_at", text(language, "Changed"), lambda one: instant(one.changed_at, one.zone, language), "changed_at"),
        ],
        ask=partial(visit.services.applications.list_call_drafts, await visit.caller()),
        empty=text(language, "There is no draft. Begin one from a scheme, or copy an earlier call."),
        filters=[Filter("state", text(language, "State"), names), await region_filter(visit, "officer")],
        sort="-changed_at",
    )  # fmt: skip
    return await listed(visit, listing, "officer/drafts.html")


def _name(draft: CallDraftView, language: str) -> str:
    return in_language(draft.title, language) if draft.title else draft.content.id or text(language, "A call without a title")


async def new(visit: Visit) -> Response:
    return await _new_page(visit, Reader((), visit.language))


async def begin(visit: Visit) -> Response:
    """`from`: 'scheme:<region>:<scheme>', 'file:<region>:<scheme>:<id>' or 'call:<id>'."""
    reader, applications, caller = Reader(visit.form, visit.language), visit.services.applications, await visit.caller()
    kind, _colon, rest = visit.form.get("from").partition(":")
    try:
        if kind in ("scheme", "file"):
            region, scheme, template = [*rest.split(":"), "", ""][:3]
            body = CallDraftInput(region=region, scheme=scheme, template=template or None)
        elif kind == "call":
            call = await applications.get_call(caller, rest)
            body = CallDraftInput(region=call.region, scheme=call.scheme, copy_of=call.id)
        else:
            reader.errors["from"] = text(visit.language, "Choose what the call begins from")
            return await _new_page(visit, reader)
        draft = await applications.post_call_draft(caller, body, visit.form.get("key") or f"draft-{new_id()}")
    except ApiProblem as problem:
        if problem.status not in REFUSALS:
            raise
        reader.refuse(problem)
        return await _new_page(visit, reader)
    return go(f"{PATH}/{draft.id}")


async def _new_page(visit: Visit, reader: Reader) -> Response:
    applications, caller = visit.services.applications, await visit.caller()
    schemes = await applications.list_schemes(caller)
    earlier = await applications.list_calls(caller, limit=200, sort="-opens_at")
    mine = {one.region for one in schemes}
    begun = {
        f"scheme:{one.region}:{one.scheme}": f"{in_language(one.region_names, visit.language)}: {in_language(one.title, visit.language)}"
        for one in schemes
    }
    files = {
        f"file:{one.region}:{one.scheme}:{file.id}": in_language(file.title, visit.language) for one in schemes for file in one.templates
    }
    copies = {f"call:{one.id}": in_language(one.title, visit.language) for one in earlier.items if one.region in mine}
    return page(
        visit, "officer/new.html", status=422 if reader.errors else 200, form=reader, begun=begun, files=files, copies=copies,
        key=f"draft-{new_id()}",
    )  # fmt: skip


async def draft(visit: Visit) -> Response:
    kept = await visit.take_kept()
    found = await _found(visit)
    typed = kept or typed_of(found, visit.language).items()
    return await _draft_page(visit, found, Reader(typed, visit.language), restored=kept is not None)


async def save(visit: Visit) -> Response:
    """`act`: save, or submit, which saves before."""
    reader, found = Reader(visit.form, visit.language), await _found(visit)
    content = content_of(reader, found)
    if not reader.errors:
        applications, caller = visit.services.applications, await visit.caller()
        try:
            body = CallDraftChangeInput(version=version_in(visit.form.get("version")), content=content)
            found = await applications.put_call_draft(caller, found.id, body)
            reader.typed["version"] = str(found.version)
            if visit.form.get("act") == "submit" and not found.faults:
                await applications.post_call_draft_submission(caller, found.id)
                return go(f"{PATH}/{found.id}?done=submitted")
            if visit.form.get("act") == "submit":
                return await _draft_page(visit, found, reader, faults=True)
            return go(f"{PATH}/{found.id}?done=saved")
        except ApiProblem as problem:
            if problem.status not in REFUSALS:
                raise
            problem.fields = {field.removeprefix("content."): reason for field, reason in problem.fields.items()}
            reader.refuse(problem)
    return await _draft_page(visit, found, reader)


async def _found(visit: Visit) -> CallDraftView:
    found = await visit.services.applications.get_call_draft(await visit.caller(), visit.request.path_params["draft_id"])
    await visit.at(found.region)
    return found


def typed_of(draft: CallDraftView, language: str) -> dict[str, str]:
    """Name of each field → what stands in it."""
    content = draft.content
    typed = {"id": content.id or "", "version": str(draft.version)}
    typed |= {f"title.{code}": words for code, words in (content.title or {}).items()}
    typed |= {f"text.{code}": words for code, words in (content.text or {}).items()}
    typed |= {name: _local(getattr(content, name)) for name in INSTANTS}
    typed |= {name: str(getattr(content, name) or "") for name in DAYS}
    typed["reminders_before_days"] = ", ".join(map(str, content.reminders_before_days or ()))
    typed |= typed_cut_offs(content.cut_offs, language)
    typed |= {"envelope": envelopes.shown(draft, language), "invites_from": typed_sources(draft)}
    return typed


def _local(value: Any) -> str:
    """As a field of day and hour has it."""
    return str(value or "")[:16].replace(" ", "T")


def content_of(reader: Reader, draft: CallDraftView) -> CallContent:
    """What was typed; an error at each field that cannot be read."""
    typed = reader.typed
    values: dict[str, Any] = {"id": typed.get("id") or None}
    for name in ("title", "text"):
        values[name] = {code: typed[f"{name}.{code}"] for code in NAMES if typed.get(f"{name}.{code}")}
    for name in INSTANTS:
        values[name] = f"{local_time(reader, name):%Y-%m-%dT%H:%M:%S}" if typed.get(name) and local_time(reader, name) else None
    for name in DAYS:
        values[name] = _day(reader, name) if typed.get(name) else None
    values["reminders_before_days"] = days_before(reader)
    values["cut_offs"], values["invites_from"] = read_cut_offs(reader), read_sources(reader)
    if typed.get("envelope"):
        values["envelope_minor"] = envelopes.read(reader, draft)
    return CallContent.model_validate({name: value for name, value in values.items() if value is not None})


def _day(reader: Reader, name: str) -> str | None:
    try:
        return str(day_of(reader.typed[name]))
    except ValueError:
        reader.errors[name] = text(reader.language, "Enter a day, for example 2026-01-31")
        return None


async def _draft_page(visit: Visit, draft: CallDraftView, reader: Reader, *, restored: bool = False, faults: bool = False) -> Response:
    """`faults`: what is wrong stands at the fields, as after an attempt to submit."""
    if faults:
        for fault in draft.faults:
            reader.errors.setdefault(fault.field.removesuffix("_minor"), fault.detail)
    status = 422 if reader.errors else 200
    names = draft_states(visit.language)
    shown: dict[str, Any] = {
        "draft": draft,
        "instants": {one: _instant(draft, one) for one in INSTANTS},
        "form": reader,
        "sources": await sources_of(visit, draft),
        "restored": restored,
        "state": names[draft.state],
        "colour": COLOURS[draft.state],
    }
    template = "officer/draft.html" if draft.state == "draft" else "officer/draft-read.html"
    return page(
        visit, template, status=status, name=_name(draft, visit.language), languages_of_texts=NAMES, labels=_labels(visit.language), **shown
    )


def _labels(language: str) -> dict[str, str]:
    """Field of a call, as the API names it → its label."""
    labels = {
        "id": text(language, "Short name"),
        "opens_at": text(language, "Opens"),
        "closes_at": text(language, "Closes"),
        "evaluation_due": text(language, "Evaluation is due"),
        "reserve_list_ends": text(language, "The reserve list ends"),
        "cut_offs": text(language, "Cut-offs of a rolling call"),
        "invites_from": text(language, "Whose invitations count"),
        "envelope_minor": text(language, "In the whole call"),
    }
    title, about = text(language, "Title (%(language)s)"), text(language, "What the call is about (%(language)s)")
    labels |= {f"title.{code}": title % {"language": name} for code, name in NAMES.items()}
    return labels | {f"text.{code}": about % {"language": name} for code, name in NAMES.items()}


def _instant(draft: CallDraftView, name: str) -> datetime | None:
    """Of a local time of the region."""
    value: str | None = getattr(draft.content, name)
    return datetime.fromisoformat(value).replace(tzinfo=ZoneInfo(draft.zone)) if value else None


async def preview(visit: Visit) -> Response:
    """The public page, in one of the languages."""
    asked = visit.request.path_params["language"]
    if asked not in NAMES:
        raise ApiProblem(404, {"code": "unknown-language"})
    identity = visit.request.path_params["draft_id"]
    try:
        call = await visit.services.applications.get_call_draft_preview(await visit.caller(), identity)
        await visit.at(call.region)
    except ApiProblem as problem:
        if problem.status != 422:
            raise
        found = await _found(visit)  # what is missing stands at its fields
        return await _draft_page(visit, found, Reader(typed_of(found, visit.language).items(), visit.language), faults=True)
    return page(replace(visit, language=asked), "officer/preview.html", call=call, draft_id=identity, asked=asked, names=NAMES)


async def ask_publish(visit: Visit) -> Response:
    found = await _found(visit)
    if found.state != "submitted":
        return go(f"{PATH}/{found.id}")
    return await _confirm(visit, Reader((), visit.language), "publish")


async def publish(visit: Visit) -> Response:
    return await _act(visit, "publish")


async def ask_discard(visit: Visit) -> Response:
    return await _confirm(visit, Reader((), visit.language), "discard")


async def discard(visit: Visit) -> Response:
    return await _act(visit, "discard")


async def _act(visit: Visit, act: str) -> Response:
    applications, identity, reader = visit.services.applications, visit.request.path_params["draft_id"], Reader((), visit.language)
    try:
        if act == "publish":
            read = version_in(visit.form.get("version")) or None
            await applications.post_call_draft_publication(await visit.caller(), identity, version=read)
            return go(f"/officer/calls/{identity}?done=published")
        await applications.post_call_draft_discarding(await visit.caller(), identity)
    except ApiProblem as problem:
        if problem.status not in REFUSALS:
            raise
        reader.refuse(problem)
        return await _confirm(visit, reader, act)
    return go(f"{PATH}?done=discarded")


async def _confirm(visit: Visit, reader: Reader, act: str) -> Response:
    language, found = visit.language, await _found(visit)
    words = {
        "publish": (
            text(language, "Publish this call"),
            [
                text(language, "Everybody sees it at once. It opens and closes by itself."),
                text(language, "Rules, form, money and dates are then fixed. The end can be moved later, and words can be corrected."),
            ],
            text(language, "Publish it"),
        ),
        "discard": (
            text(language, "Discard this call"),
            [text(language, "Nobody writes it on. What was written stays in the list of discarded calls.")],
            text(language, "Discard it"),
        ),
    }
    title, follows, button = words[act]
    read = visit.request.query_params.get("version") or found.version  # of the page before: another one is refused until it is read
    return page(
        visit, "kit/confirm.html", status=422 if reader.errors else 200, form=reader, title=title, hidden={"version": read},
        follows=[_name(found, language), *follows], button=button, back=f"{PATH}/{found.id}",
    )  # fmt: skip


async def send_back(visit: Visit) -> Response:
    """By the second officer, with words; or taken back by who submitted it."""
    reader, identity = Reader(visit.form, visit.language), visit.request.path_params["draft_id"]
    words = reader.line("words", _("Say what is to be changed"))
    if not reader.errors:
        try:
            await visit.services.applications.post_call_draft_return(await visit.caller(), identity, WordsInput(words=words))
        except ApiProblem as problem:
            if problem.status not in REFUSALS:
                raise
            reader.refuse(problem)
        else:
            return go(f"{PATH}/{identity}?done=returned")
    return await _draft_page(visit, await _found(visit), reader)


async def ask_correction(visit: Visit) -> Response:
    kept = await visit.take_kept()
    return await _correction_page(visit, kept, restored=kept is not None)


async def _correction_page(
    visit: Visit, typed: Iterable[tuple[str, str]] | None, reader: Reader | None = None, *, restored: bool = False
) -> Response:
    call = await visit.services.applications.get_call(await visit.caller(), visit.request.path_params["call_id"])
    await visit.at(call.region)
    own = {"version": str(call.wording_version)} | {f"title.{code}": words for code, words in call.title.items()}
    own |= {f"text.{code}": words for code, words in call.text.items()}
    form = reader or Reader(typed or own.items(), visit.language)
    return page(
        visit, "officer/correct.html", status=422 if form.errors else 200, form=form, restored=restored, call=call,
        languages_of_texts=NAMES,
    )  # fmt: skip


async def correct(visit: Visit) -> Response:
    reader, identity = Reader(visit.form, visit.language), visit.request.path_params["call_id"]
    words = reader.line("words", _("Say why it is corrected"))
    if not reader.errors:
        title, wording = (
            {code: reader.typed[f"{name}.{code}"] for code in NAMES if reader.typed.get(f"{name}.{code}")} for name in ("title", "text")
        )
        body = CallCorrectionInput(version=version_in(visit.form.get("version")), title=title, text=wording, words=words)
        try:
            await visit.services.applications.post_call_correction(await visit.caller(), identity, body)
        except ApiProblem as problem:
            if problem.status not in REFUSALS:
                raise
            reader.refuse(problem)
        else:
            return go(f"/officer/calls/{identity}?done=corrected")
    return await _correction_page(visit, None, reader)


def tasks(visit: Visit, desk: DeskView) -> list[Task]:
    """Calls to read and publish, and calls that came back."""
    submitted, returned, language = desk.drafts_to_publish, desk.drafts_returned, visit.language
    return [
        Task(text(language, "Calls to publish"), submitted.count, f"{PATH}?state=submitted", submitted.exact),
        Task(text(language, "Calls that came back to you"), returned.count, f"{PATH}?state=draft", returned.exact),
    ]


ROUTES = [
    staff(PATH, drafts),
    staff(f"{PATH}/new", new, begin),
    staff(f"{PATH}/{{draft_id:uuid}}", draft, save),
    staff(f"{PATH}/{{draft_id:uuid}}/preview/{{language}}", preview),
    staff(f"{PATH}/{{draft_id:uuid}}/publication", ask_publish, publish),
    staff(f"{PATH}/{{draft_id:uuid}}/discarding", ask_discard, discard),
    staff(f"{PATH}/{{draft_id:uuid}}/return", draft, send_back),
    staff("/officer/calls/{call_id:uuid}/correction", ask_correction, correct),
]
