"""A second officer confirms that a verdict of a rule does not stand."""

from uuid import UUID

from services.applications.domain.overrules import OverruleState, check_undecided
from services.applications.locks import read_call
from services.applications.steps.overrules import check_waits, lock_overrule
from services.applications.tables import OverruleRow
from shared.contracts.applications import VerdictOverruled
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict
from shared.messaging.acts import take_part
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def confirm_overrule(context: Context, overrule_id: UUID) -> OverruleRow:
    """Screening takes it for the verdict of the rule. `Forbidden` 'incompatible-step' for who proposed an overrule in this case;
    `Conflict` 'overrule-decided', 'answers-changed' when the applicant has submitted again, or as `check_undecided`."""
    application, overrule = await lock_overrule(context, overrule_id)
    authorise(context.actor, Permission.SCREEN_APPLICATION, region=overrule.region)
    await take_part(context, Duty.CONFIRM_OVERRULE, overrule.application_id, call_id=overrule.call_id)
    check_waits(overrule)
    check_undecided(application.state)
    if overrule.revision != application.revision:
        raise Conflict("answers-changed", "The applicant has submitted other answers since. Look at them, and propose it again.")
    overrule.state, overrule.decided_by, overrule.decided_at = OverruleState.CONFIRMED, context.actor.id, context.now
    event = VerdictOverruled(
        application_id=application.id, call_id=overrule.call_id, region=overrule.region, overrule_id=overrule.id,
        revision=overrule.revision, rule=overrule.rule, passed=overrule.passed, proposed_by=overrule.proposed_by,
    )  # fmt: skip
    call = await read_call(context, overrule.call_id)
    publish(context, event, reason="overruled", policy_id=call.policy_id)
    return overrule
