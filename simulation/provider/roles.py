"""`python -m simulation.provider.roles`: the people of the demonstration get their roles, once in an installation.

By the commands that an operator has: the operator gives each region its first administrator and proposes all else, and that administrator,
signed in, confirms it. What is given already is left, so that an interrupted run is repeated.
"""

import asyncio
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.identity import unverified_claims
from deploy.embedded.master_keys import sealer_of
from deploy.embedded.state import State, read_state
from operations.client import Api, Person
from operations.people import REASON
from operations.transactions import Begin, transactions
from services.people.commands.propose_role_as_operator import propose_role_as_operator
from services.people.steps.roles import Proposal
from shared.identity.actor import Role
from shared.kernel.errors import Conflict
from simulation.provider.people import DemonstrationPerson, demonstration_people, regions_in, user_name
from simulation.provider.proofs import provider_proofs

ROLES = "/api/people/roles"
BEFORE = timedelta(days=366)
"""How long before the programme's start the roles begin: its clock is set again at each start until the platform is used."""


async def give_roles(data: DataDirectory) -> None:
    state = read_state(data)
    regions = sorted(regions_in(state.policies))
    people = [person for person in demonstration_people(regions) if person.kind in frozenset(Role) - {Role.APPLICANT}]
    api = Api(state.gateway, provider_proofs(data, state), trust=state.trust)
    try:
        ids = dict(zip(people, await asyncio.gather(*(_known(api, person) for person in people)), strict=True))
        async with transactions(state, "people", sealer_of(data, "people", state.hash_key)) as begin:
            await asyncio.gather(*(_give(api, begin, state, region, ids) for region in regions))
    finally:
        await api.close()


async def _known(api: Api, person: DemonstrationPerson) -> UUID:
    """The id of who has signed in now."""
    return UUID(unverified_claims(await api.sign_in(Person(person.user_name)))["sub"])


async def _give(api: Api, begin: Begin, state: State, region: str, ids: dict[DemonstrationPerson, UUID]) -> None:
    here = {person_id: person for person, person_id in ids.items() if person.region in (region, "")}
    async with begin() as context:
        for person_id, person in here.items():
            with suppress(Conflict):  # it is given, or waits
                proposal = Proposal(person_id, Role(person.kind), region, state.clock_programme - BEFORE)
                await propose_role_as_operator(context, proposal, REASON)
    first = Person(user_name(Role.ADMINISTRATOR, 1, region))
    waiting = [role async for role in api.list_items(first, ROLES, region=region, state="proposed") if UUID(role["person_id"]) in here]
    await asyncio.gather(*(api.post(first, f"{ROLES}/{role['id']}/confirmation", {"reason": "demonstration"}) for role in waiting))


def main() -> None:
    data = DataDirectory.default()
    asyncio.run(give_roles(data))
    data.demonstration_roles.touch()


if __name__ == "__main__":
    main()
