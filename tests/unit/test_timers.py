"""Temporal reads timers of less than a second in time: its own default of a second makes deadlines of a short programme day come late."""

from pathlib import Path

import yaml

from deploy.embedded.servers import Temporal

ROOT = Path(__file__).resolve().parents[2] / "deploy" / "temporal"
SETTING = "history.timerProcessorMaxTimeShift"
MOST_MILLISECONDS = 100
"""A tenth of the shortest programme day."""


def test_timers_are_read_in_time_by_both_ways_to_run(tmp_path: Path) -> None:
    """See findings/temporal-timers-under-a-second.sh; how late they are is measured by `python -m bench timers`."""
    [given] = [text.partition("=")[2].strip('"') for text in Temporal(tmp_path).command() if text.startswith(SETTING)]
    [stated] = [one["value"] for one in yaml.safe_load((ROOT / "dynamic.yaml").read_text())[SETTING]]
    assert "dynamic.yaml" in (ROOT / "server.yaml").read_text()
    assert all(0 < int(value.removesuffix("ms")) <= MOST_MILLISECONDS for value in (given, stated))
