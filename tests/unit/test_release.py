"""A release is what decides a database's tables and privileges: our code and the locked packages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.embedded import release
from deploy.embedded.release import release_of


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name in ("shared/a.py", "services/people/a.py", "portal/a.py", "portal/assets/a.py", "requirements.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x = 1\n")
    monkeypatch.setattr(release, "REPOSITORY", tmp_path)
    release._common.cache_clear()
    yield tmp_path
    release._common.cache_clear()


@pytest.mark.parametrize(
    ("changed", "databases"),
    [
        ("shared/a.py", {"people", "portal"}),
        ("shared/b.py", {"people", "portal"}),
        ("requirements.txt", {"people", "portal"}),
        ("services/people/a.py", {"people"}),
        ("portal/a.py", {"portal"}),
        ("portal/assets/a.py", set()),
        ("shared/a.toml", set()),
    ],
)
def test_change_of_code_is_another_release(repository: Path, changed: str, databases: set[str]) -> None:
    before = {database: release_of(database) for database in ("people", "portal")}
    (repository / changed).write_text("x = 2\n")
    release._common.cache_clear()
    assert {database for database, known in before.items() if release_of(database) != known} == databases
