"""`triptych up|down|status|logs`: the embedded platform on this machine."""

import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

import typer
from pydantic import ValidationError
from rich.table import Table
from rich.text import Text

from deploy.embedded import daemon
from deploy.embedded.binaries import MissingServer
from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.ports import LOOPBACK
from deploy.embedded.process import ProcessFailed
from deploy.embedded.process_status import PlatformStatus, ProcessStatus
from deploy.embedded.state import NO_TLS, StartOptions, changes_broker, load_state
from deploy.embedded.supervisor import AlreadyRunning
from operations.cli.console import fail, out, wide
from operations.cli.follow import follow, last_lines
from shared.kernel.clock import DAY_SECONDS
from shared.kernel.services import SERVICES
from shared.messaging.profile import BrokerKind

app = typer.Typer(pretty_exceptions_show_locals=False)  # locals may hold secrets
BrokerOption = Annotated[BrokerKind | None, typer.Option(help="The broker (default: as at the last start; at first tansu).")]
BrokersOption = Annotated[Literal[1, 3] | None, typer.Option(help="Number of Kafka brokers (default: as at the last start; at first 1).")]
_COLOURS = {"ready": "green", "starting": "yellow", "restarting": "red", "stopped": "dim", "waiting": "dim"}


@app.command()
def up(
    foreground: Annotated[bool, typer.Option("--foreground", help="Run in the foreground; Ctrl-C stops everything.")] = False,
    port: Annotated[int | None, typer.Option(help="Port of the gateway (default: 8080, or a free one).")] = None,
    broker: BrokerOption = None,
    brokers: BrokersOption = None,
    host: Annotated[list[str] | None, typer.Option(help="A further name under which it is served; may be given several times.")] = None,
    tls: Annotated[
        Path | None, typer.Option(help="Folder of certificate.pem and key.pem, or `off` (default: as at the last start).")
    ] = None,
    temporal_pages: Annotated[
        bool | None, typer.Option(help="Temporal's own pages, on loopback, without a token (default: as last time; at first off).")
    ] = None,
    compact: Annotated[
        bool | None, typer.Option(help="One process for a service's API and workers: less memory (default: as last time; at first off).")
    ] = None,
    regions: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="Folder of policies, forms and calls (default: as last time).")
    ] = None,
    day_seconds: Annotated[
        int | None, typer.Option(min=1, max=DAY_SECONDS, help="Real seconds of a programme day, at the first start (default: 1).")
    ] = None,
    programme_date: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day of the programme, at the first start.")
    ] = None,
) -> None:
    """Start the platform and return when every process is ready."""
    data = DataDirectory.default()
    try:
        options = StartOptions(
            gateway_port=port,
            broker=broker,
            brokers=brokers,
            hosts=host or None,
            tls=NO_TLS if tls == Path(NO_TLS) else tls,
            temporal_pages=temporal_pages,
            compact=compact,
            regions=regions,
            day_seconds=day_seconds,
            programme_date=programme_date.date() if programme_date else None,
        )
    except ValidationError:
        fail("--host takes names without a port, such as grants.example.org.")
    refuse_another_broker(data, options)
    try:
        if foreground:
            daemon.run(data, options, lambda line: _foreground_line(data, line))
            return
        _start_with_progress(data, options)
    except (ProcessFailed, MissingServer, AlreadyRunning) as error:
        fail(str(error))
    print_addresses(data)


@app.command()
def down() -> None:
    """Stop the platform. Its data is kept."""
    with out.status("stopping"):
        ran = daemon.stop(DataDirectory.default())
    out.print("The platform has stopped." if ran else "The platform was not running.")


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="The same as JSON.")] = False,
    process: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=ADDRESS", help="Ask this process instead of those on this machine; may be given several times."),
    ] = None,
) -> None:
    """Show every process: state, port, uptime, memory; and what it measures. Exit status 1 unless all are ready and answer."""
    from operations.cli import measured  # the other commands start without it

    if process:
        try:
            addresses = measured.addresses_of(process)
        except ValueError as error:
            fail(str(error))
        raise typer.Exit(not (measured.echo_measured(addresses, {}) if as_json else measured.show_measured(addresses, wide())))
    status = daemon.platform_status(DataDirectory.default())
    if status is None:
        fail("The platform is not running.")
    states = {name: entry.state for entry in status.processes for name in (entry.name, *entry.parts)}
    asked = {entry.name: entry.port for entry in status.processes if measures(entry)}
    asked |= {name: port for entry in status.processes if entry.state == "ready" for name, port in entry.parts.items()}
    addresses = {name: f"http://{LOOPBACK}:{port}" for name, port in asked.items()}
    if as_json:
        raise typer.Exit(not measured.echo_measured(addresses, states) or set(states.values()) != {"ready"})
    table = Table("process", "state", "pid", "port", "uptime", "memory", "restarts")
    for entry in status.processes:
        table.add_row(*_row(entry))
    wide().print(table)
    well = measured.show_measured(addresses, wide())
    print_addresses(DataDirectory.default())
    if any(entry.state != "ready" for entry in status.processes) or not well:
        raise typer.Exit(1)


def measures(entry: ProcessStatus) -> bool:
    """An API, or a worker beside it."""
    return entry.state == "ready" and entry.name in {*SERVICES, *(f"{service}-worker" for service in SERVICES), "vouchers-temporal"}


@app.command()
def logs(
    name: Annotated[str | None, typer.Argument(help="One process, as `triptych status` names it; all when omitted.")] = None,
    following: Annotated[bool, typer.Option("--follow", "-f", help="Follow the logs until Ctrl-C.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", help="Number of last lines of each log.", min=0)] = 20,
) -> None:
    """Print the logs of the processes."""
    data = DataDirectory.default()
    files = sorted(data.logs.glob("*.log")) if name is None else [data.log(name)]
    if name is not None and not files[0].exists():
        known = ", ".join(sorted(path.stem for path in data.logs.glob("*.log")))
        fail(f"There is no log of {name}. Logs: {known or 'none yet'}.")
    for file in files:
        for line in last_lines(file, lines):
            out.print(f"{file.stem} | {line}", highlight=False, soft_wrap=True)
    if following:
        follow(files, lambda file, line: out.print(f"{file.stem} | {line}", highlight=False, soft_wrap=True))


def refuse_another_broker(data: DataDirectory, options: StartOptions) -> None:
    """Fails when the platform runs on another broker: it cannot change its broker while it runs."""
    now = load_state(data)
    try:
        if now is not None and daemon.platform_status(data) is not None and changes_broker(now, options):
            running = f"{now.broker} ({', '.join(now.broker_names)})"
            fail(f"The platform runs on {running}. Stop it with `triptych down` before you start it on another broker.")
    except ProcessFailed as error:
        fail(str(error))


def print_addresses(data: DataDirectory) -> None:
    now = load_state(data)
    if now is None:
        return
    today, first = now.clock.now(), now.clock_programme
    begins = "it began on" if today >= first else "it begins on"
    for what, where in {
        "platform": f"{now.gateway} (and /api/<service>/docs: applications, evaluation, vouchers, payments, people)",
        "mailbox": f"{now.mailbox} (every mail of the platform)",
        "lifecycles": now.temporal_pages_address or "Temporal's pages are off (triptych up --temporal-pages)",
        "broker": f"{now.broker} at {now.kafka}",
        "logs": str(data.logs),
        "programme": f"{today:%d %B %Y}, one day in {now.day_seconds} s; {begins} {first:%d %B %Y}",
    }.items():
        out.print(f"{what:<10} {where}", highlight=False, soft_wrap=True)


def _start_with_progress(data: DataDirectory, options: StartOptions) -> None:
    """Prints one line for each process that becomes ready, and the current step beside a spinner."""
    ready: set[str] = set()
    started = time.monotonic()
    with out.status("starting") as spinner:

        def show(status: PlatformStatus) -> None:
            for entry in status.processes:
                if entry.state == "ready" and entry.name not in ready:
                    ready.add(entry.name)
                    out.print(f"[green]ready[/green] {entry.name} ({time.monotonic() - started:.0f} s)", markup=True, highlight=False)
            spinner.update(f"starting: {status.current_step or '...'}")

        daemon.start(data, options, show)


def _foreground_line(data: DataDirectory, line: str) -> None:
    out.print(line, highlight=False)
    if line == "ready":
        print_addresses(data)
        out.print("Ctrl-C stops the platform.")


def _row(entry: ProcessStatus) -> tuple[str | Text, ...]:
    process = entry.handle.process() if entry.handle else None
    running = process is not None and entry.state in ("ready", "starting")
    uptime = str(timedelta(seconds=int(time.time() - process.create_time()))) if process and running else ""
    memory = f"{process.memory_info().rss / 2**20:.0f} MB" if process and running else ""
    pid = str(process.pid) if process and running else ""
    return entry.name, Text(entry.state, _COLOURS[entry.state]), pid, str(entry.port or ""), uptime, memory, str(entry.restarts)
