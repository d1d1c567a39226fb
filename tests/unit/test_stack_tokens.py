"""The key of `people` in the embedded stack, and the proofs of its simulated identity provider."""

import json
import stat
from pathlib import Path
from uuid import UUID

import pytest
from joserfc.jwk import RSAKey

from deploy.embedded.identity import ensure_key, ensure_provider_key, load_key
from operations.client import Person
from services.people.providers import Providers
from services.people.settings import Provider
from shared.classifications.tax_numbers import canonical_tax_number
from shared.identity.actor import Role
from simulation.demo.organisations import fictional_tax_number
from simulation.demo.region import Actors
from simulation.demo.seeded_random import SeededRandom
from simulation.provider.people import NUMBERS, demonstration_people
from simulation.provider.proofs import DemonstrationProofs
from tests.support.identity import serving

REGIONS = ("be-kortrijk", "pl-malopolska")
FIRM = UUID(int=7)


def test_key_is_kept_and_only_its_public_half_published(tmp_path: Path) -> None:
    private, public = tmp_path / "identity" / "private.json", tmp_path / "public" / "jwks.json"
    first = ensure_key(private, public)
    assert ensure_key(private, public).kid == first.kid == load_key(private).kid
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    (published,) = json.loads(public.read_text())["keys"]
    assert published["kid"] == first.kid
    assert "d" not in published


async def test_proof_of_a_person_is_as_of_the_provider(tmp_path: Path) -> None:
    """`people` takes it, with the person's verified address."""
    ensure_provider_key(tmp_path / "provider.json")
    key = RSAKey.import_key(json.loads((tmp_path / "provider.json").read_text()))
    people = {person.user_name: person for person in demonstration_people(REGIONS)}
    proofs = DemonstrationProofs("https://provider.test", "portal", key, people)
    with serving() as issuer:
        issuer.published = [key]
        known = Providers([Provider(issuer="https://provider.test", clients=("portal",), jwks_url=issuer.url)])
        officer = await known.proof(proofs.of(Person("officer-1.kortrijk")))
        applicant = await known.proof(proofs.of(Person("applicant-0", FIRM)))
        again = await known.proof(proofs.of(Person("officer-1.kortrijk")))
    assert (officer.subject, officer.email, officer.email_verified) == ("officer-1.kortrijk", "officer-1@kortrijk.example", True)
    assert (applicant.subject, officer.language) == ("applicant-0", "nl")
    assert again.digest != officer.digest


def test_actors_of_a_region_are_people_of_the_demonstration() -> None:
    people = {person.user_name: person for person in demonstration_people(REGIONS)}
    actors = Actors(REGIONS[0])
    agency = [getattr(actors, name) for name, value in vars(Actors).items() if isinstance(value, property)]
    for person in [one for found in agency for one in (found if isinstance(found, list) else [found])]:
        assert people[person.subject].region == REGIONS[0]
    assert set(NUMBERS) == set(Role)


@pytest.mark.parametrize("country", ["GR", "HR", "PL", "DK", "BE"])
def test_fictional_tax_number_is_in_the_national_form(country: str) -> None:
    numbers = [fictional_tax_number(country, SeededRandom(str(seed))) for seed in range(50)]
    assert numbers == [canonical_tax_number(country, number) for number in numbers]
    assert len(set(numbers)) > 45
