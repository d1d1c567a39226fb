"""The evaluators of a region: who they are, what they read, how much they have; registered and changed by an officer."""

from functools import partial
from typing import Any

from babel import Locale
from starlette.responses import Response

from portal.client.evaluation import EvaluatorInput, EvaluatorView
from portal.client.people import NameView
from portal.kit.lists import Cell, Column, Listing, every, instant, listed, region_filter
from portal.kit.names import Names
from portal.kit.order import by_name
from portal.kit.pages import go, page
from portal.kit.reader import Reader, mark
from portal.kit.regions import region_name, region_names
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Visit
from shared.texts.languages import LANGUAGES

PATH = "/officer/evaluators"
RELATIONS = ("employer", "owner")
"""Kinds of relation that are compared with what applicants give."""
_ = mark


async def evaluators(visit: Visit) -> Response:
    language, regions = visit.language, await visit.regions()
    names = Names(visit)

    def who(one: EvaluatorView) -> Cell:
        return Cell(names.evaluator(one.evaluator_id), f"{PATH}/new?region={one.region}&person={one.evaluator_id}")

    listing: Listing[EvaluatorView] = Listing(
        name="evaluators",
        title=text(language, "Evaluators"),
        columns=[
            Column("evaluator", text(language, "Evaluator"), who),
            Column("region", text(language, "Region"), lambda one: region_name(regions, one.region, language)),
            Column("languages", text(language, "Reads"), lambda one: ", ".join(_language_name(code, language) for code in one.languages)),
            Column("assignments", text(language, "To score"), _load, number=True),
            Column(
                "registered_at", text(language, "Registered"),
                lambda one: instant(one.registered_at, regions[one.region].zone, language), sort="registered_at",
            ),
        ],
        ask=names.learning(partial(visit.services.evaluation.list_evaluators, await visit.caller()), "evaluator_id"),
        empty=text(language, "No evaluator is registered yet. Without two who read its language no application is scored."),
        filters=[await region_filter(visit, "officer")],
        sort="registered_at",
    )  # fmt: skip
    return await listed(visit, listing, "officer/evaluators.html")


def _load(one: EvaluatorView) -> Cell:
    return Cell(str(one.open_assignments), value=one.open_assignments)


async def new(visit: Visit) -> Response:
    """For a `person` of the query what is registered is filled in, except relations, which nobody can read."""
    kept, query = await visit.take_kept(), visit.request.query_params
    if kept is not None:
        return await _form(visit, Reader(kept, visit.language), kept.all("languages"), restored=True)
    region, person = query.get("region", ""), query.get("person", "")
    known = await _registered(visit, region, person) if person else None
    return await _form(visit, Reader(query.items(), visit.language), known.languages if known else [])


async def register(visit: Visit) -> Response:
    reader, chosen = Reader(visit.form, visit.language), visit.form.all("languages")
    mine = await region_names(visit, "officer")
    region = next(iter(mine), "") if len(mine) == 1 else reader.line("region", _("Choose the region"))
    person = reader.line("person", _("Choose the evaluator"))
    if not chosen:
        reader.errors["languages"] = text(visit.language, "Choose each language in which the evaluator can read an application")
    if reader.errors:
        return await _form(visit, reader, chosen)
    relations = [{"kind": kind, "value": line.strip()} for kind in RELATIONS for line in visit.form.get(kind).splitlines() if line.strip()]
    known = await _registered(visit, region, person)
    body = {
        "evaluator_id": person, "region": region, "languages": chosen, "topics": known.topics if known else [], "relations": relations,
    }  # fmt: skip
    with reader.taking():
        await visit.services.evaluation.post_evaluator(await visit.caller(), EvaluatorInput.model_validate(body))
        return go(f"{PATH}?done={'changed' if known else 'registered'}")
    return await _form(visit, reader, chosen)


async def _form(visit: Visit, reader: Reader, chosen: list[str], *, restored: bool = False) -> Response:
    language, mine = visit.language, await region_names(visit, "officer")
    people = {str(one.id): one.name or Names(visit).evaluator(str(one.id)) for one in await _holders(visit)}
    choose: dict[str, Any] = {"": text(language, "Choose")}
    return page(
        visit, "officer/evaluator.html", status=422 if reader.errors else 200, form=reader, restored=restored, chosen=chosen,
        people=choose | dict(by_name(people.items(), lambda pair: pair[1], language)), regions=choose | mine,
        readable={code: _language_name(code, language) for code in LANGUAGES},
    )  # fmt: skip


async def _holders(visit: Visit) -> list[NameView]:
    """Who has the role of an evaluator now, in the regions of the officer."""
    caller, mine = await visit.caller(), visit.regions_by_role.get("officer", [])
    found = [one for region in mine for one in await visit.services.people.list_names(caller, role="evaluator", region=region)]
    return list({one.id: one for one in found}.values())


async def _registered(visit: Visit, region: str, person: str) -> EvaluatorView | None:
    ask = partial(visit.services.evaluation.list_evaluators, await visit.caller())
    found: list[EvaluatorView] = await every(ask, region=region or None)
    return next((one for one in found if one.evaluator_id == person and one.region == region), None)


def _language_name(code: str, language: str) -> str:
    return str(Locale.parse(language).languages.get(code, code))


ROUTES = [staff(PATH, evaluators), staff(f"{PATH}/new", new, register)]
