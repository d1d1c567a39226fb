"""The runtime role of a service has the privileges that the tables declare, and cannot give itself others."""

import importlib
from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

from shared.database.privileges import privileges_of
from shared.kernel.services import SERVICES
from shared.messaging.tables import OutboxRow
from shared.runtime.migrations import Migrations
from tests.conftest import FreshDatabase

HELD = """
    SELECT c.relname, acl.privilege_type, NULL AS column FROM pg_class c, aclexplode(c.relacl) acl
    WHERE c.relnamespace = 'public'::regnamespace AND acl.grantee = current_user::regrole
    UNION ALL
    SELECT c.relname, acl.privilege_type, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid, aclexplode(a.attacl) acl
    WHERE c.relnamespace = 'public'::regnamespace AND acl.grantee = current_user::regrole
"""
TABLES = """
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
        AND relname <> 'alembic_version'
"""
EVERYWHERE = [
    "UPDATE outbox SET actor = 'someone'",
    "UPDATE outbox SET body = '{}'",
    "UPDATE outbox SET mac = NULL",
    "DELETE FROM outbox",
    "TRUNCATE outbox",
    "ALTER TABLE outbox DISABLE TRIGGER USER",
    "DROP TRIGGER outbox_forward ON outbox",
    "DROP TABLE outbox",
    """INSERT INTO outbox (position, event_id, topic, key, type, time, actor, reason, policy_id, correlation_id, body)
       OVERRIDING SYSTEM VALUE VALUES (1, gen_random_uuid(), 't', gen_random_uuid(), 't', now(), 'a', 'r', 'p', gen_random_uuid(), '{}')""",
    "CREATE TABLE notes (id int)",
    "CREATE FUNCTION outbox_forward() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "SET session_replication_role = replica",
    "SET ROLE OWNER",
    "UPDATE chain_links SET hash = ''",
    "DELETE FROM chain_links",
    "UPDATE inbox SET event_id = gen_random_uuid()",
    "UPDATE dead_letters SET error = ''",
    "UPDATE dead_letters SET body = ''",
    "UPDATE alembic_version SET version_num = ''",
]
FORBIDDEN = {
    "payments": [
        "ALTER TABLE ledger_entries DISABLE TRIGGER USER",
        "UPDATE ledger_entries SET kind = 'paid'",
        "UPDATE ledger_postings SET amount_minor = amount_minor + 1",
        "DELETE FROM ledger_postings",
        "TRUNCATE ledger_postings CASCADE",
        "UPDATE payee_accounts SET set_by = 'someone'",
        "UPDATE approvals SET approver = 'someone'",
        "DELETE FROM approvals",
        "UPDATE batches SET file_hash = ''",
        "DELETE FROM batches",
        "DELETE FROM batch_transfers",
        "ALTER TABLE payees DROP CONSTRAINT account_in_use_is_recorded",
        "UPDATE attempts SET payee_id = gen_random_uuid()",
        "UPDATE disbursements SET amount_minor = 1",
        "UPDATE claims SET payee_id = gen_random_uuid()",
        "UPDATE payees SET organisation_id = gen_random_uuid()",
        "UPDATE vouchers SET amount_minor = 1",
        "UPDATE envelopes SET opened_minor = 1",
        "UPDATE envelope_changes SET amount_minor = 1",
    ],
    "evaluation": [
        "UPDATE decisions SET outcome = 'granted'",
        "DELETE FROM decisions",
        "UPDATE rankings SET seed = ''",
        "UPDATE randomness SET randomness = ''",
        "DELETE FROM randomness",
        "ALTER TABLE decisions DISABLE TRIGGER decisions_stand",
        "UPDATE cases SET organisation_id = gen_random_uuid()",
        "UPDATE cases SET amount_minor = 1",
        "UPDATE calls SET envelope_minor = 1",
        "UPDATE assignments SET evaluator_id = 'someone'",
        "UPDATE evaluators SET registered_by = 'someone'",
    ],
    "people": [
        "UPDATE persons SET issuer = 'https://another.example'",
        "DELETE FROM persons",
        "UPDATE sign_ins SET ends_at = now() + interval '1 year'",
        "UPDATE sign_ins SET person_id = gen_random_uuid()",
        "UPDATE role_grants SET person_id = gen_random_uuid()",
        "UPDATE role_grants SET role = 'finance'",
        "DELETE FROM role_grants",
        "UPDATE memberships SET person_id = gen_random_uuid()",
        "DELETE FROM memberships",
        "UPDATE invitations SET secret_hash = ''",
    ],
    "vouchers": [
        "UPDATE extensions SET reason = ''",
        "DELETE FROM steps",
        "UPDATE vouchers SET organisation_id = gen_random_uuid()",
        "UPDATE vouchers SET amount_minor = 1",
    ],
    "applications": [
        "UPDATE imports SET row_key = ''",
        "DELETE FROM applications",
        "UPDATE legal_holds SET placed_by = ''",
        "DELETE FROM legal_holds",
        "UPDATE retention_results SET outcome = 'removed'",
        "DELETE FROM retention_runs",
        "UPDATE applications SET organisation_id = gen_random_uuid()",
        "UPDATE calls SET envelope_minor = 1",
        "UPDATE files SET sha256 = ''",
        "UPDATE files SET application_id = gen_random_uuid()",
        "DELETE FROM files",
    ],
}
DECIDED = {
    "organisation_id", "region", "call_id", "application_id", "policy_id", "scheme", "currency", "amount_minor", "requested_minor",
    "envelope_minor", "eligible_minor", "subject_id", "voucher_id", "award_id", "claim_id", "disbursement_id", "payee_id", "evaluator_id",
}  # fmt: skip
"""Columns that say to whom, how much and by which rules."""
LATER = {
    ("applications", "applications"): {"requested_minor", "amount_minor"},  # with the form; by screening
    ("vouchers", "milestones"): {"subject_id", "region", "policy_id"},  # a later deadline takes the place of the last one
    ("payments", "claim_drafts"): {"payee_id", "claim_id"},  # while it is prepared; as it is lodged
    ("payments", "claim_draft_lines"): {"currency"},  # of an invoice, while it is prepared
    ("payments", "envelopes"): {"amount_minor"},  # by top-ups and transfers, which the ledger has too: verify compares them
    ("payments", "applicants"): {"policy_id"},  # of the latest verdict
    ("evaluation", "queue_entries"): {"requested_minor", "organisation_id"},  # once its submission has arrived
    ("payments", "aid_entries"): {
        "amount_minor"
    },  # by releases, recoveries and granted changes: verify compares it with the money and the units
    ("payments", "bank_lines"): {"region", "voucher_id", "disbursement_id"},  # as a line is applied later
}


@pytest_asyncio.fixture
async def runtime(request: pytest.FixtureRequest, fresh_database: FreshDatabase) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the runtime role of the service that the test names."""
    service = request.node.callspec.params["service"]
    connection = await asyncpg.connect((await fresh_database(service)).replace("+asyncpg", ""))
    yield connection
    await connection.close()


@pytest.mark.parametrize("service", SERVICES)
async def test_statements_that_rewrite_the_record_are_refused(runtime: asyncpg.Connection, service: str) -> None:
    await runtime.execute("GRANT ALL ON outbox TO PUBLIC")  # PostgreSQL only warns that this grants nothing
    for statement in [*EVERYWHERE, *FORBIDDEN[service]]:
        try:
            await runtime.execute(statement.replace("OWNER", f"{service}_owner"))
        except asyncpg.InsufficientPrivilegeError:
            continue
        pytest.fail(f"not refused: {statement}")


@pytest.mark.parametrize("service", SERVICES)
async def test_runtime_role_holds_what_the_tables_declare(runtime: asyncpg.Connection, service: str) -> None:
    migrations: Migrations = importlib.import_module(f"services.{service}.migrate").MIGRATIONS
    tables = {**OutboxRow.metadata.tables, **migrations.tables.tables}
    declared = {
        (name, privilege, column)
        for name, table in tables.items()
        for privilege, columns in privileges_of(table).items()
        for column in columns or [None]
    }
    assert {tuple(row) for row in await runtime.fetch(HELD)} == declared | {("alembic_version", "SELECT", None)}  # `migrate wait`
    assert {row["relname"] for row in await runtime.fetch(TABLES)} == set(tables)
    assert await runtime.fetchval("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole") == 0
    assert not await runtime.fetchval("SELECT rolsuper OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = current_user")


@pytest.mark.parametrize("service", SERVICES)
async def test_relay_may_add_months_to_the_event_log(runtime: asyncpg.Connection, service: str) -> None:
    await runtime.execute("SELECT outbox_months(5)")
    newest = await runtime.fetchval("SELECT max(relname) FROM pg_class WHERE relname LIKE 'outbox_2%' AND relkind = 'r'")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await runtime.execute(f"DELETE FROM {newest}")


@pytest.mark.parametrize("service", SERVICES)
def test_what_a_row_decides_never_changes(service: str) -> None:
    """No role of a service may give a row to somebody else, or another amount; the few that are known later are named."""
    migrations: Migrations = importlib.import_module(f"services.{service}.migrate").MIGRATIONS
    for table in migrations.tables.tables.values():
        changing = privileges_of(table).get("UPDATE", [])
        names = {column.name for column in table.columns} if changing is None else set(changing)
        assert names & DECIDED <= LATER.get((service, table.name), set()), table.name
