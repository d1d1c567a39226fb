"""Claims at the same moment, the same document twice, and what becomes of a rejected one."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.payments.commands.accept_claim import accept_claim
from services.payments.commands.lodge_claim import lodge_claim
from services.payments.commands.reject_claim import reject_claim
from services.payments.domain.claims import Evidence
from services.payments.queries.claims import get_claim
from services.payments.queries.officer_desk import get_officer_desk
from services.payments.tables import ClaimRow, VoucherRow
from shared.contracts.common import VoucherEvent
from shared.contracts.payments import ClaimLodged
from shared.contracts.vouchers import MilestoneReached, VoucherAccepted, VoucherExtended, VoucherResumed, VoucherSuspended
from shared.identity.actor import Role
from shared.kernel.errors import Conflict, Refused
from shared.kernel.ids import new_id
from shared.kernel.vocabulary import MilestoneKind
from tests.support.databases import run_as_owner
from tests.support.desk import SEALING
from tests.support.payments import Payments, Voucher, evidence
from tests.support.stored import assert_nowhere


async def test_concurrent_claims_stay_within_the_voucher(payments: Payments) -> None:
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    await payments.payee(voucher)
    outcomes = await asyncio.gather(*(payments.lodged(voucher, 15_000) for _ in range(12)), return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert len(refused) == 6
    assert {outcome.code for outcome in refused if isinstance(outcome, Refused)} == {"above-value"}
    assert (await payments.row(VoucherRow, voucher.id)).claimed_minor == 90_000
    assert len(await payments.published(ClaimLodged)) == 6


async def test_document_is_used_once_until_its_claim_is_rejected(payments: Payments) -> None:
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    payee = await payments.payee(voucher)
    applicant = payments.actor("applicant-1", Role.APPLICANT, voucher.organisation_id)
    asked = payments.new_claim(voucher, payee.id, 10_000, evidence(payments.policy, 20_000))
    claim = await payments.run(lodge_claim, applicant, asked)
    with pytest.raises(Conflict) as caught:
        await payments.run(lodge_claim, applicant, asked)
    assert caught.value.code == "evidence-used"
    await payments.run(reject_claim, payments.officer, claim.id, ["not-eligible"], "Please add the report.")
    assert (await payments.row(ClaimRow, claim.id)).note == "Please add the report."
    await assert_nowhere(payments.sessions, "Please add the report.")
    again = await payments.run(lodge_claim, applicant, asked)
    assert again.state == "lodged"
    assert (await payments.row(VoucherRow, voucher.id)).claimed_minor == 10_000


async def test_document_in_concurrent_claims_is_used_in_one(payments: Payments) -> None:
    """Claims of one organisation on vouchers of its own."""
    call_id = await payments.open_call(1_000_000)
    documents, vouchers = evidence(payments.policy, 20_000), await vouchers_of_one(payments, call_id, 4)
    payee = await payments.payee(vouchers[0])

    async def claim_on(voucher: Voucher) -> ClaimRow:
        applicant = payments.actor("applicant-1", Role.APPLICANT, voucher.organisation_id)
        return await payments.run(lodge_claim, applicant, payments.new_claim(voucher, payee.id, 10_000, documents))

    outcomes = await asyncio.gather(*(claim_on(voucher) for voucher in vouchers), return_exceptions=True)
    assert len([outcome for outcome in outcomes if isinstance(outcome, ClaimRow)]) == 1


async def test_amount_not_granted_may_be_claimed_again(payments: Payments) -> None:
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    claim = await payments.lodged(voucher, 100_000)
    await payments.run(accept_claim, payments.officer, claim.id, 40_000)
    assert (await payments.lodged(voucher, 60_000)).state == "lodged"
    with pytest.raises(Conflict):
        await payments.run(accept_claim, payments.officer, claim.id, None)


@pytest.mark.parametrize(("last", "suspended"), [(VoucherResumed, False), (VoucherSuspended, True)])
async def test_later_suspension_event_counts_in_any_order(payments: Payments, last: type[VoucherEvent], suspended: bool) -> None:
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    earlier = VoucherSuspended if last is VoucherResumed else VoucherResumed
    await payments.deliver(last(**voucher.about()))
    await payments.deliver(earlier(**voucher.about()), ago=timedelta(days=1))
    assert (await payments.row(VoucherRow, voucher.id)).suspended is suspended


async def test_suspension_stops_claims_and_extension_moves_window(payments: Payments) -> None:
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    await payments.deliver(VoucherSuspended(**voucher.about()))
    with pytest.raises(Conflict):
        await payments.lodged(voucher, 10_000)
    before = (await payments.row(VoucherRow, voucher.id)).claim_window_until
    assert before
    later = before.replace(year=before.year + 1)
    extended = VoucherExtended(
        **voucher.about(), valid_until=later, claim_window_until=later, previous_valid_until=before, previous_claim_window_until=before
    )
    old_milestone = MilestoneReached(
        subject_id=voucher.id, case_id=voucher.application_id, region=voucher.region, kind=MilestoneKind.CLAIM_WINDOW_ENDS, due_at=before
    )
    await payments.deliver(VoucherResumed(**voucher.about()), extended, old_milestone)
    payments.clock.instant = before
    assert (await payments.lodged(voucher, 10_000)).state == "lodged"


async def test_claim_not_checked_in_time_is_overdue(payments: Payments) -> None:
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    claim = await payments.lodged(voucher, 10_000)
    due = MilestoneReached(
        subject_id=claim.id,
        case_id=voucher.application_id,
        region=voucher.region,
        kind=MilestoneKind.CLAIM_CHECK_DUE,
        due_at=claim.check_by,
    )
    payments.clock.instant = claim.check_by
    await payments.deliver(due)
    assert (await payments.row(ClaimRow, claim.id)).overdue


async def test_undecided_claims_of_an_organisation_are_bounded(payments: Payments) -> None:
    """Those that an officer has decided do not count, nor do those of others."""
    voucher, other = [await payments.issued(call, 100_000) for call in [await payments.open_call(1_000_000)] * 2]
    payee = await payments.payee(voucher)
    applicant = payments.actor("applicant-1", Role.APPLICANT, voucher.organisation_id)

    async def lodge() -> ClaimRow:
        asked = payments.new_claim(voucher, payee.id, 5_000, evidence(payments.policy, 10_000))
        return await payments.run(lodge_claim, applicant, asked, 2)

    first, _ = await lodge(), await lodge()
    with pytest.raises(Conflict) as caught:
        await lodge()
    assert (caught.value.code, caught.value.facts) == ("too-many-claims", {"most": 2})
    await payments.payee(other)
    await payments.lodged(other, 5_000)
    await payments.run(accept_claim, payments.officer, first.id, None)
    assert (await lodge()).state == "lodged"
    assert (await payments.run(get_officer_desk, payments.officer, None)).claims.count == 3


INVOICE = Evidence("invoice", "a" * 64, date(2026, 3, 1), 20_000, "INV-2026-001", "2:" + "i" * 32)


async def vouchers_of_one(payments: Payments, call_id: UUID, count: int) -> list[Voucher]:
    organisation, found = new_id(), []
    for _ in range(count):
        voucher = replace(payments.voucher(call_id, 100_000), organisation_id=organisation)
        await payments.deliver(payments.reservation(voucher), VoucherAccepted(**voucher.about()), payments.issue(voucher))
        found.append(voucher)
    return found


async def claim_on(payments: Payments, call_id: UUID, invoice: Evidence, voucher: Voucher | None = None) -> ClaimRow:
    """A claim on other documents but this invoice; of another organisation each time, unless on this `voucher`."""
    voucher = voucher or await payments.issued(call_id, 100_000)
    payee = await payments.payee(voucher)
    documents = [invoice, *(one for one in evidence(payments.policy, 20_000) if one.kind != "invoice")]
    applicant = payments.actor("applicant-1", Role.APPLICANT, voucher.organisation_id)
    return await payments.run(lodge_claim, applicant, payments.new_claim(voucher, payee.id, 10_000, documents))


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"reference": "inv 2026/001"},
        {"reference": "ІNV-2026-001"},
        {"reference": "ΙΝV-2026-001"},
        {"reference": "INV-２０２６-００１"},
        {"issued_on": date(2026, 2, 28)},
        {"amount_minor": 20_001},
    ],
    ids=["other-file", "other-spelling", "cyrillic", "greek", "full-width", "day-before", "cent-more"],
)
async def test_same_invoice_in_another_file_is_refused(payments: Payments, change: dict[str, Any]) -> None:
    """On another voucher of the organisation. What another one claims is put before an officer (test_claim_rules)."""
    call_id = await payments.open_call(1_000_000)
    first, second = await vouchers_of_one(payments, call_id, 2)
    claim = await claim_on(payments, call_id, INVOICE, first)
    again = replace(INVOICE, sha256="b" * 64, **change)
    with pytest.raises(Conflict) as caught:
        await claim_on(payments, call_id, again, second)
    assert caught.value.code == "invoice-claimed"
    await payments.run(reject_claim, payments.officer, claim.id, ["not-eligible"], None)
    assert (await claim_on(payments, call_id, again, second)).state == "lodged"


async def test_same_invoice_in_claims_at_once_is_taken_once(payments: Payments) -> None:
    call_id = await payments.open_call(1_000_000)
    invoices = [replace(INVOICE, sha256=f"{number:064x}") for number in range(4)]
    vouchers = await vouchers_of_one(payments, call_id, len(invoices))
    claims = (claim_on(payments, call_id, one, voucher) for one, voucher in zip(invoices, vouchers, strict=True))
    outcomes = await asyncio.gather(*claims, return_exceptions=True)
    assert len([outcome for outcome in outcomes if isinstance(outcome, ClaimRow)]) == 1


async def test_invoice_from_before_is_known_by_number_date_amount(payments: Payments) -> None:
    """Its issuer's hash is of the number as it was typed, and its own hash of letters that were not folded."""
    call_id = await payments.open_call(1_000_000)
    voucher = await payments.issued(call_id, 100_000)
    claim = await claim_on(payments, call_id, replace(INVOICE, reference="ΩΙ-7"), voucher)
    key = SEALING.digest("number_key", "ωι7")
    await run_as_owner(payments.engine, "ALTER TABLE claim_evidence DISABLE TRIGGER stated_reference")
    await run_as_owner(
        payments.engine,
        f"UPDATE claim_evidence SET issuer_hash = '{'0' * 32}', number_key = '{key}' WHERE claim_id = '{claim.id}' AND kind = 'invoice'",
    )
    with pytest.raises(Conflict) as caught:
        await claim_on(payments, call_id, replace(INVOICE, sha256="b" * 64, reference="ωι 7"), voucher)
    assert caught.value.code == "invoice-claimed"


SIMILAR: list[tuple[dict[str, Any], bool]] = [
    ({"issuer_hash": "2:other"}, True),
    ({"issued_on": date(2025, 12, 20), "amount_minor": 20_001}, True),
    ({"reference": "INV-2026-002"}, True),
    ({"reference": "No. INV-2026-O01", "amount_minor": 20_001}, True),
    ({"reference": "INV-2026-002", "issued_on": date(2025, 12, 20)}, True),
    ({"reference": "INV-2026-002", "issued_on": date(2025, 12, 20), "amount_minor": 20_001}, False),
    ({"reference": "INV-2026-002", "issuer_hash": "2:other"}, False),
]


@pytest.mark.parametrize(("change", "similar"), SIMILAR)
async def test_similar_invoice_is_confirmed_or_not_accepted(payments: Payments, change: dict[str, Any], similar: bool) -> None:
    call_id = await payments.open_call(1_000_000, opens_at=datetime(2025, 12, 1, tzinfo=UTC))
    await claim_on(payments, call_id, replace(INVOICE, issued_on=date(2026, 1, 7)))
    claim = await claim_on(payments, call_id, replace(INVOICE, **{"sha256": "b" * 64, "issued_on": date(2026, 1, 7), **change}))
    view = await payments.run(get_claim, payments.officer, claim.id)
    assert (view.similar_invoice, view.similar_lines) == (similar, [1] if similar else [])
    applicant = payments.actor("applicant-1", Role.APPLICANT, claim.organisation_id)
    hidden = await payments.run(get_claim, applicant, claim.id)
    assert (hidden.similar_invoice, hidden.similar_lines) == (None, None)
    if similar:
        for lines in ([], [2]):
            with pytest.raises(Conflict) as caught:
                await payments.run(accept_claim, payments.officer, claim.id, None, lines)
            assert (caught.value.code, caught.value.facts) == ("similar-invoice", {"lines": [1]})
    assert (await payments.run(accept_claim, payments.officer, claim.id, None, view.similar_lines)).state == "accepted"
