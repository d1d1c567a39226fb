"""Persons of a record: a name for who may know it, else the end of the id; one request a page."""

import asyncio
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from portal.client.base import ApiProblem
from portal.kit.names import Names, named

READER, ADA, STRANGER = (str(UUID(int=number)) for number in (0xA00001, 0xB00002, 0xC00003))


def people(refused: int | None = None) -> Any:
    """The API of people: it names Ada to who may ask, and nobody else. `asked`: what it was asked for."""
    asked: list[list[str]] = []

    async def answer(caller: object, *, person_id: list[UUID]) -> list[Any]:
        asked.append([str(one) for one in person_id])
        if refused:
            raise ApiProblem(refused, {"code": "wrong-role"})
        return [SimpleNamespace(id=UUID(ADA), name="Ada Example")]

    return SimpleNamespace(list_names=answer, asked=asked)


def visit_of(api: Any) -> Any:
    async def caller() -> str:
        return "caller"

    person = SimpleNamespace(person_id=UUID(READER))
    return SimpleNamespace(services=SimpleNamespace(people=api), caller=caller, language="en", person=person)


def test_page_asks_once_and_names_whom_it_may() -> None:
    api = people()
    names = asyncio.run(named(visit_of(api), [READER, ADA, STRANGER, ADA, None, "system"]))
    assert api.asked == [[READER, ADA, STRANGER]]
    assert [names.by(one) for one in (READER, ADA, STRANGER, "system", None)] == ["you", "Ada Example", "person c00003", "the platform", ""]
    assert [names.evaluator(one) for one in (ADA, STRANGER)] == ["Ada Example", "Evaluator c00003"]


def test_who_may_not_know_names_reads_the_end_of_the_id() -> None:
    names = asyncio.run(named(visit_of(people(403)), [ADA]))
    assert (names.by(ADA), names.of(ADA), names.evaluator(ADA)) == ("person b00002", "Person b00002", "Evaluator b00002")
    with pytest.raises(ApiProblem):
        asyncio.run(named(visit_of(people(500)), [ADA]))


def test_list_learns_the_persons_of_its_rows() -> None:
    async def ask(**query: Any) -> Any:
        return SimpleNamespace(items=[SimpleNamespace(proposed_by=ADA, decided_by=None)], query=query)

    async def listed() -> Any:
        return await names.learning(ask, "proposed_by", "decided_by")(limit=25)

    names = Names(visit_of(people()))
    found = asyncio.run(listed())
    assert (found.query, names.of(ADA)) == ({"limit": 25}, "Ada Example")
