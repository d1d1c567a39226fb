"""The dataset of `triptych verify`'s tests in five real databases."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from operations.verify.bank_files import read_bank
from operations.verify.chains import CHAINS, read_anchors, read_chain, with_anchors
from operations.verify.facts import Facts, Workflow
from operations.verify.files import read_files
from operations.verify.gather import read_database, read_databases
from services.payments.jobs.ledger_chain import LEDGER
from shared.kernel.clock import ProgrammeClock
from shared.messaging.chain import EVENT_LOG, ChainJob
from tests.support.desk import SEALING
from tests.support.verify_bank_breaks import Ids
from tests.support.verify_cases import BOOK
from tests.support.verify_payments import Folders


class Platform:
    """The dataset in five databases, with a superuser's connection to each. What `broken` changes is rolled back."""

    def __init__(
        self, folders: Folders, anchors: Path, ids: Ids, urls: Mapping[str, str], admins: Mapping[str, asyncpg.Connection]
    ) -> None:
        self.folders, self.anchors, self.ids, self.urls, self.admins = folders, anchors, ids, urls, admins

    async def facts(self, folders: Folders | None = None) -> Facts:
        """The facts as the read-only role reads them."""
        logs, tables, chains = await read_databases(self.urls, SEALING)
        return replace(self._facts(logs, tables, folders or self.folders), chains=with_anchors(chains, read_anchors(self.anchors)))

    async def broken(self, service: str, *statements: str, chained: bool = False) -> Facts:
        """The facts after a superuser has run these statements with all triggers off. `chained`: with what proves the record, which
        finds that."""
        logs, tables, chains = {}, {}, {}
        for name, admin in self.admins.items():
            transaction = admin.transaction()
            await transaction.start()
            try:
                if name == service:
                    await admin.execute("SET LOCAL session_replication_role = replica")
                    changed = [await admin.execute(statement) for statement in statements]
                    assert not any(tag.endswith(" 0") for tag in changed), f"a statement changed no row: {changed}"
                logs[name], read = await read_database(name, admin, SEALING if chained else None)
                tables |= read
                chains |= {(name, chain): await read_chain(admin, chain) for chain in CHAINS[name] if chained}
            finally:
                await transaction.rollback()
        return replace(self._facts(logs, tables, self.folders), chains=with_anchors(chains, read_anchors(self.anchors)))

    def _facts(self, logs: object, tables: object, folders: Folders) -> Facts:
        bank = read_bank(folders.outgoing, folders.incoming, folders.book)
        workflows = [Workflow(f"voucher-{self.ids['award']}", "completed")]
        files = read_files(folders.files)
        return Facts(logs, tables, bank, {policy.id: policy for policy in BOOK.all()}, workflows, files=files)  # type: ignore[arg-type]


async def write_chains(service: str, engine: AsyncEngine, anchors: Path) -> None:
    """Links of few rows each, anchored."""
    job = ChainJob(service, engine, ProgrammeClock(), anchors, [EVENT_LOG, *([LEDGER] if service == "payments" else [])])
    with pytest.MonkeyPatch.context() as small:
        small.setattr("shared.messaging.chain.POSITIONS_PER_LINK", 3)
        for chain in job.chains:
            await job.extend(chain)
            await job.anchor(chain)
