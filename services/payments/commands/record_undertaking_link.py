"""UndertakingLinkRecorded: two tax numbers are one undertaking for some time."""

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.payments.domain.undertakings import number_node
from services.payments.steps.undertakings import join_number
from services.payments.tables import UndertakingEdgeRow
from shared.contracts.people import UndertakingLinkRecorded
from shared.kernel.errors import Contradiction
from shared.messaging.context import Context


async def record_undertaking_link(context: Context, link: UndertakingLinkRecorded) -> None:
    """The newest version stays, in whatever order they arrive. The organisation is known by its own number too: it may apply with another.
    `Contradiction` for another firm or kind than the link had."""
    one, other = number_node(link.own_number), number_node(link.other_number)
    if one == other or (link.valid_until is not None and link.valid_until <= link.valid_from):
        raise Contradiction(f"{link.type}: the link {link.link_id} joins nothing")
    known = await context.session.get(UndertakingEdgeRow, link.link_id, populate_existing=True)
    if known is not None and (known.one_node, known.other_node, known.kind) != (one, other, link.kind):
        raise Contradiction(f"{link.type}: the link {link.link_id} is another one")
    days = {"version": link.version, "valid_from": link.valid_from, "valid_until": link.valid_until}
    edge = {"id": link.link_id, "one_node": one, "other_node": other, "kind": link.kind, **days}
    await join_number(context, link.organisation_id, link.own_number)
    newer = col(UndertakingEdgeRow.version) < link.version
    await context.session.execute(
        insert(UndertakingEdgeRow).values(edge).on_conflict_do_update(index_elements=["id"], set_=days, where=newer)
    )
