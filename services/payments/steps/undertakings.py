"""Which tax numbers are those of an organisation."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from services.payments.domain.undertakings import SAME_NUMBER, number_node, organisation_node
from services.payments.tables import UndertakingEdgeRow
from shared.kernel.ids import derive_id
from shared.messaging.context import Context


async def join_number(context: Context, organisation_id: UUID, number_hash: str) -> None:
    """From now on they are one node of an undertaking; once."""
    edge = {
        "id": derive_id(organisation_id, SAME_NUMBER, number_hash), "one_node": organisation_node(organisation_id),
        "other_node": number_node(number_hash), "kind": SAME_NUMBER, "version": 1,
    }  # fmt: skip
    await context.session.execute(insert(UndertakingEdgeRow).values(edge).on_conflict_do_nothing())
