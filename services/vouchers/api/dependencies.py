"""The context of each kind of caller, and what else routes need."""

from typing import Annotated

from fastapi import Depends, Request

from services.vouchers.lifecycles import Lifecycles
from shared.identity.permissions import Permission
from shared.messaging.context import Context
from shared.web.auth import requires

VoucherReader = Annotated[Context, requires(Permission.READ_VOUCHER)]
VoucherListReader = Annotated[Context, requires(Permission.READ_VOUCHER, only_reads=True)]
OfferAnswerer = Annotated[Context, requires(Permission.ANSWER_OFFER)]
OfferAccepter = Annotated[Context, requires(Permission.ANSWER_OFFER, fresh=True)]
"""An acceptance binds the beneficiary: an unattended screen is not enough."""
VoucherWithdrawer = Annotated[Context, requires(Permission.WITHDRAW)]
ChangeRequester = Annotated[Context, requires(Permission.REQUEST_CHANGE)]
ReportWriter = Annotated[Context, requires(Permission.WRITE_REPORT)]
SessionBooker = Annotated[Context, requires(Permission.BOOK_SESSION)]
SessionReader = Annotated[Context, requires(Permission.READ_SESSION)]
AttendanceRecorder = Annotated[Context, requires(Permission.RECORD_ATTENDANCE)]
CapacityConfirmer = Annotated[Context, requires(Permission.CONFIRM_ENVELOPE)]
CapacityChanger = Annotated[Context, requires(Permission.CONFIRM_ENVELOPE, fresh=True)]
VoucherManager = Annotated[Context, requires(Permission.MANAGE_VOUCHER)]
DeskReader = Annotated[Context, requires(Permission.MANAGE_VOUCHER, only_reads=True)]
CallReader = Annotated[Context, requires(Permission.READ_CALLS)]
HistoryReader = Annotated[Context, requires(Permission.READ_HISTORY)]
FigureReader = Annotated[Context, requires(Permission.READ_FIGURES)]


async def lifecycles_of(request: Request) -> Lifecycles:
    lifecycles: Lifecycles = request.app.state.lifecycles
    return lifecycles


RunningLifecycles = Annotated[Lifecycles, Depends(lifecycles_of)]
"""The connection to Temporal."""
