"""Sign-ins that last. Instants are real time."""

import hmac
from datetime import UTC, datetime
from uuid import UUID

import orjson
from sqlalchemy import select
from sqlmodel import col

from services.people.domain.persons import person_ended
from services.people.domain.secrets import hash_of
from services.people.queries.persons import known_person
from services.people.queries.revocations import voided_sign_ins_until
from services.people.queries.views import SignInView
from services.people.tables import PersonRow, SignInRow
from shared.database.sealing import Sealer, sealer_of
from shared.kernel.errors import Unauthenticated
from shared.messaging.context import Context


async def lasting_sign_in(context: Context, secret: str, real_now: float) -> tuple[PersonRow, SignInRow]:
    """The person and the session that a secret renews. `Unauthenticated` 'signed-out', `Forbidden` 'person-ended'."""
    row = await context.session.scalar(select(SignInRow).where(col(SignInRow.secret_hash) == hash_of(secret)))
    if row is None or not _is_genuine(context, row) or row.ended_at is not None or row.ends_at.timestamp() <= real_now:
        raise signed_out()
    if row.signed_in_at.timestamp() < await voided_sign_ins_until(context, row.person_id):
        raise signed_out()
    person = await known_person(context, row.person_id)
    if person.ended_at is not None:
        raise person_ended()
    return person, row


async def lasting_sign_ins(context: Context, person_id: UUID, real_now: float) -> list[SignInRow]:
    """The newest first."""
    query = select(SignInRow).where(
        col(SignInRow.person_id) == person_id,
        col(SignInRow.ended_at).is_(None),
        col(SignInRow.ends_at) > datetime.fromtimestamp(real_now, UTC),
    )
    return list(await context.session.scalars(query.order_by(col(SignInRow.signed_in_at).desc(), col(SignInRow.id))))


async def sign_in_views(context: Context, person_id: UUID, real_now: float) -> list[SignInView]:
    return [SignInView.model_validate(row, from_attributes=True) for row in await lasting_sign_ins(context, person_id, real_now)]


def mac_of(sealer: Sealer, row: SignInRow) -> bytes:
    """Over all that a sign-in says, with the key that the processes have and the database has not."""
    said = [row.id, row.person_id, row.client, row.signed_in_at.timestamp(), row.ends_at.timestamp(), row.secret_hash]
    return sealer.mac(b"sign-in " + orjson.dumps(said, default=str))


def _is_genuine(context: Context, row: SignInRow) -> bool:
    return row.mac is not None and hmac.compare_digest(row.mac, mac_of(sealer_of(context.session), row))


def signed_out() -> Unauthenticated:
    return Unauthenticated("signed-out", "You are signed out. Sign in again.")
