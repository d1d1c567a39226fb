"""`triptych chaos`: strikes a platform of its own while people work on it, and looks whether the invariants held."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from deploy.embedded.home import Home
from operations.cli.console import fail, out
from shared.messaging.profile import BrokerKind
from simulation.chaos.campaign import Orders, as_json, campaign
from simulation.chaos.faults import FAULTS
from simulation.chaos.round import Outcome

app = typer.Typer()


@app.command()
def chaos(
    rounds: Annotated[int, typer.Option(help="How many rounds.", min=1)] = 5,
    seed: Annotated[int, typer.Option(help="Decides population, faults and their moments.")] = 1,
    first: Annotated[int, typer.Option(help="Number of the first round: replays a later round of a campaign.", min=0)] = 0,
    broker: Annotated[BrokerKind, typer.Option(help="What carries the events.")] = BrokerKind.TANSU,
    brokers: Annotated[int, typer.Option(help="How many brokers: 1, or 3 of Apache Kafka.")] = 1,
    only: Annotated[str | None, typer.Option(help="This fault alone; see --list.")] = None,
    folder: Annotated[Path | None, typer.Option(help="Where platform and report are put (default: chaos/ in the platform's home).")] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the faults.")] = False,
) -> None:
    """Strike a platform of its own with seeded faults, round after round, and verify it after each. Status 1: something was found."""
    if listed:
        for name, fault in sorted(FAULTS.items()):
            out.print(f"{name:<22} {fault.about}", highlight=False, soft_wrap=True)
        return
    if only is not None and only not in FAULTS:
        fail(f"There is no fault {only}: `triptych chaos --list` names them.")
    if brokers not in (1, 3) or (brokers == 3 and broker is not BrokerKind.KAFKA):
        fail("There is one broker, or three of Apache Kafka.")
    orders = Orders(rounds, seed, broker, folder or Home.default().root / "chaos", 3 if brokers == 3 else 1, only, first)
    report = orders.folder / f"report-{broker}-{brokers}-{seed}-{first}.json"
    outcomes: list[Outcome] = []

    def done(outcome: Outcome) -> None:
        outcomes.append(outcome)
        report.write_text(as_json(orders, outcomes))  # after each round: a campaign that is broken off has told what it saw
        _tell(outcome)

    asyncio.run(campaign(orders, done))
    _sum_up(outcomes, report)
    if any(outcome.found for outcome in outcomes):
        raise typer.Exit(1)


def _tell(outcome: Outcome) -> None:
    shown = [strike for strike in outcome.struck if outcome.found or not strike.missed]
    strikes = "; ".join(f"{strike.at:.0f} s {strike.fault}{' missed' if strike.missed else ''}: {strike.what}" for strike in shown)
    verdict = f"[red]{len(outcome.found)} found[/red]" if outcome.found else "[green]sound[/green]"
    seen = ", ".join(f"{count} {what}" for what, count in outcome.seen.items())
    out.print(f"round {outcome.number}: {verdict} after {outcome.seconds:.0f} s ({seen})", highlight=False, soft_wrap=True)
    out.print(f"  {escape(strikes)}", style="dim", highlight=False, soft_wrap=True)
    for finding in outcome.found:
        out.print(f"  {finding}", style="red", markup=False, highlight=False, soft_wrap=True)


def _sum_up(outcomes: list[Outcome], report: Path) -> None:
    struck = Counter(strike.fault for outcome in outcomes for strike in outcome.struck if not strike.missed)
    failed = [str(outcome.number) for outcome in outcomes if outcome.found]
    out.print(", ".join(f"{count} × {name}" for name, count in sorted(struck.items())), highlight=False, soft_wrap=True)
    verdict = f"[red]something was found in rounds {', '.join(failed)}[/red]" if failed else "[green]every invariant held[/green]"
    out.print(f"{len(outcomes)} rounds in {sum(outcome.seconds for outcome in outcomes):.0f} s: {verdict}. {report}", soft_wrap=True)
