"""Each mutant finds the guard that it switches off."""

import pytest

from deploy.embedded.data_directory import REPOSITORY
from tests.chaos.mutants import MUTANTS
from tests.support.mutants import Mutant


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_mutant_text_to_replace_occurs_once(mutant: Mutant) -> None:
    assert (REPOSITORY / mutant.file).read_text().count(mutant.was) == 1
