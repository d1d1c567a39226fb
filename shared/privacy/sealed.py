"""Columns whose content is encrypted with the key of a subject. The code of a service reads and writes plain values:

    form: dict[str, Any] | None = sealed()                       the column, in a table
    seal_columns(ApplicationRow, subject="organisation_id")      beside the table: whose key encrypts them

Where values are looked for, `digests` names the column of their keyed hash, and what of the row it is the hash of:

    seal_columns(PayeeRow, subject="subject_id", digests={"account_key": lambda row: compact(row.account_number)})

A row's values are decrypted as it is loaded, by the key that the same statement reads, and encrypted as it is flushed. The ciphertext is
bound to table, column, row and subject, so it can be read nowhere else. Where the key was destroyed a value is None and `is_erased(row)`.
Statements that do not go through a row (`select(Row.form)`, `insert(Row)`) see a `Sealed` and accept nothing else: a plain value
never reaches the database.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

import orjson
from sqlalchemy import Column, LargeBinary, Table, Update, and_, bindparam, event, func, inspect, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import QueryContext, Session, column_property, defer
from sqlalchemy.orm.attributes import flag_modified, get_history, set_committed_value
from sqlalchemy.sql.base import ExecutableOption
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel, col

from shared.database.base import table_of
from shared.database.engine import allow_long_transaction
from shared.database.sealing import SealBroken, Sealer, decrypt, encrypt, sealer_of
from shared.kernel.errors import Conflict
from shared.privacy.keys import DESTROYED, SubjectKeyRow, prepared_keys, rewrap_keys, unwrap, wrapped_keys

Row = TypeVar("Row", bound=SQLModel)
Digest = Callable[[Any], str | None]
PLAIN, _ENCRYPTED = b"\x00", b"\x01"
"""The first byte. PLAIN is only written by migrations, of what was there before; the worker encrypts it as it starts."""
_KEY, _REOPENED, _UNWRAPPED = "subject_key", "plain values", "unwrapped keys"


@dataclass(frozen=True, slots=True)
class Sealed:
    """What the column holds. Its text says nothing."""

    content: bytes = field(repr=False)


class SealedColumn(TypeDecorator[Any]):
    """JSON values, encrypted; with `raw` bytes."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, *, raw: bool = False) -> None:
        super().__init__()
        self.raw = raw

    def process_bind_param(self, value: Any, dialect: Any) -> bytes | None:
        if value is None:
            return None
        if isinstance(value, Sealed):
            return value.content
        raise TypeError("a plain value for an encrypted column: write it by its row")

    def process_result_value(self, value: Any, dialect: Any) -> Sealed | None:
        return None if value is None else Sealed(bytes(value))

    def encoded(self, value: Any) -> bytes:
        return bytes(value) if self.raw else orjson.dumps(value)

    def decoded(self, content: bytes) -> Any:
        return content if self.raw else orjson.loads(content)


def sealed(*, raw: bool = False, default: Any = None, nullable: bool = False) -> Any:
    """A column of an encrypted value; None of an erased one, also where the column is not nullable."""
    return Field(default=default, sa_column=Column(SealedColumn(raw=raw), nullable=nullable))


@dataclass(frozen=True, slots=True)
class SealedTable:
    """The encrypted columns of a table, and its column that names their subject. `was_plain`: an earlier version had them in clear."""

    row: type[Any]
    subject: str
    columns: dict[str, SealedColumn]
    digests: Mapping[str, Digest]
    was_plain: bool = True

    @property
    def name(self) -> str:
        return str(self.row.__tablename__)

    def place(self, row: Any, column: str) -> str:
        identity = ":".join(str(getattr(row, part.name)) for part in self.row.__table__.primary_key)
        return f"{self.name}.{column}:{identity}:{getattr(row, self.subject)}"

    def sealed(self, key: bytes, row: Any, column: str, value: Any) -> Sealed:
        """The value as the column of the row holds it."""
        return Sealed(_ENCRYPTED + encrypt(key, self.columns[column].encoded(value), self.place(row, column)))


_TABLES: dict[type[Any], SealedTable] = {}
_ABOUT: dict[type[Any], str] = {}
_OF_AGENCY: set[type[Any]] = set()


def sealed_tables(service: str) -> list[SealedTable]:
    """Those of a service, of the tables that this process has imported."""
    return [table for row, table in _TABLES.items() if row.__module__.startswith(f"services.{service}.")]


def about_subject(row: type[Row], *, subject: str, of_agency: bool = False) -> None:
    """Called once beside a table that has no encrypted column and is about a subject all the same: an export has its rows. `of_agency`:
    the rows name others, or say what is not decided yet; a person of the agency exports them, the subject does not."""
    _ABOUT[row] = subject
    if of_agency:
        _OF_AGENCY.add(row)


def is_of_agency(row: type[Any]) -> bool:
    return row in _OF_AGENCY


def tables_about_subjects(service: str) -> dict[type[Any], str]:
    """Each table of the service that is about subjects, with its column that names them."""
    return {row: subject for row, subject in _ABOUT.items() if row.__module__.startswith(f"services.{service}.")}


def seal_columns(
    row: type[Row], *, subject: str, digests: Mapping[str, Digest] | None = None, of_agency: bool = False, was_plain: bool = True
) -> None:
    """Called once beside the table. `subject` is its column with the id of the organisation, or third party, that the row is about.
    `was_plain` False: a value in clear is read as broken, since only somebody with the database's password can have written it.

    `digests` are written whenever an encrypted value of the row is; a query finds them by `digest_of`.
    """
    mapper = inspect(row)
    columns = {column.key: column.columns[0].type for column in mapper.column_attrs if isinstance(column.columns[0].type, SealedColumn)}
    _TABLES[row] = SealedTable(row, subject, columns, digests or {}, was_plain)
    about_subject(row, subject=subject, of_agency=of_agency)
    key = select(col(SubjectKeyRow.wrapped)).where(col(SubjectKeyRow.subject_id) == getattr(row, subject))
    setattr(row, _KEY, column_property(key.correlate_except(SubjectKeyRow).scalar_subquery(), expire_on_flush=False))
    event.listen(row, "load", _open)
    event.listen(row, "refresh", _open)
    for moment in ("before_insert", "before_update"):
        event.listen(row, moment, _close)
    for moment in ("after_insert", "after_update"):
        event.listen(row, moment, _reopen)


def without(*columns: Any) -> list[ExecutableOption]:
    """For the `options` of a query of many rows that shows nothing of these columns: what is long, and encrypted, is not read."""
    return [defer(column) for column in columns]


def digest_of(session: AsyncSession, column: str, value: str) -> str:
    """What a digest column of this name holds for `value`, in every table of the service."""
    return sealer_of(session).digest(column, value)


def is_erased(row: SQLModel) -> bool:
    """Whether what the row says of its subject was erased."""
    return row.__dict__.get(_KEY) == DESTROYED


def subject_erased() -> Conflict:
    return Conflict("subject-erased", "What was held about this organisation was erased; nothing new is stored about it.")


def _open(row: Any, context: QueryContext | None, _columns: object = None) -> None:
    """Decrypts what a statement has loaded; none has where SQLAlchemy carries an UPDATE over to rows in memory (`context` is None).
    Without the master keys the values stay `Sealed`."""
    if context is None:
        return
    table, values = _TABLES[type(row)], row.__dict__
    loaded = {name: value.content for name in table.columns if isinstance(value := values.get(name), Sealed)}
    sealer = sealer_of(context.session)
    if values.get(_KEY) is not None:
        prepared_keys(context.session)[values[table.subject]] = values[_KEY]  # for other rows of the subject in this transaction
    if not loaded or not sealer.has_keys or _KEY not in values:
        return
    key: bytes | None = None
    for name, content in loaded.items():
        if content[:1] == PLAIN and not table.was_plain:
            raise SealBroken(f"{table.place(row, name)} is in clear")
        if content[:1] == PLAIN:
            value = table.columns[name].decoded(content[1:])
        elif is_erased(row):
            value = None
        else:
            if values[_KEY] is None:
                raise SealBroken(f"there is no key for {table.place(row, name)}")
            key = key or _unwrapped(context.session, sealer, values[_KEY], values[table.subject])
            value = table.columns[name].decoded(decrypt(key, content[1:], table.place(row, name)))
        set_committed_value(row, name, value)


def opened(session: AsyncSession, row_type: type[Any], row: Any, wrapped: bytes, column: str) -> bytes | None:
    """The content of an encrypted column of a row that is not mapped, as bytes. `row` has the column, the key of its table and its subject;
    `wrapped` is the key of the subject. None where it was erased or is in clear. Raises `SealBroken`."""
    table, content = _TABLES[row_type], getattr(row, column)
    if not content or not wrapped or content[:1] != _ENCRYPTED:
        return None
    key = unwrap(sealer_of(session), wrapped, getattr(row, table.subject))
    return decrypt(key, content[1:], table.place(row, column))


def closed(session: AsyncSession, row_type: type[Any], row: Any, wrapped: bytes, values: Mapping[str, Any]) -> dict[str, bytes]:
    """What encrypted columns of such a row are to hold, of the values that are not None."""
    table = _TABLES[row_type]
    key = unwrap(sealer_of(session), wrapped, getattr(row, table.subject))
    return {name: table.sealed(key, row, name, value).content for name, value in values.items() if value is not None}


def _unwrapped(session: Session, sealer: Sealer, wrapped: bytes, subject: UUID) -> bytes:
    """Once in a transaction: a list often has many rows of one subject."""
    known: dict[tuple[UUID, bytes], bytes] = session.info.setdefault(_UNWRAPPED, {})
    found = known.get((subject, wrapped))
    if found is None:
        found = known[(subject, wrapped)] = unwrap(sealer, wrapped, subject)
    return found


def _find_keys(session: Session, *_: object) -> None:
    """The keys of all rows that are about to be written, in one round trip; none for a row that was loaded with its key.

    `Conflict` 'subject-erased' when one of them is about a subject whose data was erased."""
    rows = [row for row in (*session.new, *session.dirty) if type(row) in _TABLES and not row.__dict__.get(_KEY) and any(_to_write(row))]
    keyless = [row for row in rows if not is_erased(row)]
    if keyless:
        subjects = {getattr(row, _TABLES[type(row)].subject) for row in keyless}
        keys = {subject: key for subject, key in prepared_keys(session).items() if subject in subjects}
        if subjects - keys.keys():
            keys |= wrapped_keys(session.connection(), sealer_of(session), subjects - keys.keys())
        for row in keyless:
            set_committed_value(row, _KEY, keys[getattr(row, _TABLES[type(row)].subject)])
    if any(is_erased(row) for row in rows):
        raise subject_erased()


event.listen(Session, "before_flush", _find_keys)


def _to_write(row: Any) -> Iterator[str]:
    """The encrypted columns that hold a new plain value."""
    for name in _TABLES[type(row)].columns:
        value = row.__dict__.get(name)
        if value is not None and not isinstance(value, Sealed) and get_history(row, name).added:
            yield name


def _close(_mapper: object, _connection: object, row: Any) -> None:
    """Encrypts for the statement of the flush; `_reopen` puts the plain values back."""
    table = _TABLES[type(row)]
    names = list(_to_write(row))
    if not names:
        return
    sealer = sealer_of(inspect(row).session)
    for digest, of in table.digests.items():
        value = of(row)
        setattr(row, digest, None if value is None else sealer.digest(digest, value))
    key = unwrap(sealer, row.__dict__[_KEY], getattr(row, table.subject))
    row.__dict__[_REOPENED] = {name: row.__dict__[name] for name in names}
    for name in names:
        setattr(row, name, table.sealed(key, row, name, row.__dict__[name]))


def _reopen(_mapper: object, _connection: object, row: Any) -> None:
    for name, value in row.__dict__.pop(_REOPENED, {}).items():
        set_committed_value(row, name, value)


async def write_values(session: AsyncSession, row: Any, values: Mapping[str, Any]) -> None:
    """Sets these columns of a row that is stored and was loaded, by one statement on its table: a third of the cost of a flush. Not for
    columns with a digest. `Conflict` 'subject-erased'."""
    table, sealer = _TABLES[type(row)], sealer_of(session)
    if is_erased(row):
        raise subject_erased()
    key = unwrap(sealer, row.__dict__[_KEY], getattr(row, table.subject))
    is_sealed = {name for name in table.columns if values.get(name) is not None}
    stored = {name: table.sealed(key, row, name, value) if name in is_sealed else value for name, value in values.items()}
    identity = {f"of_{part.name}": getattr(row, part.name) for part in inspect(type(row)).primary_key}
    await session.execute(_update(table_of(type(row)), tuple(values)), stored | identity)
    for name, value in values.items():
        set_committed_value(row, name, value)


@cache
def _update(table: Table, names: tuple[str, ...]) -> Update:
    where = and_(*(part == bindparam(f"of_{part.name}") for part in table.primary_key))
    return update(table).where(where).values({name: bindparam(name) for name in names})


async def seal_again(session: AsyncSession, service: str) -> None:
    """Encrypts what a migration found in clear, and wraps the keys with the newest master key. Run when the worker starts."""
    await allow_long_transaction(session)
    await rewrap_keys(session)
    await session.run_sync(_seal_plain, sealed_tables(service))


def _seal_plain(session: Session, tables: list[SealedTable]) -> None:
    for table in (table for table in tables if table.was_plain):
        in_clear = [func.substr(getattr(table.row, name), 1, 1, type_=LargeBinary) == PLAIN for name in table.columns]
        query = select(table.row, *in_clear).where(or_(*in_clear)).with_for_update(of=table.row)
        for row, *plain in session.execute(query):
            for name, is_plain in zip(table.columns, plain, strict=True):
                if is_plain:
                    flag_modified(row, name)
        session.flush()
