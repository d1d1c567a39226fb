"""Each attack finds the guard that it switches off, the test that holds it, and the state that `triptych verify` knows."""

import pytest

from deploy.embedded.data_directory import REPOSITORY
from tests.hostile.mutants import ATTACKS, place_of
from tests.support.mutants import Attack
from tests.support.verify_breaks import BREAKS


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_attack_names_guard_test_and_breaks(attack: Attack) -> None:
    assert (REPOSITORY / attack.file).read_text().count(attack.was) == 1
    file, function = place_of(attack)
    assert f"def {function}(" in (REPOSITORY / file).read_text() if function else (REPOSITORY / file).is_file()
    assert set(attack.breaks) <= {broken.name for broken in BREAKS}
