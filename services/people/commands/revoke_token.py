"""The operator revokes a token."""

from datetime import UTC, datetime
from uuid import UUID

from services.people.steps.revocations import void_sign_in, void_token
from services.people.tables import SignInRow
from shared.messaging.context import Context


async def revoke_token(context: Context, token_id: str, sign_in_id: UUID | None, ends_at: float, real_now: float) -> None:
    """Void within a minute; what would renew it is void too. `ends_at`: of the token. No route leads here."""
    await void_token(context, token_id, ends_at)
    row = None if sign_in_id is None else await context.session.get(SignInRow, sign_in_id, with_for_update=True)
    if row is not None and row.ended_at is None:
        row.ended_at = datetime.fromtimestamp(real_now, UTC)
        await void_sign_in(context, row.id, real_now)
