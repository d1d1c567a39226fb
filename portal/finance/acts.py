"""An act of finance: asked once on a page of its own, then done; a refusal stands on that page with its reason."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from portal.client.base import Caller
from portal.kit.forms import Form
from portal.kit.pages import go, page
from portal.kit.reader import Reader
from portal.kit.routing import Personal, staff
from portal.kit.texts import text
from portal.kit.visit import Visit

REFUSALS = (403, 409, 422)
CONFIRMATION = "/confirmation"


@dataclass(frozen=True)
class Act:
    """`follows`: sentences, what follows from it. `step`: does it, with what `read` has found in the form; without `read` that is the code
    of the reason that was chosen, None where the act has no `reasons`. `back`: the page before; `done`: the one after, or what tells it
    from the answer. `reasons`: code → words, where the act needs one."""

    title: str
    follows: Sequence[str]
    button: str
    step: Callable[[Caller, Any], Awaitable[object]]
    back: str
    done: str | Callable[[Any], str]
    read: Callable[[Reader], object] | None = None
    reasons: dict[str, str] = field(default_factory=dict)
    template: str = "finance/act.html"
    values: dict[str, Any] = field(default_factory=dict)

    async def ask(self, visit: Visit, reader: Reader | None = None) -> Response:
        kept = None if reader else await visit.take_kept()
        return page(
            visit, self.template, status=422 if reader and reader.errors else 200, title=self.title, follows=self.follows,
            button=self.button, back=self.back, reasons=self.reasons, form=reader or Reader(kept or Form(()), visit.language),
            restored=kept is not None, **self.values,
        )  # fmt: skip

    async def take(self, visit: Visit) -> Response:
        """What was typed comes back with the reason where it is refused."""
        reader = Reader(visit.form, visit.language)
        given = self.read(reader) if self.read else self._reason(reader)
        if not reader.errors:
            with reader.taking():
                answer = await self.step(await visit.caller(), given)
                return go(self.done if isinstance(self.done, str) else self.done(answer))
        return await self.ask(visit, reader)

    def _reason(self, reader: Reader) -> str | None:
        if not self.reasons:
            return None
        needed = text(reader.language, "Choose a reason")
        given = reader.line("reason", needed)
        if given and given not in self.reasons:
            reader.errors["reason"] = needed
        return given


def act(path: str, find: Callable[[Visit], Awaitable[Act]]) -> Personal:
    """The page that asks, and what it does. `find`: the act, of what the address names."""

    async def ask(visit: Visit) -> Response:
        return await (await find(visit)).ask(visit)

    async def take(visit: Visit) -> Response:
        return await (await find(visit)).take(visit)

    return staff(path, ask, take)


def decisions(path: str, find: Callable[[Visit], Awaitable[Act]]) -> list[Personal]:
    """The two acts of a second person on a proposal: `confirms` tells which one the address is of."""
    return [act(path + CONFIRMATION, find), act(path + "/rejection", find)]


def confirms(visit: Visit) -> bool:
    return visit.request.url.path.endswith(CONFIRMATION)


def part(name: str) -> Callable[[Visit], str]:
    """Reads a part of the address."""
    return lambda visit: str(visit.request.path_params[name])
