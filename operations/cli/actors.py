"""Who acts at the command line, and how they sign in."""

from datetime import timedelta
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

from deploy.embedded.data_directory import REGIONS, DataDirectory
from deploy.embedded.state import State, load_state
from operations.cli.console import fail
from operations.client import Api, Person

OFFICER, SECOND_OFFICER, AUDITOR = Person("officer-cli"), Person("second-officer-cli"), Person("auditor-cli")
"""By the names that they have at the identity provider. Their roles in the regions are granted like everybody's."""


def regions() -> Path:
    """The folder of policies and calls: that of the started platform, else the repository's."""
    kept = load_state(DataDirectory.default())
    return kept.policies if kept else REGIONS


def api_of(data: DataDirectory, state: State, retry_for: timedelta = timedelta(minutes=2)) -> Api:
    """A client for persons whose sign-ins the identity provider of the platform proves without a browser, as the simulated one does."""
    there = [declared for declared in entry_points(group="triptych.proofs") if find_spec(declared.module.partition(".")[0])]
    if not there:
        fail("Nobody signs in at the command line here: this needs the simulated identity provider.")
    return Api(state.gateway, there[0].load()(data, state), retry_for=retry_for, trust=state.trust)
