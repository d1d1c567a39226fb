"""The public randomness that the policy of a call asks for, and the one that is recorded."""

from services.evaluation.tables import CallRow, RandomnessRow
from shared.kernel.vocabulary import SelectionMethod
from shared.messaging.context import Context
from shared.policy.sections import PublicRandomness


def beacon_of(context: Context, call: CallRow) -> PublicRandomness | None:
    """None for a call whose draw needs no public randomness."""
    if call.selection_method == SelectionMethod.FIRST_COME:
        return None
    return context.policies.get(call.policy_id).selection.randomness


async def recorded_randomness(context: Context, call: CallRow) -> RandomnessRow | None:
    return await context.session.get(RandomnessRow, call.id)


async def awaits_randomness(context: Context, call: CallRow) -> bool:
    """True while the draw cannot take place because its public randomness is missing."""
    return beacon_of(context, call) is not None and await recorded_randomness(context, call) is None
