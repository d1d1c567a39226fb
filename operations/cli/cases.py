"""`triptych cases`: the history of one case across the services, with an auditor's rights."""

from datetime import timedelta
from typing import Annotated

import typer

from operations.cases.gather import UnknownReference, gather_case_history
from operations.cases.render import render
from operations.cli.actors import AUDITOR
from operations.cli.address import answer
from operations.cli.console import echo, fail, wide

app = typer.Typer(help="Single cases.", no_args_is_help=True)


@app.command()
def show(
    ref: Annotated[str, typer.Argument(help="Receipt number, voucher code, or any id.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the history as JSON.")] = False,
) -> None:
    """Show the history of one case: events with actor, time, reason and rule version, scores, money, and what it waits for."""
    try:
        history = answer(lambda api: gather_case_history(api, AUDITOR, ref), timedelta(seconds=15))
    except UnknownReference as error:
        fail(str(error))
    if as_json:
        echo(history.model_dump_json(indent=2))
    else:
        wide().print(render(history))
