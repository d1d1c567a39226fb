"""The context of each kind of caller."""

from typing import Annotated

from fastapi import Depends, Request

from services.payments.settings import OPEN_CLAIMS
from shared.identity.permissions import Permission
from shared.messaging.context import Context
from shared.web.auth import anonymous, requires

AccountConfirmer = Annotated[Context, requires(Permission.CONFIRM_ACCOUNT)]
AccountNumberReader = Annotated[Context, requires(Permission.READ_ACCOUNT_NUMBERS)]
AidRegistrar = Annotated[Context, requires(Permission.REGISTER_AID)]
BankLineResolver = Annotated[Context, requires(Permission.RESOLVE_BANK_LINE)]
BatchReleaser = Annotated[Context, requires(Permission.RELEASE_BATCH)]
Anybody = Annotated[Context, anonymous()]
ClaimChecker = Annotated[Context, requires(Permission.CHECK_CLAIM)]
ClaimLodger = Annotated[Context, requires(Permission.LODGE_CLAIM)]
DisbursementApprover = Annotated[Context, requires(Permission.READ_PAYMENTS, fresh=True)]
"""The policy's table of approvals names the permission of each step, which may be one of finance, of officers or of others; the
command checks it once the step is known. The guard lets through those who may see payments and have just signed in."""
DisbursementPreparer = Annotated[Context, requires(Permission.PREPARE_DISBURSEMENT)]
EnvelopeChanger = Annotated[Context, requires(Permission.CONFIRM_ENVELOPE, fresh=True)]
EnvelopeConfirmer = Annotated[Context, requires(Permission.CONFIRM_ENVELOPE)]
HistoryReader = Annotated[Context, requires(Permission.READ_HISTORY)]
SampleDrawer = Annotated[Context, requires(Permission.READ_SAMPLE)]
FigureReader = Annotated[Context, requires(Permission.READ_FIGURES)]
OrderReader = Annotated[Context, requires(Permission.READ_ORDER)]
OrderServer = Annotated[Context, requires(Permission.SERVE_ORDER)]
OfficerDeskReader = Annotated[Context, requires(Permission.READ_PAYMENTS, only_reads=True)]
OwnDeskReader = Annotated[Context, requires(Permission.READ_VOUCHER, only_reads=True)]
OwnAccountHolder = Annotated[Context, requires(Permission.REGISTER_OWN_ACCOUNT)]
OwnAccountReader = Annotated[Context, requires(Permission.READ_OWN_ACCOUNT)]
OwnAidReader = Annotated[Context, requires(Permission.READ_OWN_AID)]
PaymentReader = Annotated[Context, requires(Permission.READ_PAYMENTS)]
ProviderApplicant = Annotated[Context, requires(Permission.APPLY_AS_PROVIDER)]
ProviderChecker = Annotated[Context, requires(Permission.CHECK_PROVIDER)]
ProviderManager = Annotated[Context, requires(Permission.MANAGE_PROVIDERS)]
ProviderReader = Annotated[Context, requires(Permission.READ_PROVIDER)]
RecoveryOrderer = Annotated[Context, requires(Permission.ORDER_RECOVERY)]
RecoverySettler = Annotated[Context, requires(Permission.SETTLE_RECOVERY)]
Sealer = Annotated[Context, requires(Permission.SEAL_BATCH)]
VoucherReader = Annotated[Context, requires(Permission.READ_VOUCHER)]
WriteOffDecider = Annotated[Context, requires(Permission.WRITE_OFF)]


async def open_claims_of(request: Request) -> int:
    return getattr(request.app.state, "open_claims", OPEN_CLAIMS)


OpenClaims = Annotated[int, Depends(open_claims_of)]
"""The setting of that name."""
