"""Separation of duties: a person who took an earlier step of a case does not take this one."""

from collections.abc import Collection

from shared.kernel.errors import Forbidden


def require_distinct(actor_id: str, earlier: Collection[str], refusal: Forbidden) -> None:
    """Raises `refusal` when the actor is among those who took the earlier steps (prepared, scored, changed the account)."""
    if isinstance(earlier, str):  # 'ab' in 'cabd' would be a wrong yes, and 'x' in '' a wrong no
        raise TypeError("earlier is a collection of ids, not one id")
    if actor_id in earlier:
        raise refusal
