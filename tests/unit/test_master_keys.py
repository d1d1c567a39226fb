"""The file of master keys of the embedded platform."""

from pathlib import Path

import pytest

from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.master_keys import read_master_keys, retire_master_keys, rotate_master_keys
from deploy.embedded.process import ProcessFailed
from deploy.embedded.state import prepare_state


def test_lost_master_keys_are_not_made_again(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path)
    prepare_state(data, ("postgres",))
    rotate_master_keys(data)
    assert {len(keys) for keys in read_master_keys(data).values()} == {2}
    newest = {holder: keys[0] for holder, keys in read_master_keys(data).items()}
    retire_master_keys(data)
    assert {holder: keys[0] for holder, keys in read_master_keys(data).items()} == newest
    assert {holder for holder, keys in read_master_keys(data).items() if len(keys) == 2} == {"temporal"}
    data.master_keys.unlink()
    with pytest.raises(ProcessFailed, match="is missing"):
        prepare_state(data, ("postgres",))
