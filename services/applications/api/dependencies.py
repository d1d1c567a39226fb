"""The context of each kind of caller."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends, Request

from services.applications.settings import DRAFTS_PER_CALL
from shared.identity.permissions import Permission
from shared.kernel.errors import Forbidden
from shared.messaging.context import Context
from shared.policy.call import CallDefinition
from shared.web.auth import anonymous, requires

Anybody = Annotated[Context, anonymous()]
CallManager = Annotated[Context, requires(Permission.MANAGE_CALLS)]
CallReader = Annotated[Context, requires(Permission.READ_CALLS)]
Writer = Annotated[Context, requires(Permission.WRITE_APPLICATION)]
OwnReader = Annotated[Context, requires(Permission.WRITE_APPLICATION, only_reads=True)]
Reader = Annotated[Context, requires(Permission.READ_APPLICATION)]
ListReader = Annotated[Context, requires(Permission.READ_APPLICATION, only_reads=True)]
Withdrawer = Annotated[Context, requires(Permission.WITHDRAW)]
Screener = Annotated[Context, requires(Permission.SCREEN_APPLICATION)]
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


async def require_one_step(request: Request) -> None:
    """Raises `Forbidden` 'call-needs-two-officers' where the setting does not allow it."""
    if not getattr(request.app.state, "calls_in_one_step", True):
        raise Forbidden("call-needs-two-officers", "Here a call is written as a draft, and another officer publishes it.")


async def templates_of(request: Request) -> Sequence[CallDefinition]:
    return getattr(request.app.state, "templates", ())


Templates = Annotated[Sequence[CallDefinition], Depends(templates_of)]
"""The calls in the files of the regions."""
