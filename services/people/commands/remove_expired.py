"""Removes sign-ins, proofs that were used and revocations that cannot matter any more."""

from datetime import UTC, datetime

from sqlalchemy import delete
from sqlmodel import col

from services.people.tables import RevocationRow, SignInRow, UsedProofRow
from shared.messaging.context import Context


async def remove_expired(context: Context, real_now: float) -> None:
    """A sign-in goes at its end, also one that was ended before: until then its owner may end it again. A revocation, and a
    proof that was used, goes when nothing that it concerns can be valid any more."""
    now = datetime.fromtimestamp(real_now, UTC)
    await context.session.execute(delete(SignInRow).where(col(SignInRow.ends_at) <= now))
    await context.session.execute(delete(RevocationRow).where(col(RevocationRow.until) <= now))
    await context.session.execute(delete(UsedProofRow).where(col(UsedProofRow.until) <= now))
