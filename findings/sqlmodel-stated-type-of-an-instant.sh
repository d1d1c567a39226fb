#!/usr/bin/env bash
# sqlmodel: a datetime without a zone is refused where the column's type is derived, and taken where it is stated.
#
# Versions: sqlmodel 0.0.50, SQLAlchemy 2.1.9.
# Expected: `sa_type=DateTime(timezone=True)` says no less than the annotation does: a datetime without a zone is refused in both.
# Happens:  the derived column has sqlmodel's own type, which raises ValueError. The stated one is SQLAlchemy's, which passes the value
#           on; asyncpg takes it for the local time of the machine.
# Matters:  a model that states the type, so that a reader sees it, looks more guarded than the others and is less; an instant moves by
#           the zone of the machine that wrote it.
# Guard:    sa_type=UTCDateTime, or a type decorator of one's own.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check sqlmodel==0.0.50 sqlalchemy==2.1.9
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PYTHON'
from datetime import UTC, datetime
from importlib.metadata import version

from sqlalchemy import DateTime
from sqlalchemy.exc import StatementError
from sqlmodel import Field, Session, SQLModel, create_engine

print("sqlmodel", version("sqlmodel"), "SQLAlchemy", version("sqlalchemy"))


class Derived(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    at: datetime


class Stated(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=DateTime(timezone=True))


engine = create_engine("sqlite://")
SQLModel.metadata.create_all(engine)


def outcome(row: SQLModel) -> str:
    try:
        with Session(engine) as session:
            session.add(row)
            session.commit()
    except StatementError as error:
        return f"refused: {error.orig}".split(".")[0]
    return "taken"


naive = datetime(2026, 1, 15, 12)
for table in (Derived, Stated):
    print(f"{table.__name__}: with a zone {outcome(table(at=naive.replace(tzinfo=UTC)))}, without one {outcome(table(at=naive))}")
assert outcome(Derived(at=naive)).startswith("refused") and outcome(Stated(at=naive)) == "taken"
print("as described")
PYTHON
