"""The context of each kind of caller."""

from typing import Annotated

from shared.identity.permissions import Permission
from shared.messaging.context import Context
from shared.web.auth import anonymous, requires

Anybody = Annotated[Context, anonymous()]
Appellant = Annotated[Context, requires(Permission.LODGE_APPEAL)]
AppealReader = Annotated[Context, requires(Permission.READ_APPEAL)]
AppealOfficer = Annotated[Context, requires(Permission.DECIDE_APPEAL)]
AssignedEvaluator = Annotated[Context, requires(Permission.EVALUATE)]
AssignmentReader = Annotated[Context, requires(Permission.READ_ASSIGNMENT)]
CallManager = Annotated[Context, requires(Permission.MANAGE_CALLS)]
CallReader = Annotated[Context, requires(Permission.READ_CALLS)]
DecisionReader = Annotated[Context, requires(Permission.READ_DECISION)]
EvaluationReader = Annotated[Context, requires(Permission.READ_EVALUATION)]
DeskReader = Annotated[Context, requires(Permission.READ_EVALUATION, only_reads=True)]
EvaluatorManager = Annotated[Context, requires(Permission.MANAGE_EVALUATORS)]
HistoryReader = Annotated[Context, requires(Permission.READ_HISTORY)]
FigureReader = Annotated[Context, requires(Permission.READ_FIGURES)]
ReplayReader = Annotated[Context, requires(Permission.READ_REPLAY)]
RankingApprover = Annotated[Context, requires(Permission.APPROVE_RANKING)]
