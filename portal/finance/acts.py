"""An act of finance: asked once on a page of its own, then done; a refusal stands on that page with its reason."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from portal.client.base import ApiProblem, Caller
from portal.kit.forms import Form
from portal.kit.pages import go, page
from portal.kit.reader import Reader
from portal.kit.texts import text
from portal.kit.visit import Visit

REFUSALS = (403, 409, 422)


@dataclass(frozen=True)
class Act:
    """`follows`: sentences, what follows from it. `back`: the page before; `done`: the one after, or what tells it from the answer.
    `reasons`: code → words, where the act needs one."""

    title: str
    follows: Sequence[str]
    button: str
    back: str
    done: str | Callable[[Any], str]
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

    async def do(self, visit: Visit, step: Callable[[Caller], Awaitable[object]], reader: Reader | None = None) -> Response:
        """`reader`: with what was typed and read."""
        reader = reader or Reader(visit.form, visit.language)
        if not reader.errors:
            try:
                answer = await step(await visit.caller())
            except ApiProblem as problem:
                if problem.status not in REFUSALS:
                    raise
                reader.refuse(problem)
            else:
                return go(self.done if isinstance(self.done, str) else self.done(answer))
        return await self.ask(visit, reader)

    def reason(self, visit: Visit, reader: Reader) -> str:
        """The code that was chosen."""
        given = reader.line("reason", text(visit.language, "Choose a reason"))
        if given and given not in self.reasons:
            reader.errors["reason"] = text(visit.language, "Choose a reason")
        return given
