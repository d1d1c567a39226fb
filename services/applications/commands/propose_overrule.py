"""An officer proposes that a verdict of a rule does not stand."""

from uuid import UUID

from services.applications.domain.overrules import check_gives_something, check_overrule, decided
from services.applications.locks import read_case
from services.applications.queries.earlier import earlier_for
from services.applications.queries.overrules import confirmed_verdicts, overrules_of
from services.applications.steps.screening import screen
from services.applications.tables import OverruleRow
from shared.contracts.applications import VerdictOverruleProposed
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict
from shared.kernel.ids import new_id
from shared.messaging.acts import take_part
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def propose_overrule(context: Context, application_id: UUID, rule: str, passed: bool, words: str, *, hash_key: bytes) -> OverruleRow:
    """Nothing changes before another officer confirms it. `Conflict` 'overrule-exists' while one of this rule is proposed or in force;
    otherwise raises as `check_overrule` and `check_gives_something`."""
    application, call = await read_case(context, application_id)
    authorise(context.actor, Permission.SCREEN_APPLICATION, region=application.region)
    await take_part(context, Duty.OVERRULE, application.id, call_id=call.id)
    known = (await overrules_of(context, [application.id])).get(application.id, [])
    policy = context.policies.get(call.policy_id)
    earlier, confirmed = await earlier_for(context, application, policy, hash_key), confirmed_verdicts(known)
    judged = screen(context, application, policy, earlier=earlier)
    check_overrule(application.state, decided(policy, judged.form, earlier, judged.assessment, confirmed), rule, passed)
    check_gives_something(decided(policy, judged.form, earlier, judged.assessment, confirmed | {rule: passed}))
    if any(row.rule == rule for row in known):
        raise Conflict("overrule-exists", "There is an overrule of rule {rule} for these answers already.", rule=rule)
    overrule = OverruleRow(
        id=new_id(), application_id=application.id, call_id=call.id, organisation_id=application.organisation_id,
        region=application.region, revision=application.revision, rule=rule, passed=passed, words=words,
        proposed_by=context.actor.id, proposed_at=context.now,
    )  # fmt: skip
    context.session.add(overrule)
    event = VerdictOverruleProposed(
        application_id=application.id, call_id=call.id, region=call.region, overrule_id=overrule.id, revision=application.revision,
        rule=rule, passed=passed,
    )  # fmt: skip
    publish(context, event, reason="second-officer-needed", policy_id=call.policy_id)
    await context.session.flush()
    return overrule
