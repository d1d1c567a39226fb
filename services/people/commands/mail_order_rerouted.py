"""OrderRerouted: the beneficiary gets to know that it needs another provider, and the provider that the order is not to be delivered."""

from services.people.domain.mails import Template
from services.people.queries.cases import reported_case
from services.people.queries.organisations import mailed_members
from services.people.steps.mails import mail_members, mail_person
from shared.contracts.payments import OrderRerouted
from shared.messaging.context import Context


async def mail_order_rerouted(context: Context, event: OrderRerouted) -> None:
    """`NotYet` when the case is not known; `Contradiction` when the event differs from it."""
    case = await reported_case(context, event)
    facts = event.model_dump(mode="json", include={"voucher_id", "order_id", "provider_id"})
    await mail_members(context, case, Template.ORDER_REROUTED, facts)
    for person in await mailed_members(context, event.provider_organisation_id):
        await mail_person(context, person, Template.ORDER_TAKEN_BACK, facts, region=case.region)
