"""A claim line by line: drafted, lodged, cut, returned and corrected."""

from datetime import timedelta

import pytest

from services.payments.commands.accept_claim import accept_claim
from services.payments.commands.discard_claim_draft import discard_claim_draft
from services.payments.commands.remove_claim_document import remove_claim_document
from services.payments.commands.return_claim import return_claim
from services.payments.queries.claim_details import content_of, document_of_claim
from services.payments.tables import ClaimFileRow, ClaimRow, VoucherRow
from shared.contracts.payments import ClaimAccepted, ClaimLodged, ClaimRejected, ClaimReplaced, ClaimReturned
from shared.contracts.vouchers import MilestoneReached
from shared.files.deleted import DeletedFiles
from shared.identity.actor import Role
from shared.kernel.clock import ProgrammeClock
from shared.kernel.vocabulary import MilestoneKind
from tests.support.claims import Drafts
from tests.support.payments import Payments, code_of
from tests.support.stored import assert_nowhere

STEPS = (ClaimLodged, ClaimReturned, ClaimReplaced, ClaimAccepted, ClaimRejected)


@pytest.fixture
async def drafts(payments: Payments) -> Drafts:
    """On a voucher of 1,000.00; the policy is 80 % of the expenditure."""
    value = payments.policy.value.model_copy(update={"intensity_bp": 8_000})
    payments.use(payments.policy.model_copy(update={"value": value}))
    return Drafts(payments, await payments.issued(await payments.open_call(1_000_000), 100_000))


async def test_lines_are_cut_and_the_sum_follows(drafts: Drafts) -> None:
    payments = drafts.payments
    claim_id = await drafts.lodged(2)
    lodged = await drafts.read(claim_id)
    assert (lodged.eligible_minor, lodged.requested_minor, len(lodged.lines)) == (25_000, 20_000, 2)
    assert await drafts.lodge(await drafts.draft_of(claim_id)) == claim_id  # a repetition gives the same claim
    assert await code_of(payments.run(accept_claim, payments.officer, claim_id, None)) == "lines-unchecked"
    await drafts.checked(claim_id, 1)
    await drafts.checked(claim_id, 2, 2_500, "The dinner is no design work.")
    assert [line.cut_minor for line in (await drafts.read(claim_id)).lines] == [None, None]  # not while the officer is at it
    assert await code_of(payments.run(accept_claim, payments.officer, claim_id, 20_000)) == "computed-from-lines"
    await payments.run(accept_claim, payments.officer, claim_id, None)
    read = await drafts.read(claim_id)
    assert read.computation is not None
    assert (read.granted_minor, read.computation.paid_minor, read.computation.own_minor) == (18_000, 18_000, 4_500)
    assert [(line.cut_minor, line.cut_reason) for line in read.lines] == [(0, None), (2_500, "The dinner is no design work.")]
    assert (await payments.row(VoucherRow, drafts.voucher.id)).claimed_minor == 18_000
    await assert_nowhere(payments.sessions, "The dinner is no design work.")
    assert await payments.published(*STEPS) == ["ClaimLodged", "ClaimAccepted"]
    [accepted] = await payments.events(ClaimAccepted)
    assert (accepted.body["requested_minor"], accepted.body["granted_minor"], accepted.body["cut_lines"]) == (20_000, 18_000, [2])


async def test_returned_claim_is_corrected_and_takes_its_place(drafts: Drafts) -> None:
    payments = drafts.payments
    first = await drafts.lodged()
    draft_id = await drafts.draft_of(first)
    line = (await drafts.draft(draft_id)).lines[0]
    assert await code_of(drafts.line(draft_id, line.line_id)) == "claim-lodged-already"
    await payments.run(return_claim, payments.officer, first, "The VAT is recovered.")
    await payments.end_claim_window(drafts.voucher)  # the voucher stays open for the correction
    assert (await payments.row(VoucherRow, drafts.voucher.id)).state == "issued"
    returned = await payments.row(ClaimRow, first)
    assert returned.correct_by
    payments.clock.instant = returned.correct_by - timedelta(minutes=1)
    draft = await drafts.draft(draft_id)
    assert (draft.state, draft.editable, draft.note, draft.gaps) == ("returned", True, "The VAT is recovered.", [])
    assert draft.computation.left_minor == 100_000  # what the returned claim holds is its own
    await drafts.line(draft_id, line.line_id, line.reference or "", vat_recoverable=True, claimed_minor=10_000)
    second = await drafts.lodge(draft_id)
    after, before = await payments.row(ClaimRow, second), await payments.row(ClaimRow, first)
    assert (after.replaces, after.requested_minor, before.state) == (first, 8_000, "replaced")
    assert (await payments.row(VoucherRow, drafts.voucher.id)).claimed_minor == 8_000
    assert (await drafts.read(first)).lines[0].claimed_minor == 12_500  # what was lodged stays as it was
    assert await payments.published(*STEPS) == ["ClaimLodged", "ClaimReturned", "ClaimLodged", "ClaimReplaced"]
    await payments.deliver(over(drafts, returned))
    await payments.assert_nothing_lost()
    assert (await payments.row(ClaimRow, second)).state == "lodged"


def over(drafts: Drafts, claim: ClaimRow) -> MilestoneReached:
    assert claim.correct_by
    drafts.payments.clock.instant = max(drafts.payments.clock.instant, claim.correct_by)
    return MilestoneReached(
        subject_id=claim.id, case_id=drafts.voucher.application_id, region=claim.region, kind=MilestoneKind.CLAIM_CORRECTION_ENDS,
        due_at=claim.correct_by,
    )  # fmt: skip


async def test_claim_that_is_not_corrected_is_rejected_in_time(drafts: Drafts) -> None:
    payments = drafts.payments
    claim_id = await drafts.lodged()
    await payments.run(return_claim, payments.officer, claim_id, "Which work was it?")
    claim = await payments.row(ClaimRow, claim_id)
    early = over(drafts, claim).model_copy(update={"due_at": claim.lodged_at})
    await payments.deliver(early)
    assert (await payments.row(ClaimRow, claim_id)).state == "returned"
    assert await code_of(drafts.lodge(await drafts.draft_of(claim_id))) == "correction-ended"
    await payments.deliver(over(drafts, claim), twice=True)
    rejected = await payments.row(ClaimRow, claim_id)
    assert (rejected.state, rejected.rules, rejected.note) == ("rejected", ["not-corrected"], "Which work was it?")
    assert (await payments.row(VoucherRow, drafts.voucher.id)).claimed_minor == 0
    again = await payments.row(ClaimRow, await drafts.lodge(await drafts.draft_of(claim_id)))  # nothing is typed twice
    assert (again.state, again.replaces, (await payments.row(ClaimRow, claim_id)).state) == ("lodged", None, "rejected")


async def test_draft_is_one_for_the_voucher_and_says_what_it_lacks(drafts: Drafts) -> None:
    draft_id = await drafts.begun()
    assert await drafts.begun() == draft_id
    line_id = await drafts.line(draft_id, reference="INV 7")
    assert await code_of(drafts.line(draft_id, reference="inv-7")) == "invoice-repeated"
    assert [gap.code for gap in (await drafts.draft(draft_id)).gaps] == ["invoice-file-missing", "evidence-missing", "payee-missing"]
    assert await code_of(drafts.lodge(draft_id)) == "invoice-file-missing"
    file_id = await drafts.document(draft_id, line_id, text="one")
    assert await code_of(drafts.document(draft_id, line_id)) == "invoice-file-given"
    assert await code_of(drafts.document(draft_id, line_id, "deliverable", text="one")) == "document-given-already"
    await drafts.payments.run(remove_claim_document, drafts.applicant, draft_id, file_id)
    await drafts.payments.run(discard_claim_draft, drafts.applicant, draft_id)
    assert await code_of(drafts.draft(draft_id)) == "unknown-draft"
    assert await drafts.begun() != draft_id
    job = DeletedFiles(drafts.payments.sessions, ClaimFileRow, drafts.store, drafts.payments.clock, ProgrammeClock())
    assert await job.delete() == 1
    assert await drafts.store.get(file_id) is None


async def test_who_drafts_never_checks_and_strangers_read_nothing(drafts: Drafts) -> None:
    """Who saved a line took the applicant's part, also if another person lodged; and cutting a line is part of the check."""
    payments = drafts.payments
    claim_id = await drafts.lodged()
    turned = payments.actor("applicant-1", Role.OFFICER)
    assert await code_of(payments.run(return_claim, turned, claim_id, "x")) == "incompatible-step"
    stranger = payments.actor("applicant-9", Role.APPLICANT, drafts.voucher.id)
    [file] = [one.file_id for one in (await drafts.read(claim_id)).evidence if one.kind == "invoice"]
    assert await code_of(payments.run(document_of_claim, stranger, claim_id, file)) == "not-owner"
    other = await Drafts(payments, await payments.issued(drafts.voucher.call_id, 50_000)).lodged()
    assert await code_of(payments.run(document_of_claim, payments.officer, other, file)) == "unknown-file"
    row = await payments.run(document_of_claim, payments.officer, claim_id, file)
    assert (await payments.run(content_of, payments.officer, drafts.store, row)).startswith(b"%PDF")
