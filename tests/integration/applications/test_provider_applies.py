"""Who is a provider of the catalogue, or linked to one, is no applicant where the policy says so. Source: the table of schemes in the
brief, Croatia's digital vouchers: "provider in a catalogue, never an applicant"."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from services.applications.tables import ProviderRow
from shared.classifications.identity_keys import relation_hash
from shared.contracts.common import Relation
from shared.contracts.payments import ProviderRegistrationChanged
from shared.kernel.ids import new_id
from shared.kernel.vocabulary import RelationKind
from shared.messaging.tables import DeadLetterRow
from tests.integration.applications.conftest import Desk
from tests.integration.applications.test_one_number import DATES, NOW, drafted, form
from tests.support.applications import HERE, KEY, OFFICER, applicant

NUMBERS = ("12345678903", "98765432106", "69435151530", "94577403194", "20000000009")


def registered(organisation: UUID, state: str = "approved", step: int = 3, **known: str) -> ProviderRegistrationChanged:
    """`known`: tax_number, owner."""
    pairs = [(RelationKind(kind.replace("_", "-")), value) for kind, value in known.items()]
    relations = [Relation(kind=kind, hash=relation_hash(KEY, kind, value) or "") for kind, value in pairs]
    return ProviderRegistrationChanged(
        provider_id=UUID(int=organisation.int + 1000),
        organisation_id=organisation,
        region=HERE,
        state=state,
        step=step,
        relations=relations,
    )


async def test_provider_and_who_is_linked_to_one_is_not_eligible(desk: Desk) -> None:
    """By the organisation, the tax number or an owner, however they are typed; not by an address, and not by a registration that has ended.
    The applicant reads it, with the remedy, before the application is screened."""
    desk.clock.instant = datetime(2026, 12, 10, tzinfo=UTC)
    call_id = (await desk.publish_call(**DATES))["id"]
    desk.clock.instant = NOW
    ids = []
    for number, tax_number in enumerate(NUMBERS, start=1):
        content = form(applicant__owners=[f"Owner {number}"], applicant__tax_number=tax_number)
        content["project"]["title"] = f"Project {number * 'x'}"
        ids.append(await drafted(desk, call_id, UUID(int=number), content))
    other = UUID(int=50)
    await desk.deliver(
        registered(UUID(int=1)),
        registered(other, tax_number=f"HR {NUMBERS[1]}", owner="OWNER  3"),
        registered(UUID(int=4), "withdrawn", step=4),
        registered(UUID(int=4), "approved", step=3),
        registered(UUID(int=51), "refused", owner="Owner 5"),
    )
    shown = await desk.request(applicant(UUID(int=1)), "GET", f"/applications/{ids[0]}/eligibility")
    [rule] = [one for one in shown["rules"] if one["rule"] == "provider-applies"]
    assert (rule["passed"], rule["field"], rule["facts"]) == (False, "applicant.tax_number", {"provider_ties": ["organisation"]})
    assert "withdraw the registration as a provider first" in rule["message"]
    failed = [await screened(desk, UUID(int=number), identity) for number, identity in enumerate(ids, start=1)]
    assert failed == [["provider-applies"], ["provider-applies"], ["provider-applies"], [], []]


async def screened(desk: Desk, firm: UUID, identity: str) -> list[Any]:
    await desk.submit(identity, firm)
    found = await desk.request(OFFICER, "POST", f"/applications/{identity}/screening")
    return [rule["rule"] for rule in found["assessment"]["rules"] if not rule["passed"]]


async def test_registration_of_another_organisation_is_contradicted(desk: Desk) -> None:
    honest = registered(UUID(int=1))
    forged = [honest.model_copy(update=changed) for changed in ({"organisation_id": new_id()}, {"region": "dk-kolding"})]
    await desk.deliver(honest, *(one.model_copy(update={"step": 9, "state": "withdrawn"}) for one in forged), twice=True)
    [row] = await desk.rows(ProviderRow)
    assert (row.state, row.step, len(await desk.rows(DeadLetterRow))) == ("approved", 3, 2)
