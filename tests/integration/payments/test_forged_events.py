"""A message is no authority: an event that contradicts call, policy or reservation has no effect on money, and is a dead letter."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from structlog.testing import capture_logs

from services.payments.commands.confirm_envelope import confirm_envelope
from services.payments.queries.envelopes import ENVELOPES, list_envelopes
from services.payments.subscribers import HANDLERS
from services.payments.tables import EnvelopeRow, VoucherRow
from shared.contracts.applications import (
    ApplicationFoundEligible,
    ApplicationFoundIneligible,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    CallPublished,
    CaseRemoved,
    SchemeFilePublished,
    SubjectErased,
)
from shared.contracts.evaluation import AwardRefused
from shared.contracts.payments import EnvelopeConfirmed, FundsReserved
from shared.contracts.people import UndertakingLinkRecorded
from shared.contracts.vouchers import (
    AmountChangeRequested,
    FundsReleaseRequested,
    FundsReservationRequested,
    MilestoneReached,
    ProviderChanged,
    ReportAccepted,
    UnitsReleased,
    UnitsReserved,
    VoucherAccepted,
    VoucherExtended,
    VoucherIssued,
    VoucherResumed,
    VoucherRevoked,
    VoucherSuspended,
    VoucherWithdrawn,
)
from shared.identity.actor import Role
from shared.kernel.errors import Conflict, Forbidden
from shared.kernel.ids import new_id
from shared.kernel.vocabulary import MilestoneKind
from shared.messaging.acts import record_act
from shared.messaging.event import Event
from shared.messaging.tables import DeadLetterRow, ParkedRow
from shared.policy.call import LARGEST_ENVELOPE_MINOR
from shared.policy.sections import Budget
from shared.privacy.keys import SubjectKeyRow
from tests.support.desk import delivery_of
from tests.support.digest import digest
from tests.support.forgeries import forged
from tests.support.payments import NOON, Payments, Voucher, call_published
from tests.support.providers import found_eligible

CALL_MINOR, VOUCHER_MINOR = 1_000_000, 100_000
OWN = {
    CallPublished: {"call_id", "envelope_minor", "series", "round_number"},
    FundsReservationRequested: {"application_id", "organisation_id", "voucher_id", "award_id", "terms"},
    ApplicationFoundEligible: {
        *("application_id", "sequence", "requested_minor", "amount_minor"),
        *("language", "topics", "relations", "declared_aid", "activity_code", "terms"),
    },
    ApplicationSubmitted: {
        *("application_id", "organisation_id", "revision", "sequence", "receipt", "requested_minor", "partner_region", "s3_field"),
        *("imported", "changed", "previous_sequence", "carried_from"),
    },
    ApplicationWithdrawn: {"application_id", "sequence"},
    ApplicationFoundIneligible: {"application_id", "sequence", "rules"},
    AwardRefused: set(AwardRefused.model_fields) - {"call_id", "region"},
    CaseRemoved: {"application_id", "retention_class"},
    ProviderChanged: {"change_id", "provider_hash", "since"},
    AmountChangeRequested: {"change_id", "amount_minor"},
}
"""Fields that these events are the first to state: no row of payments says otherwise yet. Another event, or the bounds, hold them.
A case without a voucher has nothing to remove; `test_removal.py` forges the class of one that has."""


class Case(NamedTuple):
    """`before`: what has happened to the voucher. `event`: the honest event that comes next."""

    contract: type[Event]
    before: int
    event: Callable[[Payments, Voucher], Event]


def about(contract: Any, **more: Any) -> Callable[[Payments, Voucher], Event]:
    return lambda _, voucher: contract(**voucher.about(), **more)  # type: ignore[no-any-return]


def extension(payments: Payments, voucher: Voucher) -> VoucherExtended:
    days = {"valid_until": 200, "claim_window_until": 230, "previous_valid_until": 180, "previous_claim_window_until": 210}
    return VoucherExtended(**voucher.about(), **{name: NOON + timedelta(days=n) for name, n in days.items()})


def milestone(payments: Payments, voucher: Voucher) -> MilestoneReached:
    payments.clock.instant = due_at = NOON + timedelta(days=210)
    about = {"subject_id": voucher.id, "case_id": voucher.application_id, "region": voucher.region}
    return MilestoneReached(**about, kind=MilestoneKind.CLAIM_WINDOW_ENDS, due_at=due_at)


def removal(_: Payments, voucher: Voucher) -> CaseRemoved:
    about = {"application_id": voucher.application_id, "call_id": voucher.call_id, "region": voucher.region}
    return CaseRemoved(**about, retention_class="withdrawn", kept_until=NOON)


def submitted(payments: Payments, voucher: Voucher) -> ApplicationSubmitted:
    about = {"application_id": voucher.application_id, "call_id": voucher.call_id, "region": voucher.region}
    return ApplicationSubmitted(
        **about, revision=1, sequence=1, receipt="KOP-0001", submitted_at=NOON, organisation_id=voucher.organisation_id,
        requested_minor=VOUCHER_MINOR, currency=payments.policy.currency, policy_id=payments.policy.id,
    )  # fmt: skip


def ended(contract: type[Event], **more: Any) -> Callable[[Payments, Voucher], Event]:
    def event(_: Payments, voucher: Voucher) -> Event:
        return contract(application_id=voucher.application_id, call_id=voucher.call_id, region=voucher.region, **more)

    return event


CASES = [
    Case(CallPublished, 0, lambda payments, voucher: call_published(new_id(), payments.policy, CALL_MINOR)),
    Case(FundsReservationRequested, 0, lambda payments, voucher: payments.reservation(voucher)),
    Case(ApplicationFoundEligible, 1, found_eligible),
    Case(ApplicationSubmitted, 0, submitted),
    Case(ApplicationWithdrawn, 0, ended(ApplicationWithdrawn, sequence=1)),
    Case(ApplicationFoundIneligible, 0, ended(ApplicationFoundIneligible, sequence=1, rules=["place"])),
    Case(AwardRefused, 0, ended(AwardRefused, rules=["below-threshold"])),
    Case(VoucherAccepted, 1, about(VoucherAccepted)),
    Case(FundsReleaseRequested, 1, about(FundsReleaseRequested)),
    Case(VoucherIssued, 2, lambda payments, voucher: payments.issue(voucher)),
    Case(VoucherExtended, 3, extension),
    Case(VoucherSuspended, 3, about(VoucherSuspended)),
    Case(VoucherResumed, 3, about(VoucherResumed)),
    Case(VoucherWithdrawn, 3, about(VoucherWithdrawn)),
    Case(VoucherRevoked, 3, about(VoucherRevoked)),
    Case(MilestoneReached, 3, milestone),
    Case(CaseRemoved, 3, removal),
    Case(ProviderChanged, 3, about(ProviderChanged, change_id=new_id(), provider_hash="2:" + "0" * 32, since=NOON.date())),
    Case(AmountChangeRequested, 3, about(AmountChangeRequested, change_id=new_id(), amount_minor=VOUCHER_MINOR // 2, currency="EUR")),
]
SINGLE = [
    (case, field)
    for case in CASES
    for field in case.contract.model_fields
    if field not in {*OWN.get(case.contract, set()), "subject_id", "voucher_id", "valid_until", "previous_valid_until"}
    if field not in {"previous_claim_window_until", "kind", "due_at", "slug", "title", "selection_method", "form_id", "code"}
    if field not in {"payment_mode", "agreement_hash", "calendar_id"}
    if not field.endswith(("_at",))
]


async def prepared(payments: Payments, steps: int) -> Voucher:
    """A voucher after `steps` of: reserved, accepted, issued. Its call is published."""
    voucher = payments.voucher(await payments.open_call(CALL_MINOR), VOUCHER_MINOR)
    history = [payments.reservation(voucher), VoucherAccepted(**voucher.about()), payments.issue(voucher)]
    for event in history[:steps]:
        await payments.deliver(event)
    return voucher


async def money(payments: Payments) -> dict[str, str]:
    """The contents of every table, except those that only say which messages came, and the events about money."""
    events = str([row.event_id for row in await payments.events() if not row.type.startswith("messaging.")])
    return await digest(payments.engine, "inbox", "dead_letters", "outbox", "parked") | {"events": events}


def test_every_consumed_event_has_a_forged_variant() -> None:
    believed = {contract for contract, handler in HANDLERS.items() if handler is not record_act}
    elsewhere = {SubjectErased, ReportAccepted, UndertakingLinkRecorded, UnitsReserved, UnitsReleased, SchemeFilePublished}
    assert {case.contract for case in CASES} == believed - elsewhere, "in test_instalments, test_state_aid, test_in_kind, test_scheme_files"


async def test_erasure_of_an_organisation_with_a_voucher_is_refused(payments: Payments) -> None:
    voucher = await prepared(payments, 1)
    await payments.deliver(SubjectErased(organisation_id=voucher.organisation_id, region=voucher.region, erasure_id=new_id()))
    [letter] = await payments.rows(DeadLetterRow)
    assert letter.error.startswith("Contradiction")
    assert await payments.rows(SubjectKeyRow) == []
    other = SubjectErased(organisation_id=new_id(), region=voucher.region, erasure_id=new_id())
    await payments.deliver(other, twice=True)
    [key] = await payments.rows(SubjectKeyRow)
    assert (key.subject_id, key.destroyed_at) == (other.organisation_id, payments.clock.instant)


@pytest.mark.parametrize(("case", "field"), SINGLE, ids=[f"{case.contract.__name__}-{field}" for case, field in SINGLE])
async def test_event_with_a_forged_field_has_no_effect(payments: Payments, case: Case, field: str) -> None:
    voucher = await prepared(payments, case.before)
    honest = case.event(payments, voucher)
    variants = forged(honest, field, payments.policy.value.largest_minor)
    if isinstance(honest, FundsReservationRequested):  # the first to state the amount: only the policy's bounds hold it
        variants = [one for one in variants if getattr(one, "amount_minor", 0) != honest.amount_minor + 1]
    assert variants, f"no wrong value for {field}"
    before = await money(payments)
    with capture_logs() as logs:
        for variant in variants:
            await payments.deliver(variant)
    assert await money(payments) == before
    waiting = await payments.rows(ParkedRow)  # an event of an unknown call or voucher waits for it
    letters = await payments.rows(DeadLetterRow)
    assert len(letters) + len(waiting) == len(variants)
    assert [log["event"] for log in logs if log["log_level"] == "error"] == ["dead letter"] * len(letters)
    await payments.deliver(honest)
    assert await money(payments) != before, "the honest event has an effect"


@pytest.mark.parametrize("envelope_minor", [0, LARGEST_ENVELOPE_MINOR + 1])
async def test_call_with_an_absurd_envelope_opens_none(payments: Payments, envelope_minor: int) -> None:
    await payments.deliver(call_published(new_id(), payments.policy, envelope_minor))
    assert await payments.rows(EnvelopeRow) == []
    assert len(await payments.rows(DeadLetterRow)) == 1


@pytest.mark.parametrize("field", ["envelope_minor", "region", "currency", "scheme", "policy_id"])
async def test_known_call_published_otherwise_changes_nothing(payments: Payments, field: str) -> None:
    call_id = await payments.open_call(CALL_MINOR)
    before = await money(payments)
    await payments.deliver(*forged(call_published(call_id, payments.policy, CALL_MINOR), field, 1))
    assert await money(payments) == before
    assert await payments.rows(DeadLetterRow)


@pytest.mark.parametrize("field", ["amount_minor", "organisation_id", "application_id"])
async def test_reservation_repeated_otherwise_is_a_dead_letter(payments: Payments, field: str) -> None:
    voucher = await prepared(payments, 1)
    before = await money(payments)
    variants = forged(payments.reservation(voucher), field, payments.policy.value.largest_minor)
    await payments.deliver(*variants)
    assert await money(payments) == before
    assert len(await payments.rows(DeadLetterRow)) == len(variants)


async def test_second_reservation_of_an_application_is_refused(payments: Payments) -> None:
    """A forged award under another id asks for the same application again."""
    voucher = await prepared(payments, 1)
    other = Voucher(new_id(), voucher.call_id, voucher.application_id, voucher.organisation_id, VOUCHER_MINOR, voucher.region)
    await payments.deliver(payments.reservation(other))
    assert [row.id for row in await payments.rows(VoucherRow)] == [voucher.id]
    assert "holds money" in (await payments.rows(DeadLetterRow))[0].error


@pytest.mark.parametrize("kind", [MilestoneKind.CLAIM_WINDOW_ENDS, MilestoneKind.CLAIM_CHECK_DUE, MilestoneKind.BANK_SILENCE])
async def test_milestone_before_its_instant_waits(payments: Payments, kind: MilestoneKind) -> None:
    """However the announcement is dated, a deadline does not pass early."""
    voucher = await prepared(payments, 3)
    disbursement = await payments.sent(voucher, 10_000)
    attempt = await payments.attempt(disbursement)
    subject = {MilestoneKind.CLAIM_WINDOW_ENDS: voucher.id, MilestoneKind.BANK_SILENCE: attempt.batch_id}.get(kind, disbursement.claim_id)
    before = await money(payments)
    due_at = NOON + timedelta(days=900)
    early = MilestoneReached(subject_id=subject, case_id=voucher.application_id, region=voucher.region, kind=kind, due_at=due_at)
    await payments.inbox.take([delivery_of(early, due_at)])
    assert await money(payments) == before
    assert [row.awaits for row in await payments.rows(ParkedRow)] == [str(subject)]


async def with_ceiling(payments: Payments, ceiling_minor: int) -> EnvelopeRow:
    """A call above the ceiling of its policy, published by officer-1, and a reservation that was asked for."""
    payments.use(payments.policy.model_copy(update={"budget": Budget(ceiling_minor=ceiling_minor)}))
    call = call_published(new_id(), payments.policy, CALL_MINOR)
    await payments.inbox.take([delivery_of(call, NOON, actor="officer-1")])
    await payments.deliver(payments.reservation(payments.voucher(call.call_id, VOUCHER_MINOR)))
    return await payments.row(EnvelopeRow, call.call_id)


async def waiting_envelopes(payments: Payments, *, waits: bool) -> list[UUID]:
    """Calls, of the list that finance filters."""
    found = await payments.run(list_envelopes, payments.finance(1), await ENVELOPES(), None, waits)
    return [one.call_id for one in found.items]


async def test_envelope_above_the_ceiling_waits_for_finance(payments: Payments) -> None:
    envelope = await with_ceiling(payments, CALL_MINOR - 1)
    assert envelope.awaits_confirmation
    assert await waiting_envelopes(payments, waits=True) == [envelope.call_id]
    assert envelope.call_id not in await waiting_envelopes(payments, waits=False)
    assert await payments.published(FundsReserved) == []
    assert [row.detail for row in await payments.rows(ParkedRow)] == ["the envelope awaits its confirmation by finance"]
    publisher = payments.actor("officer-1", Role.FINANCE)
    with pytest.raises(Forbidden, match="publish-call"):
        await payments.run(confirm_envelope, publisher, envelope.call_id)
    for _ in range(2):
        confirmed = await payments.run(confirm_envelope, payments.finance(1), envelope.call_id)
    assert (confirmed.confirmed_by, confirmed.confirmed_at) == ("finance-1", NOON)
    assert await waiting_envelopes(payments, waits=True) == []
    assert await payments.published(EnvelopeConfirmed) == ["EnvelopeConfirmed"]
    await payments.inbox.retry_parked()
    assert await payments.published(FundsReserved) == ["FundsReserved"]
    await payments.assert_nothing_lost()


async def test_envelope_up_to_the_ceiling_needs_no_confirmation(payments: Payments) -> None:
    envelope = await with_ceiling(payments, CALL_MINOR)
    assert await payments.published(FundsReserved) == ["FundsReserved"]
    with pytest.raises(Conflict, match="asks for no confirmation"):
        await payments.run(confirm_envelope, payments.finance(1), envelope.call_id)


@pytest.mark.parametrize("change", ["reserved_minor = 1", "confirmed_by = 'officer-1', confirmed_at = now()", "confirmed_by = 'finance-1'"])
async def test_database_refuses_money_of_an_unconfirmed_envelope(payments: Payments, change: str) -> None:
    await with_ceiling(payments, 0)
    with pytest.raises(IntegrityError):
        async with payments.sessions.begin() as session:
            await session.execute(text(f"UPDATE envelopes SET {change}"))
