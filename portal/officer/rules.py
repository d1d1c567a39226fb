"""Policies and forms of the schemes: a file is looked at, proposed to another officer, and published by that one."""

from functools import partial
from typing import Any

from starlette.responses import Response

from portal.client.applications import DeskView, SchemeFileCheckView, SchemeFileInput, SchemeFileItemView, SchemeFileView, WordsInput
from portal.client.base import ApiProblem
from portal.finance.acts import Act, act, part
from portal.kit.desks import Task
from portal.kit.formats import day
from portal.kit.lists import Cell, Column, Listing, instant, listed, region_filter
from portal.kit.lists import Filter as ListFilter
from portal.kit.names import Names, named
from portal.kit.pages import go, page
from portal.kit.reader import Reader
from portal.kit.reader import mark as _
from portal.kit.regions import region_name
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Regions, Visit

PATH = "/officer/rules"
REFUSALS = (403, 409, 422)
LARGEST_KB = 200
COLOURS = {"submitted": "blue", "published": "green", "refused": "grey"}


def states(language: str) -> dict[str, str]:
    return {
        "submitted": text(language, "To publish"),
        "published": text(language, "Published"),
        "refused": text(language, "Not published"),
    }


def kinds(language: str) -> dict[str, str]:
    return {"policy": text(language, "Policy"), "form": text(language, "Form")}


async def rules(visit: Visit) -> Response:
    language, names = visit.language, Names(visit)
    listing: Listing[SchemeFileItemView] = Listing(
        name="rules",
        title=text(language, "Policies and forms"),
        columns=_columns(language, await visit.regions(), names),
        ask=names.learning(partial(visit.services.applications.list_scheme_files, await visit.caller()), "proposed_by"),
        empty=text(language, "No policy or form was added since this installation was set up. Propose one from a file."),
        filters=[ListFilter("state", text(language, "State"), states(language)), await region_filter(visit, "officer")],
        sort="-proposed_at",
    )
    return await listed(visit, listing, "officer/rules.html")


def _columns(language: str, regions: Regions, names: Names) -> list[Column[SchemeFileItemView]]:
    shown, named_kinds = states(language), kinds(language)

    def first_day(one: SchemeFileItemView) -> Cell:
        return Cell(day(one.effective_from, language), value=str(one.effective_from))

    return [
        Column("scheme", text(language, "Scheme"), lambda one: Cell(one.scheme, f"{PATH}/{one.id}", below=named_kinds[one.kind])),
        Column("effective_from", text(language, "Holds from"), first_day),
        Column("state", text(language, "State"), lambda one: Cell(shown[one.state], colour=COLOURS[one.state], value=one.state)),
        Column("region", text(language, "Region"), lambda one: region_name(regions, one.region, language)),
        Column("by", text(language, "Proposed by"), lambda one: names.by(one.proposed_by)),
        Column("at", text(language, "Proposed"), lambda one: instant(one.proposed_at, regions[one.region].zone, language), "proposed_at"),
    ]


async def new(visit: Visit) -> Response:
    """A file that was sent when the session had ended is looked at again."""
    kept = await visit.take_kept()
    reader = Reader(kept or (), visit.language)
    found = await _looked_at(visit, reader) if reader.typed.get("text") else None
    return _new_page(visit, reader, found, restored=kept is not None)


async def look(visit: Visit) -> Response:
    """A file that is looked at, or its text, which is looked at again or proposed."""
    reader, language = Reader(visit.form, visit.language), visit.language
    if visit.files is not None:
        sent = [one async for one in visit.files.files(LARGEST_KB * 1000)]
        if not sent:
            reader.errors["file"] = text(language, "Choose the file with the policy or the form")
        elif not sent[0].whole:
            reader.errors["file"] = text(language, "The file is larger than %(most)s KB") % {"most": LARGEST_KB}
        else:
            _take(reader, sent[0].name, sent[0].content)
    if reader.errors or not reader.typed.get("text"):
        reader.errors.setdefault("file", text(language, "Choose the file with the policy or the form"))
        return _new_page(visit, reader, None)
    found = await _looked_at(visit, reader)
    if found is None or found.faults or visit.files is not None or visit.form.get("act") != "propose":
        return _new_page(visit, reader, found)
    try:
        proposed = await visit.services.applications.post_scheme_file(await visit.caller(), _input(reader))
    except ApiProblem as problem:
        if problem.status not in REFUSALS:
            raise
        reader.refuse(problem)
        return _new_page(visit, reader, found)
    return go(f"{PATH}/{proposed.id}?done=proposed")


def _take(reader: Reader, name: str, content: bytes) -> None:
    """Its kind is in its name, as in the folders of the regions."""
    try:
        reader.typed["text"] = content.decode("utf-8")
    except UnicodeDecodeError:
        reader.errors["file"] = text(reader.language, "The file is no text in UTF-8")
    reader.typed["kind"] = "form" if name.rpartition("/")[2].startswith("form-") else "policy"


def _input(reader: Reader) -> SchemeFileInput:
    kind: Any = "form" if reader.typed.get("kind") == "form" else "policy"
    return SchemeFileInput(kind=kind, text=reader.typed["text"].replace("\r\n", "\n"))


async def _looked_at(visit: Visit, reader: Reader) -> SchemeFileCheckView | None:
    """None when it may not be looked at: why is in the reader."""
    try:
        found = await visit.services.applications.post_scheme_file_check(await visit.caller(), _input(reader))
    except ApiProblem as problem:
        if problem.status not in REFUSALS:
            raise
        reader.errors["file"] = next(iter(problem.fields.values()), problem.detail)
        return None
    if found.faults:
        reader.errors["text"] = text(visit.language, "Correct what is wrong with it: it stands above the text")
    return found


def _new_page(visit: Visit, reader: Reader, found: SchemeFileCheckView | None, *, restored: bool = False) -> Response:
    return page(
        visit, "officer/rules-new.html", status=422 if reader.errors else 200, form=reader, found=found, restored=restored,
        kinds=kinds(visit.language), largest=LARGEST_KB,
    )  # fmt: skip


async def file(visit: Visit) -> Response:
    return await _file_page(visit, Reader((), visit.language))


async def _file_page(visit: Visit, reader: Reader) -> Response:
    found = await _found(visit)
    names = await named(visit, [one for one in (found.proposed_by, found.decided_by) if one])
    return page(
        visit, "officer/rules-file.html", status=422 if reader.errors else 200, form=reader, found=found, names=names,
        zone=(await visit.regions())[found.region].zone, region=region_name(await visit.regions(), found.region, visit.language),
        state=states(visit.language)[found.state], colour=COLOURS[found.state], kind=kinds(visit.language)[found.kind],
    )  # fmt: skip


async def _found(visit: Visit) -> SchemeFileView:
    found = await visit.services.applications.get_scheme_file(await visit.caller(), _file_id(visit))
    await visit.at(found.region)
    return found


async def refuse(visit: Visit) -> Response:
    reader = Reader(visit.form, visit.language)
    words = reader.line("words", WORDS)
    if not reader.errors:
        try:
            await visit.services.applications.post_scheme_file_refusal(await visit.caller(), _file_id(visit), WordsInput(words=words))
        except ApiProblem as problem:
            if problem.status not in REFUSALS:
                raise
            reader.refuse(problem)
        else:
            return go(f"{PATH}/{_file_id(visit)}?done=refused")
    return await _file_page(visit, reader)


async def publishing(visit: Visit) -> Act:
    language, applications, found = visit.language, visit.services.applications, await _found(visit)
    first = day(found.effective_from, language)
    return Act(
        title=text(language, "Publish this policy") if found.kind == "policy" else text(language, "Publish this form"),
        follows=[
            text(language, "It holds from %(day)s, for calls that open on this day or later.") % {"day": first},
            text(language, "Calls that are published, and their cases, keep the rules that they have."),
            text(language, "It cannot be changed or taken back. A correction is another file, with a later first day."),
        ],
        button=text(language, "Publish it"),
        step=lambda caller, _given: applications.post_scheme_file_publication(caller, found.id),
        back=f"{PATH}/{found.id}",
        done=f"{PATH}/{found.id}?done=published",
        values={"caption": found.place},
    )


def tasks(visit: Visit, desk: DeskView) -> list[Task]:
    """Proposed by others."""
    waiting = desk.scheme_files
    return [Task(text(visit.language, "Policies and forms to publish"), waiting.count, f"{PATH}?state=submitted", waiting.exact)]


WORDS = _("Say why it is not published")
_file_id = part("proposal_id")
ROUTES = [
    staff(PATH, rules),
    staff(f"{PATH}/new", new, look),
    staff(PATH + "/{proposal_id:uuid}", file),
    staff(PATH + "/{proposal_id:uuid}/refusal", file, refuse),
    act(PATH + "/{proposal_id:uuid}/publication", publishing),
]
