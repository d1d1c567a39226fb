"""What the runtime role of a service may do in its database.

Migrations run as the owner, who alone can change or drop a table, disable a trigger and grant. The service runs as the runtime role,
so what a table here does not allow is refused by PostgreSQL, whatever the service's code does. A table says it beside its columns:

    __table_args__ = (CheckConstraint(...), written_once())                       rows are only added
    __table_args__ = (CheckConstraint(...), written_once(but="state sent_at"))    rows are added; these columns may change
    __table_args__ = (CheckConstraint(...), fixed("id amount_minor"))             rows are added and changed; these columns never change
    __table_args__ = (CheckConstraint(...), removable())                          rows are added, changed and removed
    __table_args__ = (CheckConstraint(...), removable(changing="state"))          rows are added and removed; these columns may change

A table that says nothing takes new rows and changes, and nothing removes a row. Columns that the database fills (an identity, a time of
recording) are never written by the runtime role, so a row cannot be given the place of another one.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, FetchedValue, MetaData, Table, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

_CHANGING, _FIXED, _REMOVABLE = "changing columns", "fixed columns", "rows may be removed"


def written_once(*, but: str = "") -> dict[str, Any]:
    """For `__table_args__`: rows are added and never removed, and only the columns named in `but` may change."""
    return {"info": {_CHANGING: but.split()}}


def fixed(columns: str) -> dict[str, Any]:
    """For `__table_args__`: rows are added, never removed, and changed in all but these columns: to whom and how much is decided once."""
    return {"info": {_FIXED: columns.split()}}


def removable(*, changing: str | None = None) -> dict[str, Any]:
    """For `__table_args__`: rows are added, changed (only the columns named in `changing`, where given) and removed."""
    return {"info": {_REMOVABLE: True} | ({} if changing is None else {_CHANGING: changing.split()})}


def privileges_of(table: Table) -> dict[str, list[str] | None]:
    """Privilege → the columns for which the runtime role has it, None for the whole table."""
    inserted = [column.name for column in table.columns if not _filled_by_database(column)]
    privileges: dict[str, list[str] | None] = {"SELECT": None, "INSERT": None if len(inserted) == len(table.columns) else inserted}
    fixed = table.info.get(_FIXED)
    changing = [column.name for column in table.columns if column.name not in fixed] if fixed else table.info.get(_CHANGING)
    if changing is None or changing:
        privileges["UPDATE"] = changing
    if table.info.get(_REMOVABLE):
        privileges["DELETE"] = None
    return privileges


def grants(role: str, tables: Iterable[MetaData]) -> list[str]:
    """The statements that give `role` these privileges and no others on the tables and sequences of the database."""
    statements = [f'REVOKE ALL ON ALL {kind} IN SCHEMA public FROM "{role}"' for kind in ("TABLES", "SEQUENCES")]
    statements.append(f'GRANT SELECT ON alembic_version TO "{role}"')  # a process waits for its migrations
    for table in (table for metadata in tables for table in metadata.tables.values()):
        listed = [privilege + _columns(columns) for privilege, columns in privileges_of(table).items()]
        statements.append(f'GRANT {", ".join(listed)} ON "{table.name}" TO "{role}"')
    return statements


async def grant(url: str, role: str, tables: Iterable[MetaData]) -> None:
    """Runs `grants` as the owner, in one transaction."""
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.begin() as connection:
        for statement in grants(role, tables):
            await connection.execute(text(statement))
    await engine.dispose()


def _filled_by_database(column: Column[Any]) -> bool:
    return column.identity is not None or type(column.server_default) is FetchedValue


def _columns(columns: list[str] | None) -> str:
    quoted = ", ".join(f'"{column}"' for column in columns or ())
    return f" ({quoted})" if columns is not None else ""
