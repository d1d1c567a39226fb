"""`python -m simulation.programme FOLDER`: clock, policies and people of a simulated programme, for containers. Once: what is there stays.

`FOLDER/clock` has the settings of the clock, as files that every process reads (`shared/runtime/settings.py`); `FOLDER/regions` the
policies, dated back; `FOLDER/people.json` who may sign in to try it out. The programme begins after `DELAY_SECONDS`, so that its first days
do not pass while containers start.
"""

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import PositiveInt
from pydantic_settings import BaseSettings, SettingsConfigDict

from deploy.embedded.data_directory import REGIONS
from deploy.embedded.state import PROGRAMME_START
from simulation.demo.schemes import dated_back
from simulation.provider.people import demonstration_people, regions_in

DELAY_SECONDS = 240


class ProgrammeSettings(BaseSettings):
    """`day_seconds`: real seconds of a day of the programme. `programme_delay`: after how many seconds it begins."""

    model_config = SettingsConfigDict(env_prefix="TRIPTYCH_", frozen=True, extra="ignore")

    day_seconds: PositiveInt = 1
    programme_delay: PositiveInt = DELAY_SECONDS


def clock_files(settings: ProgrammeSettings, now: datetime) -> Mapping[str, str]:
    """Name of a setting → its value."""
    begins = now + timedelta(seconds=settings.programme_delay)
    return {
        "triptych_clock_programme": PROGRAMME_START.isoformat(),
        "triptych_clock_real": begins.isoformat(),
        "triptych_day_seconds": str(settings.day_seconds),
    }


def write_programme(folder: Path, settings: ProgrammeSettings, now: datetime) -> None:
    dated_back(REGIONS, folder / "regions")
    people = [person.model_dump() for person in demonstration_people(regions_in(REGIONS))]
    (folder / "people.json").write_text(json.dumps(people, ensure_ascii=False))
    unfinished = folder / "clock.unfinished"
    unfinished.mkdir(exist_ok=True)
    for name, value in clock_files(settings, now).items():
        (unfinished / name).write_text(value)
    unfinished.rename(folder / "clock")


def main() -> None:
    folder = Path(sys.argv[1])
    if not (folder / "clock").exists():
        write_programme(folder, ProgrammeSettings(), datetime.now(UTC))


if __name__ == "__main__":
    main()
