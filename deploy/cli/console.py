"""What all commands share: where they print, and how they end when something is wrong."""

from typing import NoReturn

import typer
from rich.console import Console

from deploy.embedded import state
from deploy.embedded.home import Home
from deploy.embedded.state import State

out = Console()
err = Console(stderr=True)


def fail(message: str) -> NoReturn:
    """Says why on standard error and ends with status 1."""
    err.print(message, style="red", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(1)


def state_or_fail(home: Home) -> State:
    kept = state.load(home)
    if kept is None:
        fail("There is no platform here yet: start it with `triptych up`.")
    return kept
