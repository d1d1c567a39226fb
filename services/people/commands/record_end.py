"""A case was refused, its voucher was closed, or its expression of interest was invited: it keeps nobody from closing an account."""

from services.people.queries.cases import reported_case
from shared.contracts.applications import ApplicantInvited, ApplicationFoundIneligible
from shared.contracts.evaluation import AwardGranted, AwardRefused, PlacedOnReserveList
from shared.contracts.vouchers import VoucherClosed
from shared.kernel.vocabulary import VoucherOutcome
from shared.messaging.context import Context

Ending = ApplicantInvited | ApplicationFoundIneligible | AwardGranted | PlacedOnReserveList | AwardRefused | VoucherClosed


async def record_end(context: Context, event: Ending) -> None:
    """A voucher that could not be funded goes back to the reserve list. `NotYet` when the case is not known; `Contradiction` when the event
    differs from it."""
    case = await reported_case(context, event)
    ends = isinstance(event, ApplicantInvited | ApplicationFoundIneligible | AwardRefused)
    ends |= isinstance(event, VoucherClosed) and event.outcome != VoucherOutcome.NOT_FUNDED
    case.ended_at = context.happened_at if ends else None
