"""docs/pictures/data-model-<service>.md: the tables of a service's own database."""

import importlib

from sqlalchemy import Column, ForeignKey, MetaData, Table
from sqlalchemy.dialects import postgresql

DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call] # SQLAlchemy does not type it


def page(service: str) -> str:
    """A Mermaid entity diagram. The tables that every database has (outbox, inbox ...) are left out."""
    metadata: MetaData = importlib.import_module(f"services.{service}.migrate").MIGRATIONS.tables
    tables = sorted(metadata.tables.values(), key=lambda table: table.name)
    lines = [
        f"# Data model of {service}",
        "",
        f"The tables of `services/{service}/tables/`; beside them stand those of `shared/messaging`.",
        "",
    ]
    lines += ["```mermaid", "erDiagram"]
    for table in tables:
        lines += [f"    {table.name} {{", *(f"        {_column(column)}" for column in table.columns), "    }"]
    for table in tables:
        lines += [f"    {key.column.table.name} ||--o{{ {table.name} : {key.parent.name}" for key in _foreign_keys(table)]
    return "\n".join([*lines, "```"])


def _column(column: Column[object]) -> str:
    kind = column.type.compile(dialect=DIALECT).split("(")[0].lower()
    kind = {"timestamp with time zone": "instant", "character varying": "varchar"}.get(kind, kind).replace("[]", "_list")
    marks = [mark for mark, holds in (("PK", column.primary_key), ("FK", bool(column.foreign_keys))) if holds]
    return " ".join([kind, column.name, ", ".join(marks)]).rstrip()


def _foreign_keys(table: Table) -> list[ForeignKey]:
    return sorted(table.foreign_keys, key=lambda key: key.parent.name)
