"""Databases of tests are in memory where there is room."""

import tempfile
from pathlib import Path

import pytest

from tests.support.folders import quick_folder


@pytest.mark.parametrize(("name", "room", "in_memory"), [("memory", 1, True), ("memory", 1 << 62, False), ("missing", 1, False)])
def test_memory_is_used_if_roomy(tmp_path: Path, name: str, room: int, in_memory: bool) -> None:
    (tmp_path / "memory").mkdir()
    with quick_folder(tmp_path / name, room) as folder:
        assert folder.parent == (tmp_path / "memory" if in_memory else Path(tempfile.gettempdir()))
        (folder / "file").write_text("kept until the end")
    assert not folder.exists()
