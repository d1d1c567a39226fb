"""Whom the commands act as on the embedded platform."""

from pathlib import Path

from deploy.embedded.data_directory import REGIONS, DataDirectory
from deploy.embedded.state import load_state
from operations.client import Person
from shared.identity.actor import Role


def regions() -> Path:
    """The folder of policies and calls: the platform's own, where there is one."""
    kept = load_state(DataDirectory.default())
    return kept.policies if kept else REGIONS


def officer() -> Person:
    """An officer of every region."""
    return Person("officer-cli", Role.OFFICER, frozenset(path.name for path in regions().iterdir() if path.is_dir()))
