"""Persons and machines, and their sign-ins."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, text
from sqlmodel import Field

from services.people.domain.sign_ins import name_at_provider
from services.people.tables.base import Table
from shared.database.base import INSTANT, instant
from shared.database.privileges import fixed, removable
from shared.privacy.sealed import seal_columns, sealed


class PersonRow(Table, table=True):
    """A person, by the provider that signs them in; a machine has a secret of its own instead.

    `id` is the pseudonym that events, rows and logs of all services have. `sign_in_key` and `email_key` are keyed hashes.
    `email_verified`: the provider says so. `email_since`: since when the address is another one than before, or the person says that it is
    right (programme time; None: from the beginning). `task_mail`: a daily mail says what waits for the person at the agency. `erasing`:
    name and address of a closed account go when the term of its roles is over.
    """

    __tablename__ = "persons"
    __table_args__ = (
        CheckConstraint("machine = (secret_hash IS NOT NULL) AND machine = (issuer IS NULL)", name="ck_persons_kind"),
        Index("ix_persons_list", "registered_at", "id"),
        Index("ix_persons_erasing", "id", postgresql_where=text("erasing")),
        Index("ix_persons_machines", "registered_by", postgresql_where=text("machine")),
        CheckConstraint("NOT erasing OR ended_at IS NOT NULL", name="ck_persons_erasing"),
        fixed("id machine issuer secret_hash registered_at registered_by"),
    )

    id: UUID = Field(primary_key=True)
    machine: bool = False
    issuer: str | None = None
    subject: str | None = sealed(nullable=True)
    sign_in_key: str | None = Field(default=None, unique=True)
    name: str | None = sealed(nullable=True)
    email: str | None = sealed(nullable=True)
    email_key: str | None = Field(default=None, index=True)
    email_verified: bool = False
    email_since: datetime | None = instant()
    language: str = "en"
    language_chosen: bool = False
    task_mail: bool = True
    secret_hash: str | None = None
    registered_by: str
    registered_at: datetime = Field(sa_type=INSTANT)
    ended_at: datetime | None = instant()
    erasing: bool = False


class SignInRow(Table, table=True):
    """One sign-in of a person at a client. Its instants are real time. `secret_hash`: of what renews its tokens until `ends_at`.

    `mac`: a process wrote the row, since who has the password of the database alone could add one for anybody (None: before there was
    one). `ended_at`: signed out, by the person or by an administrator.
    """

    __tablename__ = "sign_ins"
    __table_args__ = (
        Index("ix_sign_ins_person", "person_id", "ends_at"),
        removable(changing="ended_at"),
    )

    id: UUID = Field(primary_key=True)
    person_id: UUID = Field(sa_column=Column(ForeignKey("persons.id"), nullable=False))
    client: str
    signed_in_at: datetime = Field(sa_type=INSTANT)
    ends_at: datetime = Field(sa_type=INSTANT)
    secret_hash: str = Field(unique=True)
    mac: bytes | None = None
    ended_at: datetime | None = instant()


class UsedProofRow(Table, table=True):
    """An ID token that was exchanged: it opens no second sign-in. `digest`: of what the provider signed. `until`, real time: after it the
    token is too old anyway."""

    __tablename__ = "used_proofs"
    __table_args__ = (Index("ix_used_proofs_until", "until"), removable(changing=""))

    digest: str = Field(primary_key=True)
    until: datetime = Field(sa_type=INSTANT)


class RevocationRow(Table, table=True):
    """What is void before its end, as the services read it (`shared.identity.revocations`). Instants are real time, of the clock of the
    token's issuer. `until`: no token that it concerns can be valid any more."""

    __tablename__ = "revocations"
    __table_args__ = (
        CheckConstraint("kind IN ('persons', 'issued', 'sign_ins', 'tokens')", name="ck_revocations_kind"),
        Index("ix_revocations_until", "until"),
        removable(),
    )

    kind: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    at: float
    until: datetime = Field(sa_type=INSTANT)


def _sign_in_key(row: PersonRow) -> str | None:
    return None if row.subject is None or row.issuer is None else name_at_provider(row.issuer, row.subject)


def _email_key(row: PersonRow) -> str | None:
    return row.email


seal_columns(PersonRow, subject="id", digests={"sign_in_key": _sign_in_key, "email_key": _email_key}, was_plain=False)
