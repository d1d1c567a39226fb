"""Which installation a command is for: that of `--at`, with the sign-in that is kept of it, or the platform of this machine."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import typer

from deploy.embedded.data_directory import DataDirectory
from operations.cli.actors import api_of
from operations.cli.console import at, fail, state_or_fail
from operations.client import Api, Problem
from operations.installations.profiles import Installation, ProfileError, Profiles

T = TypeVar("T")
Question = Callable[[Api], Awaitable[T]]
PATIENCE = timedelta(seconds=30)
"""For an installation that does not answer: a person waits."""


def profiles() -> Profiles:
    """Of the user who runs the command."""
    return Profiles(Path(typer.get_app_dir("triptych")))


def chosen() -> Installation | None:
    """That of `--at`; None for the platform of this machine. The command ends where nobody is signed in there."""
    wanted = at()
    if not wanted:
        return None
    try:
        found = profiles().find(wanted)
    except ProfileError as error:
        fail(str(error))
    if found is None:
        fail(f"Nobody is signed in at {wanted}: `triptych --at {wanted} sign-in`.")
    return found


def api_here(retry_for: timedelta = timedelta(minutes=2)) -> Api:
    """The APIs of the installation of `--at`, as who is signed in there; else of the platform of this machine, as its simulated people."""
    installation = chosen()
    if installation is not None:
        from operations.installations.api import SignedInApi  # other commands start without it

        return SignedInApi(installation, min(retry_for, PATIENCE))
    data = DataDirectory.default()
    return api_of(data, state_or_fail(data), retry_for)


def answer(question: Question[T], retry_for: timedelta = timedelta(minutes=2)) -> T:
    """What the APIs answer. The command ends with the reason of a refusal."""
    api = api_here(retry_for)

    async def ask() -> T:
        try:
            return await question(api)
        finally:
            await api.close()

    try:
        return asyncio.run(ask())
    except Problem as problem:
        fail(str(problem))
