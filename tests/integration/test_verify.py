"""`triptych verify` reports no breach on a correct dataset, and names the case for each way to break an invariant."""

import json
import re
import shutil
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest
from rich.console import Console
from typer.testing import CliRunner

from deploy.embedded.servers import PostgreSQL, Tansu
from operations.cli.main import app
from operations.verify.bank_files import read_bank
from operations.verify.breach import Breach
from operations.verify.check import check, verify
from operations.verify.consumers import CONSUMERS
from operations.verify.facts import Facts, Workflow
from operations.verify.gather import snapshot
from operations.verify.invariant_6_lifecycles import repeated_runs
from operations.verify.replay import checksums, replay_events
from operations.verify.report import Report
from services.applications import subscribers as applications
from services.evaluation import subscribers as evaluation
from services.payments import subscribers as payments
from services.people import subscribers as people
from services.vouchers import subscribers as vouchers
from shared.contracts.applications import CallPublished
from shared.contracts.evaluation import EvaluatorAssigned, RankingApproved
from shared.contracts.vouchers import VoucherIssued
from shared.database import create_engine
from shared.messaging.event import Event
from shared.messaging.profile import BrokerKind, profile_of
from shared.runtime.worker import Worker
from tests.support.desk import service_settings
from tests.support.event_keys import SIGNERS
from tests.support.verify_bank_breaks import BANK_BREAKS, Ids, change_book, statement_of
from tests.support.verify_breaks import BREAKS, Broken, returned
from tests.support.verify_cases import BOOK
from tests.support.verify_payments import Folders
from tests.support.verify_platform import Platform

HANDLERS = {
    "applications": applications.HANDLERS,
    "evaluation": evaluation.HANDLERS,
    "payments": payments.HANDLERS,
    "people": people.HANDLERS,
    "vouchers": vouchers.handlers(None),  # type: ignore[arg-type]
}
"""Without lifecycles: every event that would start or signal one has already taken effect."""


async def test_correct_dataset_has_no_breach(platform: Platform) -> None:
    facts = await platform.facts()
    assert not (found := check(facts)), "\n".join(map(str, found))
    assert min(Report(facts, [], settled=True).examined.values()) > 0
    assert all(len(chain.links) > 1 and chain.anchors for chain in facts.chains.values())


@pytest.mark.parametrize("contract", [CallPublished, EvaluatorAssigned, RankingApproved, VoucherIssued])
async def test_log_of_an_older_contract_version_has_no_breach(platform: Platform, contract: type[Event]) -> None:
    """An upgraded installation keeps the events that it has logged under the old field names."""
    ((old_type, names),) = contract.renamed.items()
    body = "body"
    for old, new in names.items():
        body = f"({body} - '{new}') || jsonb_build_object('{old}', body->'{new}')"
    statement = f"UPDATE outbox SET type = '{old_type}', body = {body} WHERE type = '{contract.type}'"
    facts = await platform.broken(old_type.split(".")[0], statement)
    assert old_type in {event.type for event in facts.events}
    assert check(facts) == []


@pytest.mark.parametrize("broken", BREAKS, ids=lambda broken: broken.name)
async def test_broken_invariant_is_reported_with_its_case(platform: Platform, broken: Broken) -> None:
    facts = await platform.broken(broken.service, *(statement.format(**platform.ids) for statement in broken.statements))
    found = [breach for breach in check(facts) if breach.invariant == broken.invariant]
    assert broken.subject.format(**platform.ids) in {breach.subject for breach in found}, found


async def test_return_for_a_question_of_the_region_is_no_breach(platform: Platform) -> None:
    facts = await platform.broken("applications", returned('["extra.offer"]', "officer-2").format(**platform.ids))
    assert [breach for breach in check(facts) if "was returned for" in breach.detail] == []


@pytest.mark.parametrize(("days", "found"), [(0, 1), (1, 0)])
async def test_conflict_known_only_after_the_score_is_no_breach(platform: Platform, days: int, found: int) -> None:
    relation = f"relation-{platform.ids['paid']}"
    facts = await platform.broken(
        "evaluation",
        f"""UPDATE evaluators SET relations = jsonb_build_object('tax-number', jsonb_build_array('{relation}')),
            relations_since = jsonb_build_object('{relation}', to_char(
                (SELECT max(scored_at) FROM assignments) + interval '{days} days', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'))
            WHERE id = 'expert-1'""",
    )
    assert len([breach for breach in check(facts) if "has a conflict of interest" in breach.detail]) == found


@pytest.mark.parametrize("break_it", BANK_BREAKS, ids=lambda function: function.__name__.strip("_"))
async def test_payments_are_recounted_from_the_bank_side(
    platform: Platform, tmp_path: Path, break_it: Callable[[Folders, Ids], str]
) -> None:
    folders = Folders(tmp_path / "bank")
    shutil.copytree(platform.folders.root, folders.root)
    subject = break_it(folders, platform.ids)
    found = check(await platform.facts(folders))
    assert subject in {breach.subject for breach in found if breach.invariant == 2}, found


STORED = (
    "INSERT INTO bank_lines (id, file_sha256, line, outcome, reason, payment_event, attempt_id)"
    " VALUES (gen_random_uuid(), '', 1, 'unmatched', 'recovered-already', 'returned', '{paid_attempt}')"
)
RECOVERED = "UPDATE vouchers SET recovered_minor = paid_minor WHERE id = '{voucher}'"


@pytest.mark.parametrize(
    ("statements", "is_correct"),
    [((STORED, RECOVERED), True), ((STORED,), False), ((RECOVERED,), False)],
    ids=["both", "kept", "recovered"],
)
async def test_return_after_recovery_must_be_stored_and_recovered(
    platform: Platform, tmp_path: Path, statements: tuple[str, ...], is_correct: bool
) -> None:
    folders = Folders(tmp_path / "bank")
    shutil.copytree(platform.folders.root, folders.root)
    change_book(folders, "UPDATE transfers SET state = 'returned', returned_on = booked_on WHERE state = 'booked'")
    facts = await platform.broken("payments", *(statement.format(**platform.ids) for statement in statements))
    facts = replace(facts, bank=read_bank(folders.outgoing, folders.incoming, folders.book))
    found = [breach for breach in check(facts) if breach.invariant == 2]
    assert (found == []) is is_correct, found


async def test_statement_of_another_payer_is_ignored(platform: Platform, tmp_path: Path) -> None:
    folders = Folders(tmp_path / "bank")
    shutil.copytree(platform.folders.root, folders.root)
    path = statement_of(folders, platform.ids)
    other = path.read_text().replace(platform.ids["disbursement"].replace("-", ""), "0" * 31 + "1")
    path.with_name("other-camt.xml").write_text(re.sub(r"<(IBAN|Id)>[A-Z]{2}\d[^<]*<", r"<\1>XX00000000000000000001<", other))
    assert check(await platform.facts(folders)) == []


@pytest.mark.parametrize(("status", "in_flight"), [("running", True), ("failed", False)])
async def test_running_workflow_is_in_flight_and_failed_one_a_breach(platform: Platform, status: str, in_flight: bool) -> None:
    name = f"voucher-{platform.ids['award']}"
    facts = replace(await platform.facts(), workflows=[Workflow(name, status)])
    assert [(breach.invariant, breach.subject, breach.in_flight) for breach in check(facts)] == [(6, f"workflow {name}", in_flight)]


@pytest.mark.parametrize(
    ("runs", "breaches", "noted"),
    [(("terminated", "completed"), 0, True), (("completed", "terminated"), 1, False), (("completed", "completed"), 0, False)],
)
async def test_workflow_ended_by_hand_is_judged_by_its_last_run(platform: Platform, runs: list[str], breaches: int, noted: bool) -> None:
    name = f"voucher-{platform.ids['award']}"
    facts = replace(await platform.facts(), workflows=[Workflow(name, status) for status in runs])
    assert (len(check(facts)), any(name in note for note in repeated_runs(facts))) == (breaches, noted)


@pytest.mark.parametrize(("ends", "found"), [("2099-01-01T00:00:00Z", 0), ("2026-01-01T00:00:00Z", 1)])
async def test_call_calendar_may_run_until_its_last_date(platform: Platform, ends: str, found: int) -> None:
    moved = f"jsonb_set(body, '{{reserve_list_ends_at}}', '\"{ends}\"')"
    facts = await platform.broken("applications", f"UPDATE outbox SET body = {moved} WHERE type LIKE '%.CallPublished.%'")
    name = f"call-{facts.named('CallPublished')[0].body['call_id']}"
    breaches = check(replace(facts, workflows=[*(facts.workflows or ()), Workflow(name, "running")]))
    assert sum(breach.subject == f"workflow {name}" for breach in breaches) == found


_CONFIRMATION = "type LIKE '%.EnvelopeConfirmed.%' AND position < 1000000"
_FIELDS = "topic, key, type, time, actor, reason, policy_id, correlation_id, body, mac, published_at"
_CONFIRMED_LATE = f"""
    INSERT INTO outbox (event_id, position, {_FIELDS}) OVERRIDING SYSTEM VALUE
    SELECT gen_random_uuid(), 1000000 + position, {_FIELDS} FROM outbox
"""


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        (["UPDATE outbox SET actor = 'finance-1'"], False),
        (["DELETE FROM outbox"], True),
        (["UPDATE outbox SET actor = 'officer-1'"], True),
        ([_CONFIRMED_LATE, "DELETE FROM outbox"], True),
    ],
    ids=["by-finance", "by-nobody", "by-the-publisher", "too-late"],
)
async def test_envelope_above_the_ceiling_needs_confirmation(platform: Platform, changes: list[str], found: bool) -> None:
    """The policies of the dataset have a ceiling of nothing. The confirmation stands last in the log when it is too late."""
    facts = await platform.broken("payments", *(f"{change} WHERE {_CONFIRMATION}" for change in changes))
    assert any("confirmed" in breach.detail for breach in check(facts) if breach.invariant == 3) is found


async def test_open_voucher_needs_a_running_workflow(platform: Platform) -> None:
    facts = await platform.broken("vouchers", *_NOT_CLOSED)
    known = {event.event_id for event in facts.events}
    inboxes = {name: facts.rows(name) for name in ("applications.inbox", "people.inbox")}
    consumed = {name: [row for row in rows if row["event_id"] in known] for name, rows in inboxes.items()}
    facts = replace(facts, tables={**facts.tables, **consumed})
    name, subject = f"voucher-{platform.ids['award']}", f"voucher {platform.ids['voucher']}"
    with_workflow = check(replace(facts, workflows=[Workflow(name, "running")]))
    assert {breach.subject for breach in with_workflow} == {subject, f"workflow {name}"}
    assert all(breach.in_flight for breach in with_workflow)
    assert [(breach.subject, breach.in_flight) for breach in check(replace(facts, workflows=[]))] == [(subject, False)]
    assert [(breach.subject, breach.in_flight) for breach in check(replace(facts, workflows=None))] == [(subject, True)]


_NOT_CLOSED = (
    "DELETE FROM outbox WHERE type LIKE '%.VoucherClosed.%' AND body->>'outcome' = 'settled'",
    "UPDATE vouchers SET state = 'settling', closed_at = NULL WHERE outcome = 'settled'",
)


async def test_work_in_flight_is_no_breach_while_running(platform: Platform) -> None:
    facts = await platform.broken("applications", "UPDATE outbox SET published_at = NULL")

    async def read_facts() -> Facts:
        return facts

    settled, running = await verify(read_facts, settled=True), await verify(read_facts, settled=False)
    assert settled.breaches
    assert not settled.pending
    assert not running.breaches
    assert running.pending
    assert running.as_json()["ok"] is True
    assert settled.as_json()["ok"] is False


async def test_breach_that_is_gone_at_second_reading_is_dropped(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("operations.verify.check.SECOND_READING_SECONDS", 0)
    correct = await platform.facts()
    readings = [await platform.broken("payments", "DELETE FROM claims"), correct]

    async def read_facts() -> Facts:
        return readings.pop(0)

    assert (await verify(read_facts, settled=False)).found == []


async def test_report_has_each_breach_as_table_and_json(platform: Platform) -> None:
    report = Report(await platform.facts(), [Breach(3, "call x", "has [no] money")], settled=True)
    console = Console(width=120, record=True, markup=False)
    report.show(console)
    shown = console.export_text()
    assert "call x" in shown
    assert "has [no] money" in shown
    invariants = json.loads(json.dumps(report.as_json()))["invariants"]
    assert [invariant["number"] for invariant in invariants if invariant["breaches"]] == [3]


async def test_read_only_role_cannot_write(platform: Platform) -> None:
    database = await asyncpg.connect(platform.urls["payments"])
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await database.execute("UPDATE envelopes SET paid_minor = 0")
    await database.execute("SET default_transaction_read_only = off")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await database.execute("UPDATE envelopes SET paid_minor = 0")
    await database.close()
    async with snapshot(platform.urls["payments"]) as reading:
        with pytest.raises(asyncpg.PostgresError):
            await reading.execute("UPDATE envelopes SET paid_minor = 0")


async def test_changed_row_changes_the_checksum_of_its_table(platform: Platform) -> None:
    before = await checksums(platform.urls)
    assert before == await checksums(platform.urls)
    admin = platform.admins["evaluation"]
    await admin.execute("UPDATE cases SET language = 'el'")
    try:
        after = await checksums(platform.urls)
    finally:
        await admin.execute("UPDATE cases SET language = 'en'")
    assert [table for table in before if before[table] != after[table]] == ["evaluation.cases"]


async def test_replayed_events_change_nothing_but_a_lost_inbox_row(
    platform: Platform, postgres: PostgreSQL, roles: dict[str, str], server_folder: Path
) -> None:
    all_events = 10_000
    with Tansu(server_folder / "verify-broker") as broker:
        async with AsyncExitStack() as stack:
            for service, handlers in HANDLERS.items():
                url = postgres.url(f"verify_{service}", service, roles[service])
                engine = create_engine(url)
                worker = Worker(service, service_settings(url, broker.address, service, broker=BrokerKind.TANSU), engine, BOOK, handlers)
                stack.push_async_callback(engine.dispose)
                await stack.enter_async_context(worker.started())
            sent, changed = await replay_events(platform.urls, SIGNERS, broker.address, profile_of(BrokerKind.TANSU), all_events)
            assert sent == len((await platform.facts()).events)
            assert changed == []
            await platform.admins["applications"].execute("DELETE FROM inbox WHERE event_id = (SELECT event_id FROM inbox LIMIT 1)")
            _, changed = await replay_events(platform.urls, SIGNERS, broker.address, profile_of(BrokerKind.TANSU), all_events)
            assert "table applications.inbox" in [breach.subject for breach in changed]


def test_verify_without_a_platform_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIPTYCH_HOME", str(tmp_path))
    assert CliRunner().invoke(app, ["verify"]).exit_code == 1


def test_consumers_match_the_handlers_of_the_services() -> None:
    for service, handlers in HANDLERS.items():
        assert {contract.type.split(".")[1] for contract in handlers} == CONSUMERS[service], service
