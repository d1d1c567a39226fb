"""Who the ids of the record are, and in which regions a person works."""

from collections.abc import Iterable
from uuid import UUID

from portal.client.base import ApiProblem
from portal.kit.texts import text
from portal.kit.visit import Visit
from shared.texts.languages import in_language

_MOST = 200
"""Names that the API gives out at once."""


class Names:
    """The names that the reader may see, asked for once a page."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._known: dict[str, str] = {}

    async def learn(self, actors: Iterable[str | None]) -> None:
        wanted = sorted({known for actor in actors if actor and (known := _id(actor)) and actor not in self._known})
        people, caller = self._visit.services.people, await self._visit.caller()
        for start in range(0, len(wanted), _MOST):
            try:
                found = await people.list_names(caller, person_id=wanted[start : start + _MOST])
            except ApiProblem as problem:
                if problem.status != 403:
                    raise
                return
            self._known |= {str(one.id): one.name for one in found if one.name}

    def of(self, actor: str | None) -> str:
        """A name; of who may not be named here a short sign, so that two are told apart."""
        language = self._visit.language
        if not actor:
            return ""
        fixed = {"system": text(language, "The platform, by a rule or a date"), "operator": text(language, "The operator")}
        return fixed.get(actor) or self._known.get(actor) or text(language, "Person %(sign)s") % {"sign": actor[-6:]}


def _id(actor: str) -> UUID | None:
    try:
        return UUID(actor)
    except ValueError:
        return None


async def region_names(visit: Visit, *roles: str) -> dict[str, str]:
    """Id → name of the regions in which the person has one of the roles, by name."""
    mine = {region for role in roles for region in visit.regions_by_role.get(role, ())}
    names = {one: in_language((await visit.region(one)).names, visit.language) for one in mine}
    return dict(sorted(names.items(), key=lambda pair: pair[1]))


async def zones(visit: Visit) -> dict[str, str]:
    """Region → zone of its instants."""
    return {region.id: region.zone for region in (await visit.regions()).values()}


def role_names(language: str) -> dict[str, str]:
    """Roles of the agency → what they are called."""
    return {
        "officer": text(language, "Programme officer"),
        "finance": text(language, "Finance officer"),
        "evaluator": text(language, "Evaluator"),
        "auditor": text(language, "Auditor"),
        "administrator": text(language, "Administrator"),
    }
