"""Who the ids of records are, for those who may know it."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from uuid import UUID

from portal.client.base import ApiProblem
from portal.kit.texts import text
from portal.kit.visit import Visit

_MOST = 200
"""Names that the API gives out at once."""


class Names:
    """The names that the reader may see, asked for once a page. Who may not be named to the reader has the end of the id in its place, so
    that two persons are told apart."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._known: dict[str, str] = {}

    async def learn(self, actors: Iterable[str | None]) -> None:
        wanted = sorted({known for actor in actors if actor and (known := _id(actor)) and actor not in self._known})
        if not wanted:
            return
        people, caller = self._visit.services.people, await self._visit.caller()
        for start in range(0, len(wanted), _MOST):
            try:
                found = await people.list_names(caller, person_id=wanted[start : start + _MOST])
            except ApiProblem as problem:
                if problem.status != 403:
                    raise
                return
            self._known |= {str(one.id): one.name for one in found if one.name}

    def learning(self, ask: Callable[..., Awaitable[Any]], *fields: str) -> Callable[..., Awaitable[Any]]:
        """`ask` of a list, whose rows have ids of persons in these fields."""

        async def asked(**query: Any) -> Any:
            found = await ask(**query)
            await self.learn(getattr(one, field) for one in found.items for field in fields)
            return found

        return asked

    def of(self, actor: str | None) -> str:
        """In a record; empty for None."""
        language = self._visit.language
        if not actor:
            return ""
        fixed = {"system": text(language, "The platform, by a rule or a date"), "operator": text(language, "The operator")}
        return fixed.get(actor) or self._known.get(actor) or text(language, "Person %(sign)s") % {"sign": actor[-6:]}

    def by(self, actor: str | None) -> str:
        """In a sentence: 'you' for the reader; empty for None."""
        language = self._visit.language
        if not actor:
            return ""
        fixed = {
            str(self._visit.person.person_id): text(language, "you"),
            "system": text(language, "the platform"),
            "operator": text(language, "the operator"),
        }
        return fixed.get(actor) or self._known.get(actor) or text(language, "person %(number)s") % {"number": actor[-6:]}

    def evaluator(self, evaluator_id: str) -> str:
        return self._known.get(evaluator_id) or text(self._visit.language, "Evaluator %(number)s") % {"number": evaluator_id[-6:]}


async def named(visit: Visit, actors: Iterable[str | None]) -> Names:
    """The names of the actors of a page."""
    names = Names(visit)
    await names.learn(actors)
    return names


def _id(actor: str) -> UUID | None:
    try:
        return UUID(actor)
    except ValueError:
        return None


def role_names(language: str) -> dict[str, str]:
    """Roles of the agency → what they are called."""
    return {
        "officer": text(language, "Programme officer"),
        "finance": text(language, "Finance officer"),
        "evaluator": text(language, "Evaluator"),
        "auditor": text(language, "Auditor"),
        "administrator": text(language, "Administrator"),
    }
