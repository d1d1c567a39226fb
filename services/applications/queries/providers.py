"""Which applicants are providers of the catalogue, or linked to one."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import array
from sqlmodel import col

from services.applications.domain.form import stored_form
from services.applications.domain.providers import LINKING, LISTED, Registered, asks_for_ties, ties
from services.applications.domain.relations import relations_of
from services.applications.tables import ApplicationRow, ProviderRow
from shared.classifications.identity_keys import spelled_hashes
from shared.messaging.context import Context
from shared.policy.schema import Policy

Keys = frozenset[tuple[str, str]]


async def provider_ties(
    context: Context, applications: Collection[ApplicationRow], policy: Policy, hash_key: bytes
) -> dict[UUID, tuple[str, ...]]:
    """Application → its ties, of those that have one; nothing is read where the policy lets providers apply. `hash_key` is the key of the
    hashes of relations."""
    if not applications or not asks_for_ties(policy):
        return {}
    keys = {one.id: _keys(one, hash_key) for one in applications}
    row, wanted = ProviderRow, sorted({" ".join(key) for of_one in keys.values() for key in of_one})
    same = [col(row.organisation_id).in_({one.organisation_id for one in applications})]
    linked = [row.keys.has_any(array(wanted))] if wanted else []  # type: ignore[attr-defined]
    query = select(row).where(col(row.region) == policy.region, col(row.state).in_(LISTED), or_(*same, *linked))
    found = [Registered(one.organisation_id, one.state, _read(one.keys)) for one in await context.session.scalars(query)]
    tied = {one.id: ties(one.organisation_id, keys[one.id], found) for one in applications} if found else {}
    return {application: kinds for application, kinds in tied.items() if kinds}


def _keys(application: ApplicationRow, hash_key: bytes) -> Keys:
    """Of what is answered in the form, which a draft may not have yet."""
    pairs = [(kind, value) for kind, value in relations_of(stored_form(application.form)) if kind in LINKING]
    return frozenset((str(kind), found) for kind, value in pairs for found in spelled_hashes(hash_key, kind, value))


def _read(keys: Collection[str]) -> Keys:
    return frozenset((kind, found) for kind, _, found in (key.partition(" ") for key in keys))
