"""`triptych verify` finds nothing in a sound platform, and each way of breaking an invariant, with the case that breaks it."""

import asyncio
import json
import re
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from rich.console import Console
from typer.testing import CliRunner

from deploy.embedded.databases import SERVICES, VERIFY_ROLE, create_database
from deploy.embedded.servers import PostgreSQL, Tansu
from operations.cli.main import app
from operations.verify.bank_files import read_bank
from operations.verify.breach import Breach
from operations.verify.check import check, verify
from operations.verify.consumers import CONSUMERS
from operations.verify.facts import Facts, Workflow
from operations.verify.gather import read_database, read_databases, snapshot
from operations.verify.replay import checksums, replay_events
from operations.verify.report import Report
from services.applications import subscribers as applications
from services.evaluation import subscribers as evaluation
from services.payments import subscribers as payments
from services.vouchers import subscribers as vouchers
from shared.database import create_engine, sessions_of
from shared.kernel.clock import ProgrammeClock
from shared.messaging.profile import BrokerKind
from shared.runtime.worker import Worker
from tests.conftest import FreshDatabase
from tests.support.desk import service_settings
from tests.support.verify_breaks import BREAKS, Broken
from tests.support.verify_money import Folders, tell_story
from tests.support.verify_story import BOOK

Ids = Mapping[str, str]
HANDLERS = {
    "applications": applications.HANDLERS,
    "evaluation": evaluation.HANDLERS,
    "payments": payments.HANDLERS,
    "vouchers": vouchers.handlers(None, ProgrammeClock()),  # type: ignore[arg-type]
}
"""No lifecycles: whatever would start or signal one has taken effect before."""


class Platform:
    """The story in four databases, with a superuser's connection to each. What `broken` changes is taken back at once."""

    def __init__(self, folders: Folders, ids: Ids, urls: Mapping[str, str], admins: Mapping[str, asyncpg.Connection]) -> None:
        self.folders, self.ids, self.urls, self.admins = folders, ids, urls, admins

    async def looked_at(self, folders: Folders | None = None) -> Facts:
        """As the reader's role sees it."""
        logs, tables = await read_databases(self.urls)
        return self._facts(logs, tables, folders or self.folders)

    async def broken(self, service: str, *statements: str) -> Facts:
        """The same after a superuser has changed it with all triggers off."""
        logs, tables = {}, {}
        for name, admin in self.admins.items():
            transaction = admin.transaction()
            await transaction.start()
            try:
                if name == service:
                    await admin.execute("SET LOCAL session_replication_role = replica")
                    changed = [await admin.execute(statement) for statement in statements]
                    assert not any(tag.endswith(" 0") for tag in changed), f"a statement that changes nothing breaks nothing: {changed}"
                logs[name], read = await read_database(name, admin)
                tables |= read
            finally:
                await transaction.rollback()
        return self._facts(logs, tables, self.folders)

    def _facts(self, logs: object, tables: object, folders: Folders) -> Facts:
        bank = read_bank(folders.outgoing, folders.incoming, folders.book)
        workflows = [Workflow(f"voucher-{self.ids['award']}", "completed")]
        return Facts(logs, tables, bank, {policy.id: policy for policy in BOOK.all()}, workflows)  # type: ignore[arg-type]


@pytest_asyncio.fixture(scope="module")
async def platform(
    postgres: PostgreSQL, roles: dict[str, str], template_of: FreshDatabase, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Platform]:
    folders = Folders(tmp_path_factory.mktemp("bank"))
    story, ids = await asyncio.to_thread(tell_story, folders)
    urls, admins = {}, {}
    async with AsyncExitStack() as stack:
        server = await asyncpg.connect(postgres.url("postgres", driver="postgresql"))
        stack.push_async_callback(server.close)
        for service in SERVICES:
            name = f"verify_{service}"
            await create_database(server, name, owner=service, template=await template_of(service))
            stack.push_async_callback(server.execute, f'DROP DATABASE "{name}" WITH (FORCE)')
            engine = create_engine(postgres.url(name, service, roles[service]))
            async with sessions_of(engine).begin() as session:
                for rows in story.by_table(service):
                    session.add_all(rows)
                    await session.flush()
            await engine.dispose()
            urls[service] = postgres.url(name, VERIFY_ROLE, roles[VERIFY_ROLE], driver="postgresql")
            admins[service] = await asyncpg.connect(postgres.url(name, driver="postgresql"))
            stack.push_async_callback(admins[service].close)
        yield Platform(folders, ids, urls, admins)


async def test_a_sound_platform_has_no_breach(platform: Platform) -> None:
    facts = await platform.looked_at()
    assert check(facts) == []
    assert min(Report(facts, [], settled=True).examined.values()) > 0


@pytest.mark.parametrize("broken", BREAKS, ids=lambda broken: broken.name)
async def test_a_broken_invariant_is_found_with_its_case(platform: Platform, broken: Broken) -> None:
    facts = await platform.broken(broken.service, *(statement.format(**platform.ids) for statement in broken.statements))
    found = [breach for breach in check(facts) if breach.invariant == broken.invariant]
    assert broken.subject.format(**platform.ids) in {breach.subject for breach in found}, found


@pytest.mark.parametrize(("days", "found"), [(0, 1), (1, 0)])
async def test_a_tie_that_came_to_light_after_the_score_is_no_breach(platform: Platform, days: int, found: int) -> None:
    tie = f"tie-{platform.ids['paid']}"
    facts = await platform.broken(
        "evaluation",
        f"""UPDATE evaluators SET relations = jsonb_build_object('tax-number', jsonb_build_array('{tie}')), relations_since = jsonb_build_object(
            '{tie}', to_char((SELECT max(scored_at) FROM assignments) + interval '{days} days', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'))
            WHERE id = 'expert-1'""",
    )
    assert len([breach for breach in check(facts) if "has a tie" in breach.detail]) == found


def _payment_file(folders: Folders, ids: Ids) -> Path:
    return next(path for path in folders.outgoing.iterdir() if path.stem.endswith(ids["batch"].replace("-", "")))


def _statement_of(folders: Folders, ids: Ids) -> Path:
    return next(path for path in folders.incoming.glob("*camt*") if ids["paid_attempt"].replace("-", "") in path.read_text())


def _file_gone(folders: Folders, ids: Ids) -> str:
    _payment_file(folders, ids).unlink()
    return f"batch {ids['batch']}"


def _file_changed(folders: Folders, ids: Ids) -> str:
    path = _payment_file(folders, ids)
    path.write_text(path.read_text().replace("Studio Example", "Studio Elsewhere"))
    return f"batch {ids['batch']}"


def _file_twice(folders: Folders, ids: Ids) -> str:
    path = _payment_file(folders, ids)
    path.with_name("again.xml").write_bytes(path.read_bytes())
    return f"attempt {ids['paid_attempt']}"


def _file_of_a_stranger(folders: Folders, ids: Ids) -> str:
    path, stranger = _payment_file(folders, ids), "0" * 31 + "1"
    path.with_name("stranger.xml").write_text(path.read_text().replace(ids["disbursement"].replace("-", ""), stranger))
    return "disbursement 00000000-0000-0000-0000-000000000001"


def _file_unreadable(folders: Folders, ids: Ids) -> str:
    path = _payment_file(folders, ids)
    path.write_text(path.read_text()[:100])
    return f"file {path.name}"


def _statement_gone(folders: Folders, ids: Ids) -> str:
    _statement_of(folders, ids).unlink()
    return f"disbursement {ids['disbursement']}"


def _statement_of_another_amount(folders: Folders, ids: Ids) -> str:
    path = _statement_of(folders, ids)
    path.write_text(path.read_text().replace(">3000.00<", ">2999.99<"))
    return f"disbursement {ids['disbursement']}"


def _booked_twice(folders: Folders, ids: Ids) -> str:
    path = _statement_of(folders, ids)
    path.with_name("again.xml").write_text(path.read_text() + "<!-- the next day -->")
    return f"disbursement {ids['disbursement']}"


def _first_attempt_stands_too(folders: Folders, ids: Ids) -> str:
    _in_book(folders, "UPDATE transfers SET state = 'booked', returned_on = NULL")
    return f"disbursement {ids['disbursement']}"


def _never_booked(folders: Folders, ids: Ids) -> str:
    _in_book(folders, "UPDATE transfers SET state = 'waiting', booked_on = NULL WHERE state = 'booked'")
    return f"disbursement {ids['disbursement']}"


def _booked_for_a_stranger(folders: Folders, ids: Ids) -> str:
    _in_book(folders, "UPDATE transfers SET end_to_end_id = 'somebody' WHERE state = 'booked'")
    return "disbursement somebody"


def _taken_and_not_known(folders: Folders, ids: Ids) -> str:
    path = _statement_of(folders, ids)
    (folders.incoming / "taken").mkdir()
    path.rename(folders.incoming / "taken" / path.name)
    return f"bank file {path.name}"


def _in_book(folders: Folders, statement: str) -> None:
    with sqlite3.connect(folders.book) as book:
        assert book.execute(statement).rowcount
    book.close()


BANK_BREAKS = [
    _file_gone, _file_changed, _file_twice, _file_of_a_stranger, _file_unreadable, _statement_gone, _statement_of_another_amount,
    _booked_twice, _first_attempt_stands_too, _never_booked, _booked_for_a_stranger,
    _taken_and_not_known,
]  # fmt: skip


@pytest.mark.parametrize("break_it", BANK_BREAKS, ids=lambda function: function.__name__.strip("_"))
async def test_payments_are_recounted_at_the_bank(platform: Platform, tmp_path: Path, break_it: Callable[[Folders, Ids], str]) -> None:
    folders = Folders(tmp_path / "bank")
    shutil.copytree(platform.folders.root, folders.root)
    subject = break_it(folders, platform.ids)
    found = check(await platform.looked_at(folders))
    assert subject in {breach.subject for breach in found if breach.invariant == 2}, found


KEPT = (
    "INSERT INTO bank_lines (id, file_sha256, line, outcome, reason, happening, attempt_id)"
    " VALUES (gen_random_uuid(), '', 1, 'unmatched', 'recovered-already', 'came-back', '{paid_attempt}')"
)
RECOVERED = "UPDATE vouchers SET recovered_minor = paid_minor WHERE id = '{voucher}'"


@pytest.mark.parametrize(
    ("done", "sound"), [((KEPT, RECOVERED), True), ((KEPT,), False), ((RECOVERED,), False)], ids=["both", "kept", "recovered"]
)
async def test_what_the_bank_returns_after_its_recovery_has_to_be_kept_and_to_be_recovered(
    platform: Platform, tmp_path: Path, done: tuple[str, ...], sound: bool
) -> None:
    folders = Folders(tmp_path / "bank")
    shutil.copytree(platform.folders.root, folders.root)
    _in_book(folders, "UPDATE transfers SET state = 'returned', returned_on = booked_on WHERE state = 'booked'")
    facts = await platform.broken("payments", *(statement.format(**platform.ids) for statement in done))
    facts = replace(facts, bank=read_bank(folders.outgoing, folders.incoming, folders.book))
    found = [breach for breach in check(facts) if breach.invariant == 2]
    assert (found == []) is sound, found


async def test_a_statement_on_somebody_elses_account_is_none_of_our_payments(platform: Platform, tmp_path: Path) -> None:
    folders = Folders(tmp_path / "bank")
    shutil.copytree(platform.folders.root, folders.root)
    path = _statement_of(folders, platform.ids)
    stranger = path.read_text().replace(platform.ids["disbursement"].replace("-", ""), "0" * 31 + "1")
    path.with_name("stranger-camt.xml").write_text(re.sub(r"<(IBAN|Id)>[A-Z]{2}\d[^<]*<", r"<\1>XX00000000000000000001<", stranger))
    assert check(await platform.looked_at(folders)) == []


@pytest.mark.parametrize(("status", "settling"), [("running", True), ("failed", False)])
async def test_a_workflow_that_runs_is_under_way_and_one_that_died_a_breach(platform: Platform, status: str, settling: bool) -> None:
    name = f"voucher-{platform.ids['award']}"
    facts = replace(await platform.looked_at(), workflows=[Workflow(name, status)])
    assert [(breach.invariant, breach.subject, breach.in_flight) for breach in check(facts)] == [(6, f"workflow {name}", settling)]


@pytest.mark.parametrize(("ends", "found"), [("2099-01-01T00:00:00Z", 0), ("2026-01-01T00:00:00Z", 1)])
async def test_the_calendar_of_a_call_runs_until_its_last_date_and_no_longer(platform: Platform, ends: str, found: int) -> None:
    moved = f"jsonb_set(body, '{{reserve_list_ends_at}}', '\"{ends}\"')"
    facts = await platform.broken("applications", f"UPDATE outbox SET body = {moved} WHERE type LIKE '%.CallPublished.%'")
    name = f"call-{facts.named('CallPublished')[0].body['call_id']}"
    breaches = check(replace(facts, workflows=[*(facts.workflows or ()), Workflow(name, "running")]))
    assert sum(breach.subject == f"workflow {name}" for breach in breaches) == found


async def test_a_voucher_that_is_not_closed_needs_a_running_workflow(platform: Platform) -> None:
    facts = await platform.broken("vouchers", *_NOT_CLOSED)
    name, subject = f"voucher-{platform.ids['award']}", f"voucher {platform.ids['voucher']}"
    alive = check(replace(facts, workflows=[Workflow(name, "running")]))
    assert {breach.subject for breach in alive} == {subject, f"workflow {name}"}
    assert all(breach.in_flight for breach in alive)
    assert [(breach.subject, breach.in_flight) for breach in check(replace(facts, workflows=[]))] == [(subject, False)]
    assert [(breach.subject, breach.in_flight) for breach in check(replace(facts, workflows=None))] == [(subject, True)]


_NOT_CLOSED = (
    "DELETE FROM outbox WHERE type LIKE '%.VoucherClosed.%' AND body->>'outcome' = 'settled'",
    "UPDATE vouchers SET state = 'settling', closed_at = NULL WHERE outcome = 'settled'",
)


async def test_what_is_under_way_is_no_breach_while_the_platform_runs(platform: Platform) -> None:
    facts = await platform.broken("applications", "UPDATE outbox SET published_at = NULL")

    async def look() -> Facts:
        return facts

    settled, running = await verify(look, settled=True), await verify(look, settled=False)
    assert settled.breaches
    assert not settled.pending
    assert not running.breaches
    assert running.pending
    assert running.as_json()["ok"] is True
    assert settled.as_json()["ok"] is False


async def test_a_breach_that_is_gone_at_the_second_look_was_under_way(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("operations.verify.check.SECOND_LOOK_SECONDS", 0)
    sound = await platform.looked_at()
    looks = [await platform.broken("payments", "DELETE FROM claims"), sound]

    async def look() -> Facts:
        return looks.pop(0)

    assert (await verify(look, settled=False)).found == []


async def test_the_report_names_each_breach_for_people_and_for_machines(platform: Platform) -> None:
    report = Report(await platform.looked_at(), [Breach(3, "call x", "has [no] money")], settled=True)
    console = Console(width=120, record=True)
    report.show(console)
    shown = console.export_text()
    assert "call x" in shown
    assert "has [no] money" in shown
    invariants = json.loads(json.dumps(report.as_json()))["invariants"]
    assert [invariant["number"] for invariant in invariants if invariant["breaches"]] == [3]


async def test_the_reader_cannot_write(platform: Platform) -> None:
    database = await asyncpg.connect(platform.urls["payments"])
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await database.execute("UPDATE envelopes SET paid_minor = 0")
    await database.execute("SET default_transaction_read_only = off")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await database.execute("UPDATE envelopes SET paid_minor = 0")
    await database.close()
    async with snapshot(platform.urls["payments"]) as looking:
        with pytest.raises(asyncpg.PostgresError):
            await looking.execute("UPDATE envelopes SET paid_minor = 0")


async def test_a_changed_row_changes_its_tables_checksum(platform: Platform) -> None:
    before = await checksums(platform.urls)
    assert before == await checksums(platform.urls)
    admin = platform.admins["evaluation"]
    await admin.execute("UPDATE cases SET language = 'el'")
    try:
        after = await checksums(platform.urls)
    finally:
        await admin.execute("UPDATE cases SET language = 'en'")
    assert [table for table in before if before[table] != after[table]] == ["evaluation.cases"]


async def test_replayed_events_change_nothing_unless_an_inbox_has_forgotten_one(
    platform: Platform, postgres: PostgreSQL, roles: dict[str, str], server_folder: Path
) -> None:
    every = 10_000
    with Tansu(server_folder / "verify-broker") as broker:
        async with AsyncExitStack() as stack:
            for service, handlers in HANDLERS.items():
                url = postgres.url(f"verify_{service}", service, roles[service])
                engine = create_engine(url)
                worker = Worker(service, service_settings(url, broker.address, broker=BrokerKind.TANSU), engine, BOOK, handlers)
                stack.push_async_callback(engine.dispose)
                await stack.enter_async_context(worker.started())
            sent, changed = await replay_events(platform.urls, broker.address, every)
            assert sent == len((await platform.looked_at()).events)
            assert changed == []
            await platform.admins["applications"].execute("DELETE FROM inbox WHERE event_id = (SELECT event_id FROM inbox LIMIT 1)")
            _, changed = await replay_events(platform.urls, broker.address, every)
            assert "table applications.inbox" in [breach.subject for breach in changed]


def test_without_a_platform_there_is_nothing_to_verify(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIPTYCH_HOME", str(tmp_path))
    assert CliRunner().invoke(app, ["verify"]).exit_code == 1


def test_the_table_of_consumers_is_what_the_services_react_to() -> None:
    for service, handlers in HANDLERS.items():
        assert {contract.type.split(".")[1] for contract in handlers} == CONSUMERS[service], service
