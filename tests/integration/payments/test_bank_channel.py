"""The channel to the bank: nothing is believed or given out without a signature, and no file leaves by one person's hand."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from services.payments.commands.confirm_rejection import confirm_rejection
from services.payments.commands.decide_refused_file import decide_refused_file
from services.payments.commands.prepare_disbursement import prepare_next_attempt
from services.payments.commands.release_batch import release_batch
from services.payments.commands.resolve_bank_line import resolve_bank_line
from services.payments.commands.seal_batches import seal_batches
from services.payments.domain.contradictions import LineResolution
from services.payments.domain.refused_files import FileAct
from services.payments.domain.status import AttemptState
from services.payments.jobs.channel import ChannelRefused, open_channel
from services.payments.jobs.incoming import Incoming
from services.payments.jobs.outgoing import file_name
from services.payments.queries.bank_files import BANK_FILES, FileFilter, FileStanding, list_bank_files
from services.payments.queries.bank_lines import get_bank_file
from services.payments.queries.desk import get_desk
from services.payments.settings import Settings
from services.payments.tables import AttemptRow, BankFileRow, BankLineRow, BatchRow, DisbursementRow
from services.payments.worker import build_worker
from shared.contracts.payments import BatchReleased
from shared.database import create_engine
from shared.identity.signatures import doubt_about, generate_signing_key, read_signature, sign, signature_path
from shared.kernel.errors import Conflict
from tests.support.bank_keys import BANK_KEY, OUR_KEY, OUR_KEYS, put_signed
from tests.support.desk import service_settings
from tests.support.payments import BOOK, Payments, code_of


async def sent(payments: Payments) -> DisbursementRow:
    return await payments.sent(await payments.issued(await payments.open_call(1_000_000), 100_000), 10_000)


async def take(payments: Payments) -> None:
    for _ in range(2):
        await payments.incoming.take_all()


def stranger(_: bytes) -> str:
    return sign(hashlib.sha256(_).hexdigest(), generate_signing_key())


FORGED = {
    "none": lambda data: None,
    "of-another-key": stranger,
    "of-another-file": lambda data: sign(hashlib.sha256(data + b" ").hexdigest(), BANK_KEY),
    "ours": lambda data: sign(hashlib.sha256(data).hexdigest(), OUR_KEY),
    "nonsense": lambda data: "a.b.c",
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
async def test_file_without_the_banks_signature_is_refused_unread(payments: Payments, forge: Callable[[bytes], str | None]) -> None:
    disbursement = await sent(payments)
    data = await payments.report(disbursement, "RJCT", "AC04")
    path = payments.incoming.folder / "forged.xml"
    put_signed(path, data)
    signature = forge(data)
    signature_path(path).unlink() if signature is None else signature_path(path).write_text(signature)
    await take(payments)
    [file] = await payments.rows(BankFileRow)
    assert (file.state, file.reason, file.lines) == ("refused", "signature-missing" if signature is None else "signature-invalid", 0)
    assert await payments.rows(BankLineRow) == []
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "sent"
    assert (payments.incoming.folder / "refused" / f"{file.sha256}.xml").exists()


async def test_forged_copy_does_not_keep_the_true_file_out(payments: Payments) -> None:
    disbursement = await sent(payments)
    data = await payments.statement(disbursement)
    payments.incoming.folder.mkdir(parents=True)
    (payments.incoming.folder / "copy.xml").write_bytes(data)
    await take(payments)
    await payments.receive(data, "true.xml")
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "paid"
    assert [file.state for file in await payments.rows(BankFileRow)] == ["taken"]


async def test_batch_is_given_out_by_two_persons_and_signed(payments: Payments) -> None:
    await payments.approved(await payments.issued(await payments.open_call(1_000_000), 100_000), 10_000)
    [batch] = (await payments.run(seal_batches, payments.finance(5), payments.region)).batches
    assert await payments.outgoing.send_all() == 0
    assert await code_of(payments.run(release_batch, payments.finance(5), batch.id)) == "incompatible-step"
    await payments.run(release_batch, payments.finance(6), batch.id)
    assert await code_of(payments.run(release_batch, payments.finance(6), batch.id)) == "batch-not-sealed"
    assert await payments.outgoing.send_all() == 1
    path = payments.outgoing.folder / file_name(batch.id)
    assert doubt_about(read_signature(path), hashlib.sha256(path.read_bytes()).hexdigest(), OUR_KEYS) is None
    assert (await payments.row(BatchRow, batch.id)).state == "sent"
    assert await payments.published(BatchReleased) == ["BatchReleased"]


async def sealed(payments: Payments) -> tuple[DisbursementRow, BatchRow]:
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    disbursement = await payments.approved(voucher, 10_000)
    [batch] = (await payments.run(seal_batches, payments.finance(5), payments.region)).batches
    return disbursement, batch


async def test_answer_on_an_unreleased_batch_waits_for_a_person(payments: Payments) -> None:
    """The attack: the rejected payment gets a next attempt, and the old file is released too."""
    disbursement, batch = await sealed(payments)
    await payments.receive(await payments.report(disbursement, "RJCT", "AC04"), "rejected.xml")
    await payments.receive(await payments.statement(disbursement), "booked.xml")
    assert [(line.outcome, line.reason) for line in await payments.rows(BankLineRow)] == [("unmatched", "answered-before-release")] * 2
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "sealed"
    assert await code_of(payments.run(release_batch, payments.finance(6), batch.id)) == "batch-contradicted"
    for line in await payments.rows(BankLineRow):
        await payments.run(resolve_bank_line, payments.finance(2), line.id, LineResolution.BANK_ERROR)
    assert (await payments.run(release_batch, payments.finance(6), batch.id)).state == "released"


async def test_batch_whose_payment_is_not_sealed_is_not_released(payments: Payments) -> None:
    """Rows from before the upgrade: the rejection was applied while the batch was sealed."""
    disbursement, batch = await sealed(payments)
    attempt = await payments.attempt(disbursement)
    async with payments.sessions.begin() as session:
        (await session.get_one(AttemptRow, attempt.id)).state = AttemptState.REJECTED
        (await session.get_one(DisbursementRow, disbursement.id)).state = AttemptState.REJECTED
    with pytest.raises(Conflict) as refused:
        await payments.run(release_batch, payments.finance(6), batch.id)
    assert (refused.value.code, refused.value.facts["payments"]) == ("batch-contradicted", [str(disbursement.id)])
    assert await payments.outgoing.send_all() == 0
    assert (await payments.row(BatchRow, batch.id)).state == "sealed"


async def test_no_next_attempt_before_the_file_is_sent(payments: Payments) -> None:
    """Released, rejected, and its file still to be written."""
    disbursement, batch = await sealed(payments)
    await payments.run(release_batch, payments.finance(6), batch.id)
    await payments.receive(await payments.report(disbursement, "RJCT", "AC04"), "rejected.xml")
    await payments.receive(await payments.empty_statement(disbursement), "day.xml")
    prepare = payments.run(prepare_next_attempt, payments.finance(1), disbursement.id, None)
    assert await code_of(prepare) == "attempt-not-ended"
    await payments.outgoing.send_all()
    await payments.run(confirm_rejection, payments.finance(2), disbursement.id, "bank-asked")
    assert (await payments.run(prepare_next_attempt, payments.finance(1), disbursement.id, None)).attempt == 2


def settings(folder: Path, **changed: Path) -> Settings:
    keys = {"bank_keys": folder / "bank.jwks.json", "bank_signing_key": folder / "ours.json"}
    keys["bank_keys"].write_text(json.dumps({"keys": [BANK_KEY.as_dict(private=False)]}))
    keys["bank_signing_key"].touch(mode=0o600)
    keys["bank_signing_key"].write_text(json.dumps(OUR_KEY.as_dict(private=True)))
    common = service_settings("postgresql+asyncpg://nobody@127.0.0.1:1/none", service="payments").model_dump(exclude_unset=True)
    folders = {"bank_outgoing": folder / "outgoing", "bank_incoming": folder / "incoming"}
    files = {"files": (folder / "claim-files").as_uri()}
    return Settings(**(common | folders | files | keys | changed))  # type: ignore[arg-type]


def test_channel_opens_with_keys_and_private_folders(tmp_path: Path) -> None:
    channel = open_channel(settings(tmp_path), BOOK)
    assert channel.bank_keys
    assert channel.signing_key


def test_folder_that_others_may_write_to_is_refused_at_start(tmp_path: Path) -> None:
    (tmp_path / "incoming").mkdir()
    (tmp_path / "incoming").chmod(0o777)
    with pytest.raises(ChannelRefused, match="incoming can be written by everybody"):
        open_channel(settings(tmp_path), BOOK)


def test_missing_or_readable_key_is_refused_at_start(tmp_path: Path) -> None:
    with pytest.raises(ChannelRefused, match="No such file"):
        open_channel(settings(tmp_path, bank_keys=tmp_path / "none.json"), BOOK)
    asked = settings(tmp_path)
    (tmp_path / "ours.json").chmod(0o644)
    with pytest.raises(ChannelRefused, match="can be read by others"):
        open_channel(asked, BOOK)


async def test_refused_file_is_dismissed_and_read_once_more(payments: Payments) -> None:
    """A file that came without its signature: once the signature lies beside it, it is applied. Each decision is kept."""
    disbursement = await sent(payments)
    data = await payments.statement(disbursement)
    put_signed(payments.incoming.folder / "unsigned.xml", data)
    signature_path(payments.incoming.folder / "unsigned.xml").unlink()
    await take(payments)
    [file] = await payments.rows(BankFileRow)

    async def decide(act: FileAct, code: str = "", by: int = 1) -> None:
        asked = payments.run(decide_refused_file, payments.finance(by), file.sha256, act, "bank-asked")
        assert await code_of(asked) == code if code else (await asked).sha256 == file.sha256

    async def listed(state: FileStanding) -> int:
        found = await payments.run(list_bank_files, payments.finance(1), await BANK_FILES(), FileFilter(state=state))
        return len(found.items)

    async def waits() -> int:
        return (await payments.run(get_desk, payments.finance(1), None)).refused_files.count

    assert (await listed(FileStanding.REFUSED), await waits()) == (1, 1)
    await decide(FileAct.REOPENED, "file-not-dismissed")
    await decide(FileAct.DISMISSED)
    assert (await listed(FileStanding.REFUSED), await listed(FileStanding.DISMISSED), await waits()) == (0, 1, 0)
    await decide(FileAct.RETRIED, "file-dismissed")
    await decide(FileAct.REOPENED, by=2)
    await decide(FileAct.RETRIED)
    await decide(FileAct.DISMISSED, "file-waits")
    await payments.incoming.retry_refused()
    assert (await payments.row(BankFileRow, file.sha256)).reason == "signature-missing"  # as it was
    refused = payments.incoming.folder / "refused" / f"{file.sha256}.xml"
    put_signed(refused, data)
    await decide(FileAct.RETRIED)
    await take(payments)
    assert refused.exists()  # a round over the folder asks for none
    await payments.incoming.retry_refused()
    found = await payments.run(get_bank_file, payments.finance(1), file.sha256)
    assert (found.state, found.name, found.retry_at, [one.act for one in found.acts]) == (
        "taken", "unsigned.xml", None, ["dismissed", "reopened", "retried", "retried"],
    )  # fmt: skip
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "paid"
    assert (payments.incoming.folder / "taken" / f"{file.sha256}.xml").exists()
    assert not refused.exists()
    await decide(FileAct.DISMISSED, "file-not-refused")
    assert await code_of(payments.run(decide_refused_file, payments.officer, file.sha256, FileAct.DISMISSED, "x")) == "wrong-role"


async def test_idle_round_asks_the_database_nothing(tmp_path: Path) -> None:
    """Refused files are asked for by another job of the worker; here the database does not answer."""
    engine = create_engine(settings(tmp_path).database_url)
    jobs = [job.__self__ for job in build_worker(settings(tmp_path), engine).jobs if getattr(job, "__func__", None) is Incoming.run_retries]
    [incoming] = jobs
    assert await incoming.take_all() == 0
    with pytest.raises(OSError, match=r"127\.0\.0\.1"):
        await incoming.retry_refused()
    await engine.dispose()
