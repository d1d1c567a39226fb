"""Workflows that began under an earlier version of the code continue under this one.

The histories were written by `pytest tests/workflows --record-histories`, in clear. When a replay fails, the change needs
`workflow.patched` or a new workflow type; a history is replaced only where no lifecycle of its kind can be in flight any more.
"""

import asyncio
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from services.vouchers.temporal import data_converter
from services.vouchers.temporal_worker import WORKFLOWS
from tests.support.desk import SEALING

HISTORIES = sorted((Path(__file__).parent / "histories").glob("*.json"))


def test_every_workflow_has_histories() -> None:
    assert {path.name.split(".")[0] for path in HISTORIES} == {"voucher", "call_calendar", "milestone", "retention"}


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
async def test_recorded_history_replays(path: Path) -> None:
    text = await asyncio.to_thread(path.read_text)
    replayer = Replayer(workflows=list(WORKFLOWS), data_converter=data_converter(SEALING))
    await replayer.replay_workflow(WorkflowHistory.from_json(path.stem, text))
