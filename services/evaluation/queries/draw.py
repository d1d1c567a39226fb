"""The draw of a call: before the approval only the commitment, afterwards all that is needed to repeat it."""

from uuid import UUID

from services.evaluation.domain.draw import draw_key
from services.evaluation.queries.appeal_views import RevisedListView
from services.evaluation.queries.lists import lists_of
from services.evaluation.queries.nonce import nonce_of
from services.evaluation.queries.randomness import beacon_of, recorded_randomness
from services.evaluation.queries.views import DrawEntryView, DrawView, RandomnessView
from services.evaluation.tables import CallRow, RankingRow, RevisedRankingRow
from shared.identity.permissions import Permission, Unowned, authorise
from shared.kernel.errors import Conflict
from shared.messaging.context import Context


async def read_draw(context: Context, call_id: UUID) -> DrawView:
    """`Conflict` no-draw for a first-come call."""
    call = await context.session.get_one(CallRow, call_id)
    authorise(context.actor, Permission.READ_CALLS, region=call.region, owner=Unowned.OPEN)
    return await _draw_of(context, call)


async def read_open_draw(context: Context, call_id: UUID) -> DrawView:
    """For everybody, as `read_draw`. What is published names applications by their ids alone."""
    return await _draw_of(context, await context.session.get_one(CallRow, call_id))


async def _draw_of(context: Context, call: CallRow) -> DrawView:
    call_id = call.id
    if call.nonce_hash is None:
        raise Conflict("no-draw", "In this call the earlier application goes first; nothing is drawn.")
    view = DrawView(call_id=call_id, nonce_hash=call.nonce_hash, committed_at=call.published_at, opens_at=call.opens_at)
    beacon, public = beacon_of(context, call), await recorded_randomness(context, call)
    if beacon and public:
        proof = public.model_dump(exclude={"call_id", "given_by", "given_at"})
        named = RandomnessView(beacon=beacon.beacon, chain_hash=beacon.chain_hash, public_key=beacon.public_key, **proof)
        view = view.model_copy(update={"randomness": named})
    elif beacon:
        view = view.model_copy(update={"awaits_beacon": beacon.beacon})
    approved = await context.session.get(RankingRow, call_id)
    if approved is None:
        return view
    keys = sorted((draw_key(approved.seed, UUID(each)), UUID(each)) for each in approved.outcomes)
    revealed = {"list_hash": approved.list_hash, "nonce": nonce_of(context, call), "seed": approved.seed, "list_text": approved.list_text}
    revisions = [_revision(row) for row in await lists_of(context, call_id) if isinstance(row, RevisedRankingRow)]
    order = [DrawEntryView(application_id=each, draw_key=key) for key, each in keys]
    return view.model_copy(update={**revealed, "order": order, "revisions": revisions})


def _revision(row: RevisedRankingRow) -> RevisedListView:
    return RevisedListView(number=row.number, list_hash=row.list_hash, list_text=row.list_text, approved_at=row.approved_at)
