"""One unmatched line of the bank with what it could be about, and the result of each line of a file."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlmodel import col

from services.payments.domain.bank_lines import KnownAttempt
from services.payments.domain.bank_words import BANK, PARTY, TEXT
from services.payments.domain.candidates import CandidatePayment, candidates
from services.payments.domain.contradictions import ProposedResolution, bookings
from services.payments.domain.ledger import OPPOSITES, EntryKind, RegionEntryKind, postings, region_postings
from services.payments.domain.status import AttemptState
from services.payments.queries.bank_words import words_of_lines
from services.payments.queries.desk_views import (
    BankLineDetail,
    BankLineView,
    CandidateView,
    LineBookingView,
    LineEntryView,
    LineProposalView,
    RecoveryCandidateView,
    UndonePaymentView,
)
from services.payments.queries.envelopes import postings_of
from services.payments.queries.file_views import BankFileActView, BankFileDetail
from services.payments.queries.known_attempts import known_attempts
from services.payments.queries.line_acts import LineAct, acts_to_undo
from services.payments.queries.line_facts import authorise_for_line, facts_of, is_credit, ledger_of_line, regions_of_line
from services.payments.queries.undoing import obstacle_of_line, obstacle_to_undoing, said_by, undone_state
from services.payments.queries.views import PostingView
from services.payments.tables import (
    AttemptRow,
    BankFileActRow,
    BankFileRow,
    BankLineRow,
    DisbursementRow,
    EnvelopeRow,
    LedgerEntryRow,
    LinePartRow,
    LineProposalRow,
    RecoveryRow,
    VoucherRow,
)
from shared.identity.permissions import Permission, visible_regions
from shared.kernel.errors import NotFound
from shared.kernel.vocabulary import RecoveryState
from shared.messaging.context import Context
from shared.web.paging import Page, Paging, Sorting, page_of

LINES = Sorting({"line": BankLineRow.line}, unique=BankLineRow.id, default="line")
MOST_LOOKED_AT = 200
_NOT_IN_A_BATCH = (AttemptState.PREPARED, AttemptState.APPROVED, AttemptState.CANCELLED)


async def get_bank_file(context: Context, sha256: str) -> BankFileDetail:
    """`NotFound` 'unknown-bank-file'; `Forbidden` 'foreign-region' for a file with lines of other regions only."""
    row = await context.session.get(BankFileRow, sha256)
    if row is None:
        raise NotFound("unknown-bank-file", "There is no such file of the bank.")
    await _authorise_for_file(context, sha256)
    query = select(BankFileActRow).where(col(BankFileActRow.file_sha256) == sha256).order_by(col(BankFileActRow.at), col(BankFileActRow.id))
    acts = [BankFileActView.model_validate(one.model_dump()) for one in await context.session.scalars(query)]
    return BankFileDetail.model_validate({**row.model_dump(), "acts": acts})


async def list_file_lines(context: Context, paging: Paging, sha256: str) -> Page[BankLineView]:
    """Those of the actor's regions, and those that name none."""
    await get_bank_file(context, sha256)
    query = select(BankLineRow).where(col(BankLineRow.file_sha256) == sha256, _own(context))
    return await page_of(context.session, query, paging, BankLineView.of)


async def get_bank_line(context: Context, line_id: UUID) -> BankLineDetail:
    """`NotFound` 'unknown-bank-line'."""
    row = await context.session.get(BankLineRow, line_id)
    if row is None:
        raise NotFound("unknown-bank-line", "There is no such line of a bank file.")
    await authorise_for_line(context, Permission.READ_PAYMENTS, row)
    is_open = row.outcome == "unmatched" and row.resolved_at is None
    file = await context.session.get_one(BankFileRow, row.file_sha256)
    said = (await words_of_lines(context, [row.id])).get(row.id, {})
    done = await acts_to_undo(context, row)
    return BankLineDetail(
        **BankLineView.of(row).model_dump(),
        file_name=file.name,
        taken_at=file.taken_at,
        is_open=is_open,
        is_credit=is_credit(row),
        can_be_undone=done is not None,
        undo_obstacle=await obstacle_of_line(context, row, done or []),
        undone=[await _undone(context, row, act) for act in done or [] if act.disbursement_id],
        candidates=await _candidates(context, row) if is_open else [],
        recoveries=await _recoveries(context, row) if is_open and is_credit(row) else [],
        proposals=await _proposals(context, row),
        bookings=await _bookings(context, row, done or [], is_open=is_open),
        entries=await _entries(context, row),
        words=said.get(BANK, []),
        text=said.get(TEXT, []),
        party=next(iter(said.get(PARTY, [])), None),
    )


async def _undone(context: Context, row: BankLineRow, act: LineAct) -> UndonePaymentView:
    assert act.disbursement_id is not None, "only of what was matched to a payment"
    assert act.attempt_id is not None, "as its payment"
    said = said_by(row, act.attempt_id)
    possible = await obstacle_to_undoing(context, said) is None
    return UndonePaymentView(disbursement_id=act.disbursement_id, state_after=await undone_state(context, said) if possible else None)


async def _bookings(context: Context, row: BankLineRow, done: Sequence[LineAct], *, is_open: bool) -> list[LineBookingView]:
    """None for a line without an amount, or whose region is not known: nothing can be booked."""
    if not row.amount_minor or (is_open and await ledger_of_line(context, row) is None):
        return []
    if is_open:
        return [_booking(one, kind, row.amount_minor) for one, kind in bookings(is_credit=is_credit(row)).items()]
    return [_booking(ProposedResolution.UNDONE, OPPOSITES[act.books.kind], act.books.amount_minor) for act in done if act.books]


def _booking(resolution: ProposedResolution, kind: RegionEntryKind, amount_minor: int) -> LineBookingView:
    sides = region_postings(kind, amount_minor).items()
    return LineBookingView(
        resolution=resolution, kind=kind, postings=[PostingView(account=one, amount_minor=change) for one, change in sides]
    )


async def _entries(context: Context, row: BankLineRow) -> list[LineEntryView]:
    query = select(LedgerEntryRow).where(col(LedgerEntryRow.line_id) == row.id).order_by(col(LedgerEntryRow.position))
    rows = (await context.session.scalars(query)).all()
    sides = await postings_of(context, [one.id for one in rows])
    return [LineEntryView(entry_id=one.id, kind=one.kind, at=one.at, postings=sides[one.id]) for one in rows]


def _own(context: Context) -> ColumnElement[bool]:
    regions = visible_regions(context.actor, Permission.READ_PAYMENTS, None)
    return or_(col(BankLineRow.region).in_(regions), col(BankLineRow.region).is_(None))


async def _authorise_for_file(context: Context, sha256: str) -> None:
    lines = select(col(BankLineRow.region)).where(col(BankLineRow.file_sha256) == sha256, col(BankLineRow.region).is_not(None)).distinct()
    named = {str(region) for region in await context.session.scalars(lines)}
    if named and not named & visible_regions(context.actor, Permission.READ_PAYMENTS, None):
        visible_regions(context.actor, Permission.READ_PAYMENTS, min(named))  # raises


async def _candidates(context: Context, row: BankLineRow) -> list[CandidateView]:
    regions = await regions_of_line(context, row) or visible_regions(context.actor, Permission.READ_PAYMENTS, None)
    of_amount = (col(DisbursementRow.amount_minor) == row.amount_minor) & (col(DisbursementRow.currency) == row.currency)
    named = or_(of_amount, col(DisbursementRow.id) == row.disbursement_id, col(AttemptRow.batch_id) == row.batch_id)
    ordered = (col(DisbursementRow.region).in_(regions), col(AttemptRow.state).not_in(_NOT_IN_A_BATCH))
    attempts = await known_attempts(context, named, *ordered, most=MOST_LOOKED_AT)
    found = candidates(await facts_of(context, row), attempts)
    cases = await _cases(context, [one.attempt for one in found])
    return [_view(one, *cases[one.attempt.disbursement_id]) for one in found]


async def _cases(context: Context, attempts: Sequence[KnownAttempt]) -> dict[UUID, tuple[VoucherRow, EnvelopeRow]]:
    query = (
        select(col(DisbursementRow.id), VoucherRow, EnvelopeRow)
        .join(VoucherRow, col(VoucherRow.id) == col(DisbursementRow.voucher_id))
        .join(EnvelopeRow, col(EnvelopeRow.call_id) == col(DisbursementRow.call_id))
        .where(col(DisbursementRow.id).in_({one.disbursement_id for one in attempts}))
    )
    return {disbursement_id: (voucher, envelope) for disbursement_id, voucher, envelope in (await context.session.execute(query)).all()}


def _view(one: CandidatePayment, voucher: VoucherRow, envelope: EnvelopeRow) -> CandidateView:
    return CandidateView(
        disbursement_id=one.attempt.disbursement_id,
        attempt_id=one.attempt.attempt_id,
        batch_id=one.attempt.batch_id,
        voucher_id=voucher.id,
        voucher_code=voucher.code,
        application_id=voucher.application_id,
        call_id=voucher.call_id,
        slug=envelope.slug,
        state=one.attempt.state,
        amount_minor=one.attempt.amount.minor,
        currency=one.attempt.amount.currency,
        evidence=list(one.evidence),
        state_after=one.effect.state,
        obstacle=None if one.effect.state else one.effect.reason,
        postings=_postings(one.entry, one.attempt.amount.minor),
    )


async def _recoveries(context: Context, row: BankLineRow) -> list[RecoveryCandidateView]:
    """Open ones of this amount, and the one that the credit quotes."""
    regions = await regions_of_line(context, row) or visible_regions(context.actor, Permission.READ_PAYMENTS, None)
    of_amount = (col(RecoveryRow.amount_minor) == row.amount_minor) & (col(RecoveryRow.currency) == row.currency)
    named = or_(of_amount, col(RecoveryRow.id) == row.recovery_id)
    query = select(RecoveryRow).where(named, col(RecoveryRow.state) == RecoveryState.ORDERED, col(RecoveryRow.region).in_(regions))
    return [
        RecoveryCandidateView(
            recovery_id=one.id,
            voucher_id=one.voucher_id,
            reference=one.reference,
            amount_minor=one.amount_minor,
            currency=one.currency,
            quoted=one.id == row.recovery_id,
            fits=one.amount_minor == row.amount_minor and row.bank_reference is not None,
            postings=_postings(EntryKind.RECOVERED, one.amount_minor),
        )
        for one in await context.session.scalars(query.order_by(col(RecoveryRow.ordered_at)).limit(MOST_LOOKED_AT))
    ]


def _postings(kind: EntryKind | None, amount_minor: int) -> list[PostingView]:
    sides = {} if kind is None else postings(kind, amount_minor)
    return [PostingView(account=account, amount_minor=amount) for account, amount in sides.items()]


async def _proposals(context: Context, row: BankLineRow) -> list[LineProposalView]:
    query = select(LineProposalRow).where(col(LineProposalRow.line_id) == row.id).order_by(col(LineProposalRow.proposed_at))
    rows = (await context.session.scalars(query)).all()
    parts = select(LinePartRow).where(col(LinePartRow.proposal_id).in_([one.id for one in rows])).order_by(col(LinePartRow.number))
    found = (await context.session.scalars(parts)).all()
    return [LineProposalView.of(one, [part for part in found if part.proposal_id == one.id]) for one in rows]
