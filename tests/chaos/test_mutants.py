"""Each guard that the campaign is tried against stands where the mutant looks for it."""

import pytest

from deploy.embedded.home import REPOSITORY
from tests.chaos.mutants import MUTANTS, Mutant


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_what_a_mutant_switches_off_is_there_once(mutant: Mutant) -> None:
    assert (REPOSITORY / mutant.file).read_text().count(mutant.was) == 1
