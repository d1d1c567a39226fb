"""`python -m deploy.compose.installation FOLDER`: the folder that the operator's commands work on, within a container of the image.

Made at each start, of the operator's secrets: the volumes of the installation are mounted in it. Its clock is that of the simulated
programme, where there is one.
"""

import os
import shutil
import sys
from pathlib import Path

from deploy.compose.secrets import MOUNTED
from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.state import State, write_state
from shared.runtime.settings import ClockSettings

OPERATOR = Path(MOUNTED) / "operator"


def prepare(data: DataDirectory, given: Path = OPERATOR, regions: Path | None = None) -> State:
    """`given`: the operator's files; `regions`: the folder of the policies. Returns the state that was written."""
    clock = ClockSettings()
    state = State.model_validate_json((given / "state.json").read_text())
    changes = clock.model_dump(include={"clock_real", "clock_programme", "day_seconds"}) | {"regions": regions}
    state = state.model_copy(update=changes)
    write_state(data.state_file, state)
    for name, target in {
        "keys.json": data.master_keys,
        "platform.jwks.json": data.bank_keys.our_public,
        "provider.json": data.provider_key,
    }.items():
        if (given / name).exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(given / name, target)
    return state


if __name__ == "__main__":
    prepare(DataDirectory(Path(sys.argv[1])), regions=Path(os.environ["TRIPTYCH_REGIONS"]))
