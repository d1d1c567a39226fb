"""The actor and the regions of the commands on the embedded platform."""

from pathlib import Path

from deploy.embedded.data_directory import REGIONS, DataDirectory
from deploy.embedded.state import load_state
from operations.client import Person
from shared.identity.actor import Role


def regions() -> Path:
    """The folder of policies and calls: that of the started platform, else the repository's."""
    kept = load_state(DataDirectory.default())
    return kept.policies if kept else REGIONS


def officer() -> Person:
    """An actor with the role of officer in every region."""
    return Person("officer-cli", Role.OFFICER, frozenset(path.name for path in regions().iterdir() if path.is_dir()))
