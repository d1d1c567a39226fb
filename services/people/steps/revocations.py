"""What is void from now on, for the list that all services read. Instants are real time."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from services.people.domain.sign_ins import SIGN_IN, TOKEN
from services.people.tables import RevocationRow
from shared.messaging.context import Context

_MARGIN = timedelta(minutes=1)


async def void_sign_ins(context: Context, person: UUID | str, real_now: float) -> None:
    """Every sign-in of the person so far; `person` is the id that tokens have. A whole second, as `auth_time` of a token is: a sign-in that
    is taken has tokens that are."""
    await _void(context, "persons", person, int(real_now) + 1, real_now, SIGN_IN)


async def void_token(context: Context, token_id: str, ends_at: float) -> None:
    await _void(context, "tokens", token_id, ends_at, ends_at, timedelta(0))


async def void_sign_in(context: Context, sign_in_id: UUID, real_now: float) -> None:
    """The tokens of one sign-in."""
    await _void(context, "sign_ins", sign_in_id, real_now + TOKEN.total_seconds(), real_now, TOKEN)


async def void_tokens(context: Context, person_id: UUID, real_now: float) -> None:
    """The tokens that were issued before the person's roles changed. They are renewed without a new sign-in."""
    await _void(context, "issued", person_id, int(real_now) + 1, real_now, TOKEN)


async def _void(context: Context, kind: str, subject: UUID | str, at: float, real_now: float, lifetime: timedelta) -> None:
    until = datetime.fromtimestamp(real_now, UTC) + lifetime + _MARGIN
    write = insert(RevocationRow).values(kind=kind, subject=str(subject), at=at, until=until)
    await context.session.execute(write.on_conflict_do_update(index_elements=["kind", "subject"], set_={"at": at, "until": until}))
