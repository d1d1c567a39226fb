"""Shared by all commands: the consoles, and the end of a command with an error. Everything that the command line shows goes through here.

What is shown holds text of others (a file's name, a title, an answer, a line of a log). A terminal obeys nothing in it, and no bracket or
colon in it means a style.
"""

from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any, NoReturn

import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.state import State, load_state
from shared.kernel.printable import printable

_WIDE = 160
_AT = ContextVar("at", default="")
_COMMAND = ContextVar("command", default="")


class PlainConsole(Console):
    """Text is shown as it is. `markup=True`, where all of the text is our own."""

    def __init__(self, *, stderr: bool = False, width: int | None = None) -> None:
        super().__init__(stderr=stderr, width=width, markup=False, emoji=False)

    def render_str(self, text: str, **how: Any) -> Text:
        return super().render_str(printable(text, keep="\n"), **how)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Every text comes here or to `render_str` before it is laid out."""
        if isinstance(renderable, Text):
            renderable = renderable.copy()
            renderable.plain = printable(renderable.plain, keep="\n")
        return super().render(renderable, options)


BY_ADDRESS = (
    "calls", "policies", "applications", "cases", "people", "bank", "subject", "retention", "whatif", "sign-in", "sign-out", "who",
)  # fmt: skip
"""Commands, or groups of which at least one command, that need nothing but the APIs and a sign-in."""

out = PlainConsole()
err = PlainConsole(stderr=True)


def wide() -> Console:
    """A console for tables: a terminal with its own width; for a file or a pipe at least `_WIDE` columns."""
    return out if out.is_terminal else PlainConsole(width=max(_WIDE, out.width))


def echo(text: str) -> None:
    """What a program reads, such as JSON or a token: on lines of its own, not wrapped."""
    typer.echo(printable(text, keep="\n"))


def fail(message: str) -> NoReturn:
    """Prints the message on standard error and exits with status 1."""
    err.print(message, style="red", highlight=False, soft_wrap=True)
    raise typer.Exit(1)


def use(at: str, command: str) -> None:
    """Which installation the command is for (address or name; empty: the platform of this machine), and what the command is called."""
    _AT.set(at)
    _COMMAND.set(command)


def at() -> str:
    return _AT.get()


def only_there(command: str) -> NoReturn:
    """Ends a command that works on databases, keys or processes, and was asked for by address."""
    fail(
        f"This command works on the databases, keys or processes of an installation, which have no address. Run it there, in the "
        f"image of the installation: `docker compose run --rm operator {command} ...` (docs/operations/containers.md). By address go: "
        f"{', '.join(BY_ADDRESS)}."
    )


def state_or_fail(data: DataDirectory) -> State:
    """Of the platform of this machine."""
    if at():
        only_there(_COMMAND.get())
    kept = load_state(data)
    if kept is None:
        fail("There is no platform here yet: start it with `triptych up`.")
    return kept
