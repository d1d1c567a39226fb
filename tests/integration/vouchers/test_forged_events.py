"""A message is no authority: an event that contradicts call, policy, award or voucher has no effect, and is a dead letter."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from services.vouchers.deadlines.tables import MilestoneRow
from services.vouchers.domain.stages import Stage
from services.vouchers.subscribers import SIGNAL_KINDS, handlers
from services.vouchers.tables import AwardRow, VoucherRow
from shared.contracts import aid, applications, corrections, payments, vouchers
from shared.contracts.common import VoucherEvent
from shared.contracts.evaluation import RankingApproved
from shared.kernel.ids import derive_id, new_id
from shared.kernel.vocabulary import MilestoneKind
from shared.messaging.event import Event
from shared.messaging.tables import DeadLetterRow, ParkedRow
from tests.integration.vouchers.conftest import BEGINNING, Desk
from tests.integration.vouchers.test_subscribers import about, inbox_desk
from tests.support.digest import digest
from tests.support.forgeries import forged

__all__ = ["inbox_desk"]

DAY = timedelta(days=1)
MONEY: dict[str, Any] = {"amount_minor": 500_000, "currency": "EUR"}
PAID: dict[str, Any] = {"disbursement_id": new_id(), "attempt": 1, "batch_id": new_id()}
CLAIM: dict[str, Any] = {"claim_id": new_id()}


class Case(NamedTuple):
    """An honest event about a voucher at `stage`, with the fields besides those that all events of a voucher have."""

    contract: type[VoucherEvent]
    stage: Stage = Stage.ISSUED
    fields: Mapping[str, Any] = MappingProxyType({})


CASES = [
    Case(payments.FundsReserved, Stage.REQUESTED, MONEY | {"available_minor": 1}),
    Case(payments.FundsReservationRefused, Stage.REQUESTED, MONEY | {"available_minor": 1}),
    Case(payments.FundsCommitted, Stage.ACCEPTED, MONEY),
    Case(payments.FundsReleased, Stage.OFFERED, MONEY | {"available_minor": 1}),
    Case(payments.VoucherSettled, fields={"paid_minor": 500_000, "recovered_minor": 0, "released_minor": 0, "currency": "EUR"}),
    Case(payments.ClaimLodged, fields=CLAIM | {"eligible_minor": 1, "requested_minor": 500_000, "currency": "EUR", "check_by": BEGINNING}),
    Case(payments.ClaimAccepted, fields=CLAIM | {"granted_minor": 1, "currency": "EUR", "pay_by": BEGINNING}),
    Case(payments.ClaimReturned, fields=CLAIM | {"correct_by": BEGINNING}),
    Case(payments.ClaimReplaced, fields=CLAIM | {"replaced_by": new_id()}),
    Case(payments.ClaimRejected, fields=CLAIM | {"rules": ["not-eligible"]}),
    Case(payments.DisbursementAccepted, fields=PAID),
    Case(payments.DisbursementRejected, fields=PAID | {"bank_reason": "AC04"}),
    Case(payments.DisbursementPaid, fields=PAID | MONEY | {"booked_on": BEGINNING.date()}),
    Case(payments.DisbursementReturned, fields=PAID | MONEY | {"returned_on": BEGINNING.date(), "bank_reason": "AC04"}),
    Case(corrections.DisbursementCorrected, fields=MONEY | {
        "disbursement_id": new_id(), "attempt": 1, "correction": 1, "undone": "returned", "state": "paid"}),
    Case(vouchers.VoucherAccepted),
    Case(vouchers.OfferDeclined),
    Case(vouchers.VoucherExtended, fields=dict.fromkeys((
        "valid_until", "claim_window_until", "previous_valid_until", "previous_claim_window_until"), BEGINNING)),
    Case(vouchers.VoucherSuspended),
    Case(vouchers.VoucherResumed),
    Case(vouchers.VoucherWithdrawn),
    Case(vouchers.VoucherRevoked),
    Case(vouchers.AttendanceRecorded, fields={
        "booking_id": new_id(), "session_id": new_id(), "units": 1, "attended": True, "confirm_by": BEGINNING}),
]  # fmt: skip
COMMON = ("application_id", "call_id", "region")
BOUND = (*COMMON, "currency", "amount_minor", "paid_minor", "requested_minor")
UNREAD = {(payments.ClaimAccepted, "requested_minor")}
"""For the mail about the claim: vouchers do not read it."""
EACH = [
    (case, field) for case in CASES for field in BOUND
    if field in case.contract.model_fields and (case.contract, field) not in UNREAD
]  # fmt: skip
ANSWERS = {payments.VoucherValueChanged, payments.VoucherValueRefused, aid.AidReserved, aid.AidReservationRefused}
"""They answer a granted change, or a request for hours or places: `test_changes.py` and `test_attendance.py` forge them about one."""


def test_every_event_about_a_voucher_has_forged_variants() -> None:
    consumed = {contract for contract in handlers(None) if issubclass(contract, VoucherEvent)}  # type: ignore[arg-type]
    assert {case.contract for case in CASES} == consumed - ANSWERS - {payments.DepositReceived}, "test_deposits.py forges that one"
    assert set(SIGNAL_KINDS) <= consumed


async def rows(desk: Desk) -> dict[str, str]:
    return await digest(desk.sessions.kw["bind"], "inbox", "outbox", "dead_letters", "parked")


async def assert_no_effect(desk: Desk, variants: list[Event], *, waits: bool = False) -> None:
    assert variants
    before = await rows(desk)
    for variant in variants:
        await desk.deliver(variant)
    assert await rows(desk) == before
    assert len(await desk.rows(ParkedRow if waits else DeadLetterRow)) == len(variants)


def wrong(desk: Desk, event: Event, field: str) -> list[Event]:
    """Without the amount zero where an amount has only an upper bound."""
    variants = forged(event, field, desk.policy.value.largest_minor)
    whole = field == "amount_minor" and not isinstance(
        event, payments.FundsReleased | payments.DisbursementPaid | payments.DisbursementReturned | corrections.DisbursementCorrected
    )
    return variants if whole else [variant for variant in variants if getattr(variant, field) != 0]


@pytest.mark.parametrize(("case", "field"), EACH, ids=[f"{case.contract.__name__}-{field}" for case, field in EACH])
async def test_event_with_a_forged_field_has_no_effect(inbox_desk: Desk, case: Case, field: str) -> None:
    voucher = await inbox_desk.voucher(case.stage)
    honest = case.contract(**about(voucher), **case.fields)
    await assert_no_effect(inbox_desk, wrong(inbox_desk, honest, field))
    await inbox_desk.deliver(honest)
    assert len(await inbox_desk.rows(DeadLetterRow)) == len(wrong(inbox_desk, honest, field)), "the honest event is not refused"


@pytest.mark.parametrize("field", ["region", "scheme", "policy_id", "currency", "amount_minor", "award_id", "application_id"])
async def test_award_that_contradicts_its_call_is_not_registered(inbox_desk: Desk, field: str) -> None:
    award = inbox_desk.award()
    await inbox_desk.open_call(award.call_id)
    variants = [award.model_copy(update={"amount_minor": 1})] if field == "amount_minor" else []
    variants += [one for one in forged(award, field, inbox_desk.policy.value.largest_minor) if one.amount_minor != 500_001]  # type: ignore[attr-defined]
    await assert_no_effect(inbox_desk, variants)
    assert await inbox_desk.rows(AwardRow) == []


async def test_award_of_an_unknown_call_waits_for_it(inbox_desk: Desk) -> None:
    await assert_no_effect(inbox_desk, [inbox_desk.award()], waits=True)


@pytest.mark.parametrize("field", ["organisation_id", "amount_minor", "call_id"])
async def test_registered_award_keeps_its_first_values(inbox_desk: Desk, field: str) -> None:
    award = inbox_desk.award()
    await inbox_desk.register(award)
    other = award.model_copy(update={field: 600_000 if field == "amount_minor" else new_id()})
    if field == "call_id":
        await inbox_desk.open_call(other.call_id)
    await assert_no_effect(inbox_desk, [other])


async def test_second_award_of_an_open_application_is_refused(inbox_desk: Desk) -> None:
    award = inbox_desk.award()
    await inbox_desk.register(award)
    ids = {"grant_number": 2, "award_id": derive_id(award.application_id, "award", 2)}
    await assert_no_effect(inbox_desk, [award.model_copy(update=ids)])


async def test_more_than_the_voucher_is_never_redeemed(inbox_desk: Desk) -> None:
    voucher = await inbox_desk.voucher(Stage.ISSUED)
    paid = [payments.DisbursementPaid(**about(voucher), **PAID, **MONEY, booked_on=BEGINNING.date())]
    paid.append(paid[0].model_copy(update={"disbursement_id": new_id(), "amount_minor": 1}))
    await inbox_desk.deliver(*paid)
    assert (await inbox_desk.row(VoucherRow, voucher.id)).redeemed_minor == voucher.amount_minor
    assert len(await inbox_desk.rows(DeadLetterRow)) == 1


async def test_call_events_of_another_region_change_no_date(inbox_desk: Desk) -> None:
    call_id, later = new_id(), BEGINNING + 30 * DAY
    await inbox_desk.open_call(call_id)
    elsewhere: dict[str, Any] = {"call_id": call_id, "region": "dk-kolding"}
    dates = dict.fromkeys(("closes_at", "previous_closes_at", "evaluation_due_at", "reserve_list_ends_at"), later)
    counts: dict[str, Any] = {"granted": 1, "reserve": 0, "refused": 0, "list_hash": "00", "nonce": "00", "seed": "00"}
    returned = applications.ApplicationReturned(**elsewhere, application_id=new_id(), revision=1, repair_by=later, fields=[])
    extended = applications.CallExtended(**elsewhere, **dates)
    await assert_no_effect(inbox_desk, [returned, extended, RankingApproved(**elsewhere, selection_method="draw", **counts)])


@pytest.mark.parametrize("field", ["region", "scheme", "policy_id", "currency"])
async def test_call_that_contradicts_its_policy_has_no_calendar(inbox_desk: Desk, field: str) -> None:
    policy, dates = inbox_desk.policy, ("opens_at", "closes_at", "evaluation_due_at", "reserve_list_ends_at")
    about_call = {"call_id": new_id(), "region": policy.region, "slug": "a-call", "scheme": policy.scheme, "policy_id": policy.id}
    money: dict[str, Any] = {"selection_method": "draw", "currency": "EUR", "envelope_minor": 1_000_000}
    published = applications.CallPublished(**about_call, **money, **dict.fromkeys(dates, BEGINNING))
    await assert_no_effect(inbox_desk, forged(published, field, 1), waits=field == "policy_id")  # for such a policy


async def test_deadline_is_ended_by_its_own_case_only(inbox_desk: Desk) -> None:
    """A claim's check, and the bank's silence: an event of another voucher, batch or region does not end them."""
    mine, other = await inbox_desk.voucher(Stage.ISSUED), await inbox_desk.voucher(Stage.ISSUED)
    claim = {"eligible_minor": 1, "requested_minor": 1, "currency": "EUR", "check_by": BEGINNING + DAY}
    batch = {"batch_id": PAID["batch_id"], "disbursement_ids": [PAID["disbursement_id"]], "answer_by": BEGINNING + DAY}
    lodged = payments.ClaimLodged(**about(mine), **CLAIM, **claim)
    sent = payments.BatchSent(region=mine.region, **batch)
    await inbox_desk.deliver(lodged, sent)
    await assert_no_effect(
        inbox_desk,
        [
            payments.ClaimRejected(**about(other), **CLAIM, rules=[]),
            payments.ClaimLodged(**about(other), **CLAIM, **claim | {"check_by": BEGINNING + 300 * DAY}),
            sent.model_copy(update={"region": "dk-kolding", "answer_by": BEGINNING + 300 * DAY}),
            sent.model_copy(update={"disbursement_ids": []}),
        ],
    )
    kinds = {row.kind: row.ended_at for row in await inbox_desk.rows(MilestoneRow)}
    assert kinds == {MilestoneKind.CLAIM_CHECK_DUE: None, MilestoneKind.BANK_SILENCE: None}
