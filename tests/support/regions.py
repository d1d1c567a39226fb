"""A copy of the regions whose cases take less of the programme's time."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from deploy.embedded.data_directory import REGIONS
from shared.policy.call import call_files
from shared.policy.loader import policy_files
from simulation.chaos.short_policies import shorten

NONE: Mapping[str, str] = {}


def copy_regions(folder: Path, terms: Mapping[str, str] = NONE, numbers: Mapping[str, str] = NONE, dates: Mapping[str, str] = NONE) -> Path:
    """Returns the copy, below `folder`. `terms`, `numbers`: what the policies state instead, as in `short_policies`. `dates`: those of
    every call, by field."""
    regions = folder / "regions"
    shutil.copytree(REGIONS, regions)
    for path in policy_files(regions):
        path.write_text(shorten(path.read_text(encoding="utf-8"), terms, numbers), encoding="utf-8")
    for path in call_files(regions):
        text = path.read_text(encoding="utf-8")
        for field, value in dates.items():
            text = re.sub(rf"^{field} = .*$", f"{field} = {value}", text, flags=re.MULTILINE)
        path.write_text(text, encoding="utf-8")
    return regions
