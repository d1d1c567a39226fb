"""The whole platform through its command line: start, one address, restarts, recovery after a crash, stop."""

import asyncio
import html
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import asyncpg
import httpx
import psutil
import pytest

from deploy.embedded import daemon
from deploy.embedded.data_directory import REPOSITORY, DataDirectory
from deploy.embedded.identity import unverified_claims
from deploy.embedded.ports import free_port
from deploy.embedded.process_status import PlatformStatus
from deploy.embedded.state import SUPERUSER, State, read_state
from operations.cli.actors import AUDITOR
from operations.client import Api, Person
from shared.identity.actor import Role, grants
from shared.identity.tokens import actor_of
from shared.kernel.services import SERVICES
from simulation.provider.people import demonstration_people, regions_in
from simulation.provider.proofs import proofs_of
from tests.support.processes import have_ended

pytestmark = pytest.mark.timeout(600)
get = partial(httpx.get, timeout=60)
"""The first answer of a process may wait for others that start beside it."""
TRIPTYCH = str(Path(sys.executable).parent / "triptych")


class Platform:
    def __init__(self, data: DataDirectory) -> None:
        self.data = data

    def run(self, *arguments: str, status: int = 0) -> str:
        env = {**os.environ, "TRIPTYCH_HOME": str(self.data.root)}  # noqa: TID251 (of a child process)
        done = subprocess.run([TRIPTYCH, *arguments], env=env, check=False, capture_output=True, text=True, timeout=540)
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    @property
    def state(self) -> State:
        return read_state(self.data)

    @property
    def status(self) -> PlatformStatus:
        status = daemon.platform_status(self.data)
        assert status is not None
        return status

    def pid(self, name: str) -> int:
        return next(entry.handle.pid for entry in self.status.processes if entry.name == name and entry.handle)

    def processes(self) -> list[psutil.Process]:
        supervisor = psutil.Process(self.status.supervisor.pid)
        return [supervisor, *supervisor.children(recursive=True)]


CALL = str(REPOSITORY / "regions/be-kortrijk/calls/creative-voucher-2026-1.toml")


@pytest.fixture(scope="module")
def platform(server_folder: Path) -> Iterator[Platform]:
    platform = Platform(DataDirectory(server_folder / "platform"))
    try:
        platform.run("up", "--port", str(free_port()), "--temporal-pages")
        yield platform
    finally:
        platform.run("down")


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not become true in time"
        time.sleep(0.1)


def process_clock_behind() -> float:
    """Seconds by which the start of a process seems earlier than it is: psutil counts from the machine's start, in whole seconds."""
    with subprocess.Popen(["sleep", "60"]) as child:
        now = time.time()
        started = psutil.Process(child.pid).create_time()
        child.kill()
    return now - started


async def test_verify_broken_invariant_ends_with_status_1(platform: Platform) -> None:
    # of a platform that runs: the first persons may just be registered
    assert json.loads(await asyncio.to_thread(platform.run, "verify", "--running", "--json"))["ok"] is True
    stray = "00000000-0000-0000-0000-000000000001"
    admin = await asyncpg.connect(platform.state.database_url("payments", SUPERUSER, driver="postgresql"))
    await admin.execute("INSERT INTO inbox (event_id) VALUES ($1)", stray)
    try:
        assert "verify --running" in await asyncio.to_thread(platform.run, "verify", status=1)
        assert stray in await asyncio.to_thread(platform.run, "verify", "--json", status=1)  # has all, not the first twenty
    finally:
        await admin.execute("DELETE FROM inbox WHERE event_id = $1", stray)
        await admin.close()


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_answers_at_the_gateway(platform: Platform, service: str) -> None:
    document = get(f"{platform.state.gateway}/api/{service}/openapi.json").json()
    assert all(path.startswith(f"/api/{service}/") for path in document["paths"])


def test_links_of_start_and_developers_work(platform: Platform) -> None:
    page = "".join(get(f"{platform.state.gateway}{path}").text for path in ("/", "/developers"))
    links = {html.unescape(link) for link in re.findall(r'(?:href|src)="(/[^"]*)"', page)} - {"/sign-in"}  # which leads elsewhere
    assert {f"/api/{service}/docs" for service in SERVICES} | {"/.well-known/jwks.json"} <= links
    answers = {link: get(platform.state.gateway + link, follow_redirects=True) for link in links}
    assert {link for link, answer in answers.items() if answer.status_code != 200} == set()


def test_token_command_gives_access(platform: Platform) -> None:
    calls = f"{platform.state.gateway}/api/applications/calls"
    token = platform.run("token", "auditor-1.kortrijk").strip()
    assert get(calls).status_code == 401
    assert get(calls, headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_token_of_somebody_else_is_refused(platform: Platform) -> None:
    output = platform.run("token", "auditor-1.atlantis", status=1)
    assert "There is no auditor-1.atlantis in the demonstration" in " ".join(output.split())


async def test_people_of_the_demonstration_have_their_roles(platform: Platform) -> None:
    """As the services read them, given by two; who acts at the command line has them everywhere."""
    regions = regions_in(platform.state.policies)
    api = Api(platform.state.gateway, proofs_of(platform.data, platform.state))
    people = list(demonstration_people(regions))
    tokens = await asyncio.gather(*(api.token(Person(person.user_name)) for person in people))
    given = [role async for role in api.list_items(AUDITOR, "/api/people/roles")]
    await api.close()
    for person, token in zip(people, tokens, strict=True):
        wanted = set() if person.kind == Role.APPLICANT else grants({Role(person.kind)}, {person.region} if person.region else regions)
        assert actor_of(unverified_claims(token)).grants == wanted, person
    alone = {(role["region"], role["role"]) for role in given if role["decided_by"] in (None, role["proposed_by"])}
    assert alone == {(region, "administrator") for region in regions}
    assert all(role["state"] == "granted" and role["in_force"] for role in given)


def test_status_lists_every_process_as_ready(platform: Platform) -> None:
    table = platform.run("status")
    assert all(entry.name in table for entry in platform.status.processes)
    assert "starting" not in table


def test_status_shows_what_the_processes_measure(platform: Platform) -> None:
    """Each API, worker and worker of workflows answers; the same as JSON."""
    table = platform.run("status")
    assert "does not answer" not in table
    found = json.loads(platform.run("status", "--json"))
    assert {name for name, one in found.items() if one["state"] != "ready"} == set()
    measured = {name: {each["name"] for each in one["measurements"] or ()} for name, one in found.items()}
    assert {"triptych.outbox.age", "triptych.consumer.lag", "triptych.workflow.backlog", "triptych.workflow.workers"} <= measured[
        "vouchers-worker"
    ]
    assert {"triptych.payments.unknown.age", "triptych.payments.held"} <= measured["payments-worker"]
    assert "triptych.requests" in measured["people"]


def test_status_names_the_pages_of_temporal_on_loopback(platform: Platform) -> None:
    """They ask for no token, so the public address does not lead there (`tests/hostile/test_origin.py`)."""
    found = re.search(r"lifecycles +(http://127\.0\.0\.1:\d+/\S+)", platform.run("status"))
    assert found
    assert get(found[1]).status_code == 200
    port = httpx.URL(found[1]).port
    assert port != platform.state.ports["caddy"]
    listening = {each.laddr for each in psutil.net_connections("tcp") if each.status == psutil.CONN_LISTEN and each.laddr.port == port}
    assert {address.ip for address in listening} == {"127.0.0.1"}


def test_killed_worker_is_restarted(platform: Platform) -> None:
    before = platform.pid("payments-worker")
    psutil.Process(before).kill()
    until(lambda: platform.pid("payments-worker") != before)
    until(lambda: all(entry.state == "ready" for entry in platform.status.processes))


def test_clock_without_events_restarts_with_the_platform(platform: Platform) -> None:
    """The first days of the programme do not pass before it is used. Every process gets the new start."""
    before = platform.state.clock
    platform.run("down")
    down = time.time()
    platform.run("up")
    assert (after := platform.state.clock).real.timestamp() > down
    assert after.programme == before.programme
    written = platform.data.state_file.stat().st_mtime
    started = [psutil.Process(platform.pid(name)).create_time() for name in (*SERVICES, "vouchers-temporal", "bank")]
    assert min(started) + process_clock_behind() > written - 0.1  # a process reads its start from there


def test_killed_supervisor_leaves_no_process_and_loses_no_state(platform: Platform) -> None:
    platform.run("calls", "load", CALL)
    before, processes = platform.state, platform.processes()
    processes[0].kill()  # the supervisor, which cannot clean up any more
    until(lambda: have_ended(processes), 20)
    platform.run("up")
    assert platform.state.clock == before.clock
    assert platform.state.passwords == before.passwords


def test_demo_after_the_deadline_of_a_call_fails_plainly(platform: Platform) -> None:
    platform.run("calls", "load", CALL)  # from the first event on the clock stays
    platform.run("down")
    a_year_on = platform.state.clock_real - platform.state.clock.real_duration(timedelta(days=365))
    platform.data.state_file.write_text(platform.state.model_copy(update={"clock_real": a_year_on}).model_dump_json())
    platform.run("up", "--compact")  # as the tests after it find it
    output = " ".join(platform.run("demo", "--region", "dk-kolding", status=1).split())
    assert "The call of dk-kolding ended on 15 January 2026" in output
    assert "Traceback" not in output


def test_parts_of_a_compact_platform_work_and_come_back(platform: Platform) -> None:
    before = platform.pid("vouchers")
    assert not any("worker" in entry.name or "temporal-" in entry.name for entry in platform.status.processes)
    psutil.Process(before).kill()
    until(lambda: platform.pid("vouchers") != before and all(entry.state == "ready" for entry in platform.status.processes))
    found = json.loads(platform.run("status", "--json"))
    measured = {name: {each["name"] for each in one["measurements"] or ()} for name, one in found.items()}
    assert "triptych.workflow.workers" in measured["vouchers-worker"]
    assert {f"{service}-worker" for service in SERVICES} | {"vouchers-temporal"} <= measured.keys()


def test_revoked_token_stops_working_within_a_minute(platform: Platform) -> None:
    """Among the last: a minute is two months of the programme."""
    calls = f"{platform.state.gateway}/api/applications/calls"
    tokens = [platform.run("token", name).strip() for name in ("officer-2.kortrijk", "officer-3.kortrijk")]
    person = platform.run("whoami", tokens[1]).split()[1]
    one, other = ({"Authorization": f"Bearer {token}"} for token in tokens)
    assert {get(calls, headers=headers).status_code for headers in (one, other)} == {200}
    assert "Revoked: the token." in platform.run("token-revoke", "--token", tokens[0])
    assert f"every sign-in of {person}" in " ".join(platform.run("token-revoke", "--subject", person).split())
    until(lambda: {get(calls, headers=headers).status_code for headers in (one, other)} == {401})
    assert "not a token" in platform.run("token-revoke", "--token", "x.y", status=1)


def test_down_ends_every_process(platform: Platform) -> None:
    processes = platform.processes()
    platform.run("down")
    assert have_ended(processes)
    assert daemon.platform_status(platform.data) is None
