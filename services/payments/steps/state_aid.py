"""The ledger of aid follows the ledger of money, in the same transaction; aid that is hours or places follows its voucher.

Two offers to one undertaking lock all its nodes, after the envelope and the voucher, so that the second one counts the first. Only what
makes the aid more needs that lock.
"""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from services.payments.domain.ledger import EntryKind
from services.payments.domain.state_aid import MOVES_AID, AidState, Days, FrozenRate, Holding, in_eur_minor, most_minor
from services.payments.queries.state_aid import frozen_rate, room_of, undertaking_of
from services.payments.tables import AidApplicantRow, AidEntryRow, VoucherRow
from shared.contracts.binding import require_equal
from shared.contracts.vouchers import FundsReservationRequested, UnitsReserved
from shared.database.locks import lock_names
from shared.kernel.errors import NotYet, Transient
from shared.messaging.context import Context
from shared.policy.schema import Policy


async def headroom_minor(context: Context, policy: Policy, organisation_id: UUID, rate: FrozenRate, since: date | None = None) -> int:
    """The largest amount of the policy's currency that the ceiling leaves to the organisation's undertaking now, which stays locked until
    the end of the transaction. `since`: the day from which it would count; None for an offer. `Transient` when the undertaking changed
    while it was locked."""
    today = policy.local_day(context.now)
    nodes = await undertaking_of(context, organisation_id, today)
    await lock_names(context.session, (f"undertaking {policy.calendar.country} {node}" for node in nodes))
    if nodes != await undertaking_of(context, organisation_id, today):
        raise Transient("the undertaking changed at the same moment")
    left = (await room_of(context, policy, nodes, Days.of(today, since))).left_minor
    return most_minor(left, policy.currency, rate)


async def headroom_of_voucher(context: Context, voucher: VoucherRow) -> int | None:
    """What the ceiling leaves for more of the same aid, which counts from its grant on; None for a voucher without an entry."""
    entry = await context.session.get(AidEntryRow, voucher.id)
    if entry is None:
        return None
    policy = context.policies.get(voucher.policy_id)
    return await headroom_minor(context, policy, voucher.organisation_id, rate_of_entry(entry), entry.granted_on)


async def require_applicant(context: Context, asked: FundsReservationRequested | UnitsReserved) -> None:
    """Under a policy with a table of state aid, what the applicant declares is known first: `NotYet`. An application is of one
    organisation: `Contradiction`."""
    applicant = await context.session.get(AidApplicantRow, asked.application_id)
    if applicant is not None:
        require_equal(asked, "organisation_id", asked.organisation_id, applicant.organisation_id)
    elif context.policies.get(asked.policy_id).state_aid is not None:
        raise NotYet(asked.application_id, "ApplicationFoundEligible has not arrived")


async def rate_of_offer(context: Context, policy: Policy) -> FrozenRate:
    """The rate at which the aid of an offer is counted from now on: that of the month of the offer, so that acceptance cannot lift it
    above the ceiling."""
    return await frozen_rate(context, policy, policy.currency, policy.local_day(context.now))


def reserve_aid(context: Context, voucher: VoucherRow, policy: Policy, rate: FrozenRate) -> None:
    """An open offer counts."""
    context.session.add(aid_row(voucher, policy, rate, context.now))


def aid_row(offer: VoucherRow | UnitsReserved, policy: Policy, rate: FrozenRate, reserved_at: datetime) -> AidEntryRow:
    """The entry of an offer that is open: of money, or of hours or places."""
    money_of = offer.id if isinstance(offer, VoucherRow) else None
    return AidEntryRow(
        voucher_id=offer.id if isinstance(offer, VoucherRow) else offer.voucher_id, money_of=money_of,
        application_id=offer.application_id, call_id=offer.call_id, region=offer.region, organisation_id=offer.organisation_id,
        policy_id=offer.policy_id, member_state=policy.calendar.country, regulation=policy.de_minimis.named, currency=offer.currency,
        awarded_minor=offer.amount_minor, amount_minor=offer.amount_minor,
        eur_minor=in_eur_minor(offer.amount_minor, offer.currency, rate), rate_id=rate.id, per_euro=str(rate.per_euro),
        state=AidState.RESERVED, reserved_at=reserved_at,
    )  # fmt: skip


async def follow_money(context: Context, voucher: VoucherRow, kind: EntryKind, amount_minor: int) -> None:
    """After a movement of the voucher's money; the caller holds the lock on the voucher. A voucher whose money was reserved before there
    was this ledger has no entry."""
    entry = await context.session.get(AidEntryRow, voucher.id) if kind in MOVES_AID else None
    if entry is not None:
        change_aid(context, entry, kind, amount_minor)


def change_aid(context: Context, entry: AidEntryRow, kind: EntryKind, amount_minor: int) -> None:
    """A movement, one of `MOVES_AID`, of what the aid is. The voucher of money, or else the entry, is locked."""
    holding = holding_of(entry).after(kind, amount_minor)
    if kind is EntryKind.COMMITTED:
        policy = context.policies.get(entry.policy_id)
        entry.granted_on = policy.local_day(context.happened_at)
        entry.register_by = policy.deadline(policy.de_minimis.register_within, context.happened_at)
    entry.state, entry.amount_minor, entry.eur_minor = holding.state, holding.amount_minor, holding.eur_minor


def rate_of_entry(entry: AidEntryRow) -> FrozenRate:
    return FrozenRate(entry.rate_id, Decimal(entry.per_euro))


def holding_of(entry: AidEntryRow) -> Holding:
    return Holding(AidState(entry.state), entry.amount_minor, entry.currency, rate_of_entry(entry))
