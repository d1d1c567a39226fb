"""A running platform of ten seconds a day with short terms, cases at each stage, and Debian's Chromium."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.embedded import daemon
from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.ports import free_port
from deploy.embedded.state import StartOptions, State, read_state
from simulation.demo.schemes import hold_from_the_first_day
from tests.desks.programme import BANK_PERCENT, BEGINS, DAY_SECONDS, HOURS, NUMBERS_IN_RULES, TERMS, TWO_STEPS, ask_for_reports
from tests.desks.stages import Desks
from tests.support.browser import chromium, launched, playwright
from tests.support.regions import copy_regions

__all__ = ["chromium", "launched", "playwright"]


@dataclass(frozen=True)
class Platform:
    data: DataDirectory
    state: State

    @property
    def address(self) -> str:
        return self.state.gateway


@pytest.fixture(scope="package")
def platform(tmp_path_factory: pytest.TempPathFactory, server_folder: Path) -> Iterator[Platform]:
    data = DataDirectory(server_folder / "desks")
    bank = data.environment_overrides("bank")
    bank.parent.mkdir(parents=True)
    bank.write_text(json.dumps({f"TRIPTYCH_BANK_{kind}_PERCENT": percent for kind, percent in BANK_PERCENT.items()}))
    regions = copy_regions(tmp_path_factory.mktemp("desks"), TERMS, NUMBERS_IN_RULES)
    ask_for_reports(regions)
    hold_from_the_first_day(regions, [HOURS, *((TWO_STEPS[0], scheme) for scheme in TWO_STEPS[1])])
    daemon.start(data, StartOptions(gateway_port=free_port(), regions=regions, day_seconds=DAY_SECONDS, programme_date=BEGINS))
    try:
        yield Platform(data, read_state(data))
    finally:
        daemon.stop(data)


@pytest.fixture(scope="package")
def desks(platform: Platform) -> Iterator[Desks]:
    """`desks.offered()`: a case at this stage."""
    desks = Desks(platform.data, platform.state)
    yield desks
    desks.close()
