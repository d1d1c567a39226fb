#!/usr/bin/env bash
# SQLAlchemy: the event `refresh` of a mapped class comes with `context=None` after an UPDATE that the session carries over to its objects.
#
# Expected: `context` is the QueryContext of the statement that has loaded the attributes, as its signature says.
# Happens:  after `session.execute(update(Row)...)` the objects in the session get the new values and the event fires, with None instead
#           of a context: no statement has loaded anything. A listener that uses `context.session` fails in the middle of the UPDATE.
# Matters:  libraries that decrypt or convert values as they are loaded listen to this event.
# Guard:    return at once where `context` is None.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q sqlalchemy==2.1.9
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import version

from sqlalchemy import create_engine, event, update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Row(Base):
    __tablename__ = "rows"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]


seen: list[tuple[bool, set[str]]] = []
event.listen(Row, "refresh", lambda row, context, names: seen.append((context is None, set(names or ()))))
engine = create_engine("sqlite://")
Base.metadata.create_all(engine)
with Session(engine) as session:
    row = Row(id=1, number=1)
    session.add(row)
    session.flush()
    session.refresh(row)
    session.execute(update(Row).where(Row.id == 1).values(number=2))
    print(f"SQLAlchemy {version('sqlalchemy')}: refresh() without context: {seen[0][0]}; UPDATE without context: {seen[1:]}")
sys.exit(seen[0][0] is not False or not seen[1:] or seen[1][0] is not True)
PYTHON
