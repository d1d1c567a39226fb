"""The context of each kind of caller, and what else routes need."""

from typing import Annotated

from fastapi import Depends, Request

from shared.identity.permissions import Permission
from shared.messaging.context import Context
from shared.web.auth import requires

AssignedEvaluator = Annotated[Context, requires(Permission.EVALUATE)]
AssignmentReader = Annotated[Context, requires(Permission.READ_ASSIGNMENT)]
CallReader = Annotated[Context, requires(Permission.READ_CALLS)]
EvaluationReader = Annotated[Context, requires(Permission.READ_EVALUATION)]
EvaluatorManager = Annotated[Context, requires(Permission.MANAGE_EVALUATORS)]
HistoryReader = Annotated[Context, requires(Permission.READ_HISTORY)]
RankingApprover = Annotated[Context, requires(Permission.APPROVE_RANKING)]


async def hash_key_of(request: Request) -> bytes:
    key: bytes = request.app.state.hash_key
    return key


HashKey = Annotated[bytes, Depends(hash_key_of)]
"""The key of the hashes of relations."""
