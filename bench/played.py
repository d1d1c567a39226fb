"""`python -m bench.played FOLDER`: what a programme that has been played took, in all and for each case.

FOLDER is the data of an embedded platform that is down (`var` after `make demo EXIT=1`). Databases are read from a copy of it, which is
removed; FOLDER itself is left as it is.
"""

import asyncio
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import asyncpg

from bench.database_size import content_of
from deploy.embedded.binaries import change_owner, unprivileged_user
from deploy.embedded.servers import PostgreSQL
from shared.kernel.services import DATABASES

COUNTS = {
    "applications": ("applications", "SELECT count(*) FROM applications WHERE submitted_at IS NOT NULL"),
    "decisions": ("evaluation", "SELECT count(*) FROM decisions"),
    "vouchers": ("vouchers", "SELECT count(*) FROM vouchers"),
    "vouchers issued": ("vouchers", "SELECT count(*) FROM vouchers WHERE issued_at IS NOT NULL"),
    "claims": ("payments", "SELECT count(*) FROM claims"),
    "payments": ("payments", "SELECT count(*) FROM disbursements"),
}
LARGEST = """
    SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    ORDER BY 2 DESC LIMIT 5
"""
HISTORIES = """
    SELECT workflow_type_name, count(*), avg(history_length), avg(history_size_bytes), max(history_length), max(history_size_bytes)
    FROM executions_visibility WHERE history_length > 0 AND workflow_type_name NOT LIKE 'temporal-sys%' GROUP BY 1 ORDER BY 1
"""


@contextmanager
def copied(folder: Path) -> Iterator[PostgreSQL]:
    """PostgreSQL on a copy of the platform's, which lets every role of this machine in."""
    with tempfile.TemporaryDirectory(prefix="triptych-played-") as place:
        shutil.copytree(folder / "postgres", Path(place) / "postgres", symlinks=True)
        (Path(place) / "postgres/data/pg_hba.conf").write_text("host all all 127.0.0.1/32 trust\n")
        server = PostgreSQL(Path(place) / "postgres")
        user = unprivileged_user()
        for path in (server.data, *server.data.rglob("*")):
            change_owner(path, user)
        server.start()
        try:
            server.wait_ready(60)
            yield server
        finally:
            server.stop()


async def databases(server: PostgreSQL) -> list[str]:
    counts = {}
    for name, (database, statement) in COUNTS.items():
        connection = await asyncpg.connect(server.url(database, driver="postgresql"))
        counts[name] = await connection.fetchval(statement)
        await connection.close()
    lines = [", ".join(f"{count} {name}" for name, count in counts.items())]
    for database in DATABASES:
        url = server.url(database, driver="postgresql")
        found = await content_of(url)
        connection = await asyncpg.connect(url)
        largest = ", ".join(f"{table} {size / 1000:,.0f} KB" for table, size in await connection.fetch(LARGEST))
        await connection.close()
        each = f"{found.rows / counts['applications']:.1f} rows and {found.events / counts['applications']:.1f} events an application"
        lines.append(f"{database}: {found.rows} rows, {found.stored / 1000:,.0f} KB, {found.events} events; {each}; {largest}")
    return lines


def workflows(folder: Path) -> Iterator[str]:
    with closing(sqlite3.connect(f"file:{next((folder / 'temporal').glob('*.db'))}?mode=ro", uri=True)) as connection:
        for name, count, events, size, most, largest in connection.execute(HISTORIES):
            yield f"{name}: {count} closed, {events:.1f} events and {size / 1000:.1f} KB each, {most} and {largest / 1000:.1f} KB at most"


def files(folder: Path) -> Iterator[str]:
    for kind in ("bank/outgoing", "bank/incoming", "files", "claim-files", "mailbox"):
        found = [path.stat().st_size for path in (folder / kind).rglob("*") if path.is_file()]
        yield f"{kind}: {len(found)} files, {sum(found) / 1000:,.0f} KB"


def main(folder: Path) -> None:
    with copied(folder) as server:
        lines = [*asyncio.run(databases(server)), *workflows(folder), *files(folder)]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
