"""The context of each kind of caller."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import State

from services.applications.commands.draft_together import ToDraft, draft_together
from services.applications.commands.screen_together import ToScreen, screen_together
from services.applications.commands.submit_together import ToSubmit, submit_together
from services.applications.settings import DRAFTS_PER_CALL
from services.applications.steps.new_drafts import Begun
from services.applications.steps.screenings import Judged
from services.applications.steps.submissions import Receipt
from shared.database.together import Together
from shared.identity.actor import NOBODY
from shared.identity.permissions import Permission
from shared.kernel.errors import Forbidden
from shared.messaging.context import Context
from shared.policy.call import CallDefinition
from shared.web.auth import anonymous, requires

Anybody = Annotated[Context, anonymous()]
CallManager = Annotated[Context, requires(Permission.MANAGE_CALLS)]
CallReader = Annotated[Context, requires(Permission.READ_CALLS)]
Writer = Annotated[Context, requires(Permission.WRITE_APPLICATION)]
WriterAmongMany = Annotated[Context, requires(Permission.WRITE_APPLICATION, together=True)]
OwnReader = Annotated[Context, requires(Permission.WRITE_APPLICATION, only_reads=True)]
Reader = Annotated[Context, requires(Permission.READ_APPLICATION)]
ListReader = Annotated[Context, requires(Permission.READ_APPLICATION, only_reads=True)]
Withdrawer = Annotated[Context, requires(Permission.WITHDRAW)]
Screener = Annotated[Context, requires(Permission.SCREEN_APPLICATION)]
ScreenerAmongMany = Annotated[Context, requires(Permission.SCREEN_APPLICATION, together=True)]
DeskReader = Annotated[Context, requires(Permission.SCREEN_APPLICATION, only_reads=True)]
Importer = Annotated[Context, requires(Permission.IMPORT_APPLICATIONS)]
Eraser = Annotated[Context, requires(Permission.ERASE_SUBJECT)]
HoldManager = Annotated[Context, requires(Permission.MANAGE_HOLDS)]
RetentionReader = Annotated[Context, requires(Permission.READ_RETENTION)]
HistoryReader = Annotated[Context, requires(Permission.READ_HISTORY)]
FigureReader = Annotated[Context, requires(Permission.READ_FIGURES)]
ReplayReader = Annotated[Context, requires(Permission.READ_REPLAY)]


async def drafts_per_call_of(request: Request) -> int:
    return getattr(request.app.state, "drafts_per_call", DRAFTS_PER_CALL)


DraftsPerCall = Annotated[int, Depends(drafts_per_call_of)]
"""The setting of that name."""


DRAFTING = "POST /applications"
"""The route, for keys of requests."""


@dataclass(frozen=True, slots=True)
class AmongMany:
    """What this process is asked by many at once; one of each app."""

    drafts: Together[ToDraft, Begun]
    submissions: Together[ToSubmit, Receipt]
    screenings: Together[ToScreen, Judged]

    @classmethod
    def of(cls, state: State) -> "AmongMany":
        def context(session: AsyncSession) -> Context:
            return Context(session, NOBODY, state.policies, state.clock.now)

        return cls(
            Together(state.sessions, lambda session, asked: draft_together(context(session), asked, route=DRAFTING)),
            Together(state.sessions, lambda session, asked: submit_together(context(session), asked)),
            Together(state.sessions, lambda session, asked: screen_together(context(session), asked, hash_key=state.hash_key)),
        )


def among_many(request: Request) -> AmongMany:
    state = request.app.state
    if not hasattr(state, "among_many"):
        state.among_many = AmongMany.of(state)
    found: AmongMany = state.among_many
    return found


async def drafts_of(request: Request) -> Together[ToDraft, Begun]:
    return among_many(request).drafts


async def submissions_of(request: Request) -> Together[ToSubmit, Receipt]:
    return among_many(request).submissions


async def screenings_of(request: Request) -> Together[ToScreen, Judged]:
    return among_many(request).screenings


NewDrafts = Annotated[Together[ToDraft, Begun], Depends(drafts_of)]
Submissions = Annotated[Together[ToSubmit, Receipt], Depends(submissions_of)]
Screenings = Annotated[Together[ToScreen, Judged], Depends(screenings_of)]


async def require_one_step(request: Request) -> None:
    """Raises `Forbidden` 'call-needs-two-officers' where the setting does not allow it."""
    if not getattr(request.app.state, "calls_in_one_step", True):
        raise Forbidden("call-needs-two-officers", "Here a call is written as a draft, and another officer publishes it.")


async def templates_of(request: Request) -> Sequence[CallDefinition]:
    return getattr(request.app.state, "templates", ())


Templates = Annotated[Sequence[CallDefinition], Depends(templates_of)]
"""The calls in the files of the regions."""
