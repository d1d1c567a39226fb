"""Reads all facts, in one read-only snapshot per database, with a role that cannot write."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from temporalio.client import Client
from temporalio.service import RPCError, TLSConfig

from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.state import NAMESPACE, State
from operations.contract_versions import with_present_names
from operations.verify.bank_files import read_bank
from operations.verify.chains import CHAINS, ChainFacts, ChainKey, read_anchors, read_chain, with_anchors
from operations.verify.facts import Facts, Logged, Row, Workflow
from operations.verify.files import read_files
from operations.verify.invariant_6_lifecycles import repeated_runs
from operations.verify.invariant_8_record import restores
from operations.verify.queries import LOG, MESSAGING, TABLES
from shared.database.sealing import Sealer
from shared.kernel.services import SERVICES
from shared.messaging.mac import is_genuine
from shared.policy.loader import LoadError, load_book
from shared.policy.schema import Policy
from shared.policy.scheme_files import SchemeFileKind, read_scheme_file
from shared.runtime.mutual_tls import temporal_tls_in

TEMPORAL_TIMEOUT_SECONDS = 10


async def gather(data: DataDirectory, state: State) -> Facts:
    """All facts about the platform in the data directory. PostgreSQL must run; every other source that does not answer is noted."""
    urls = {service: state.verify_url(service, "postgresql") for service in SERVICES}
    anchors = read_anchors(data.anchors)  # before the databases, which then have every link that is anchored
    logs, tables, chains = await read_databases(urls, Sealer((), bytes.fromhex(state.hash_key)))
    try:
        workflows = await asyncio.wait_for(read_workflows(state.temporal, temporal_tls_in(state.temporal_client)), TEMPORAL_TIMEOUT_SECONDS)
    except (RPCError, RuntimeError, TimeoutError):
        workflows = None
    bank = read_bank(data.bank_outgoing, data.bank_incoming, data.bank_book)
    notes = [] if workflows is not None else ["Temporal does not answer: lifecycles were checked by their events only."]
    notes += [] if bank.book is not None else ["There is no book of a simulated bank: payments were not recounted from it."]
    files = read_files(data.files) | read_files(data.claim_files)
    policies = load_policies(state.policies, logs["applications"])
    facts = Facts(logs, tables, bank, policies, workflows, tuple(notes), with_anchors(chains, anchors), files)
    return replace(facts, notes=(*notes, *restores(facts), *repeated_runs(facts)))


async def read_databases(
    urls: Mapping[str, str], sealer: Sealer
) -> tuple[dict[str, list[Logged]], dict[str, list[Row]], dict[ChainKey, ChainFacts]]:
    """Event logs by service, tables by '<service>.<table>', and hash chains. `urls`: service → DSN of the read-only role; `sealer` has
    the key of the events' MACs. All databases are seen as of nearly one moment, whatever reading them takes: daily looks go on."""
    logs: dict[str, list[Logged]] = {}
    tables: dict[str, list[Row]] = {}
    chains: dict[ChainKey, ChainFacts] = {}
    async with AsyncExitStack() as stack:
        databases = {service: await stack.enter_async_context(snapshot(url)) for service, url in urls.items()}
        await asyncio.gather(*(database.execute("SELECT 1") for database in databases.values()))  # from here on each sees what it saw now
        for service, database in databases.items():
            logs[service], read = await read_database(service, database, sealer)
            tables |= read
            chains |= {(service, chain): await read_chain(database, chain) for chain in CHAINS[service]}
    return logs, tables, chains


async def read_database(service: str, database: asyncpg.Connection, sealer: Sealer | None) -> tuple[list[Logged], dict[str, list[Row]]]:
    """One service's log and tables, on a connection whose transaction is open. Without a sealer no MAC is checked."""
    await database.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
    log = [_logged(service, record, sealer) for record in await database.fetch(LOG)]
    queries = (MESSAGING | TABLES[service]).items()
    return log, {f"{service}.{table}": [_row(record) for record in await database.fetch(query)] for table, query in queries}


@asynccontextmanager
async def snapshot(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A repeatable, read-only view of one database. Writing raises an error for every role."""
    database = await asyncpg.connect(url, server_settings={"application_name": "triptych-verify", "timezone": "UTC"})
    try:
        async with database.transaction(isolation="repeatable_read", readonly=True):
            yield database
    finally:
        await database.close()


async def read_workflows(address: str, tls: TLSConfig | None = None) -> list[Workflow]:
    """Every workflow execution that Temporal still retains, by start time."""
    client = await Client.connect(address, namespace=NAMESPACE, tls=tls)
    found = [execution async for execution in client.list_workflows()]
    found.sort(key=lambda execution: execution.start_time)
    return [Workflow(execution.id, execution.status.name.lower() if execution.status else "unknown") for execution in found]


def load_policies(folder: Path, log: Iterable[Logged] = ()) -> dict[str, Policy]:
    """Of the files, and those that were published since, as the event log of `applications` has them."""
    book = load_book(folder)
    for event in log:
        if event.name == "SchemeFilePublished":
            with suppress(LoadError, ValueError):  # what is pinned to it is then found under an unknown policy
                book.learn(read_scheme_file(SchemeFileKind(event.body["kind"]), event.body["text"], book.cores))
    return {policy.id: policy for policy in book.all()}


def _logged(service: str, record: asyncpg.Record, sealer: Sealer | None) -> Logged:
    return Logged(
        service=service,
        position=record["position"],
        event_id=str(record["event_id"]),
        topic=record["topic"],
        key=str(record["key"]),
        type=record["type"],
        time=record["time"],
        actor=record["actor"],
        reason=record["reason"],
        policy_id=record["policy_id"],
        case=str(record["correlation_id"]),
        causation_id=_plain(record["causation_id"]),
        published=record["published_at"] is not None,
        body=with_present_names(record["type"], record["body"]),
        genuine=sealer is None or is_genuine(sealer, record),
    )


def _row(record: asyncpg.Record) -> Row:
    return {column: _plain(value) for column, value in record.items()}


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value
