"""ApplicationFoundEligible: what relates the applicant, so that a provider related to it is found."""

from services.payments.steps.related_parties import keep_relations
from shared.contracts.applications import ApplicationFoundEligible
from shared.messaging.context import Context


async def record_relations(context: Context, event: ApplicationFoundEligible) -> None:
    """Of all its applications together: the organisation is one in every call. The inbox records the officer's act."""
    await keep_relations(context, event.organisation_id, [(relation.kind, relation.hash) for relation in event.relations])
