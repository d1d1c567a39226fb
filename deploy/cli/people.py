"""Whom the commands act as on the embedded platform."""

from pathlib import Path

from deploy.client import Person
from deploy.embedded.home import REPOSITORY
from shared.identity.actor import Role


def regions() -> Path:
    """The folder of policies and calls."""
    return REPOSITORY / "regions"


def officer() -> Person:
    """An officer of every region."""
    return Person("officer-cli", Role.OFFICER, frozenset(path.name for path in regions().iterdir() if path.is_dir()))
