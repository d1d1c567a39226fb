"""`triptych chaos`: injects faults into a platform of its own under load, and checks whether the invariants held."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.embedded.data_directory import DataDirectory
from operations.cli.console import fail, out
from shared.messaging.profile import BrokerKind

if TYPE_CHECKING:  # the campaign is imported by the command, so that others start at once
    from simulation.chaos.round import RoundResult

app = typer.Typer()


@app.command()
def chaos(
    rounds: Annotated[int, typer.Option(help="How many rounds.", min=1)] = 5,
    seed: Annotated[int, typer.Option(help="Decides workload, faults and their times.")] = 1,
    first: Annotated[int, typer.Option(help="Number of the first round, to repeat a later round of a campaign.", min=0)] = 0,
    broker: Annotated[BrokerKind, typer.Option(help="Which broker carries the events.")] = BrokerKind.TANSU,
    brokers: Annotated[int, typer.Option(help="How many brokers: 1, or 3 of Apache Kafka.")] = 1,
    only: Annotated[str | None, typer.Option(help="Inject this fault alone; see --list.")] = None,
    compact: Annotated[bool, typer.Option(help="On a platform with one process for a service's API and workers.")] = False,
    folder: Annotated[
        Path | None, typer.Option(help="Folder of platform and report (default: chaos/ in the platform's data directory).")
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the faults.")] = False,
) -> None:
    """Start a platform, inject seeded faults in rounds, and verify it after each round. Exit status 1 if there are findings."""
    from simulation.chaos.campaign import CampaignOptions, as_json, run_campaign
    from simulation.chaos.faults import FAULTS

    if listed:
        for name, fault in sorted(FAULTS.items()):
            out.print(f"{name:<22} {fault.description}", highlight=False, soft_wrap=True)
        return
    if only is not None and only not in FAULTS:
        fail(f"There is no fault {only}: `triptych chaos --list` names them.")
    if brokers not in (1, 3) or (brokers == 3 and broker is not BrokerKind.KAFKA):
        fail("Choose one broker, or three of Apache Kafka.")
    where = folder or DataDirectory.default().root / "chaos"
    options = CampaignOptions(rounds, seed, broker, where, 3 if brokers == 3 else 1, only, first, compact)
    report = options.folder / f"report-{broker}-{brokers}-{seed}-{first}.json"
    results: list[RoundResult] = []

    def on_round(result: "RoundResult") -> None:
        results.append(result)
        report.write_text(as_json(options, results))  # after each round, so that an interrupted campaign has a report
        _print_round(result)

    asyncio.run(run_campaign(options, on_round))
    _print_summary(results, report)
    if any(result.findings for result in results):
        raise typer.Exit(1)


def _print_round(result: "RoundResult") -> None:
    shown = [each for each in result.injected if result.findings or not each.skipped]
    faults = "; ".join(f"{each.at:.0f} s {each.fault}{' skipped' if each.skipped else ''}: {each.detail}" for each in shown)
    verdict = f"[red]{len(result.findings)} findings[/red]" if result.findings else "[green]no finding[/green]"
    counts = ", ".join(f"{count} {name}" for name, count in result.counts.items())
    banks = ", ".join(f"{region} {kind}" for region, kind in result.banks.items())
    out.print(f"round {result.number}: {verdict} after {result.seconds:.0f} s ({counts})", markup=True, highlight=False, soft_wrap=True)
    out.print(f"  banks: {banks}", style="dim", highlight=False, soft_wrap=True)
    out.print(f"  {faults}", style="dim", highlight=False, soft_wrap=True)
    for finding in result.findings:
        out.print(f"  {finding}", style="red", highlight=False, soft_wrap=True)


def _print_summary(results: "list[RoundResult]", report: Path) -> None:
    injected = Counter(each.fault for result in results for each in result.injected if not each.skipped)
    failed = [str(result.number) for result in results if result.findings]
    out.print(", ".join(f"{count} × {name}" for name, count in sorted(injected.items())), highlight=False, soft_wrap=True)
    verdict = f"[red]findings in rounds {', '.join(failed)}[/red]" if failed else "[green]every invariant held[/green]"
    out.print(f"{len(results)} rounds in {sum(result.seconds for result in results):.0f} s: {verdict}.", markup=True, soft_wrap=True)
    out.print(str(report), highlight=False, soft_wrap=True)
