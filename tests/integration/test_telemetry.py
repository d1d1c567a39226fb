"""One trace from a click to the bank file and on through Kafka to a workflow, on real parts, as a collector of OTLP gets it; and nothing
personal in anything that is sent."""

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from deploy.embedded.ports import LOOPBACK, free_port
from deploy.embedded.servers import Temporal
from portal.app import incident
from portal.client.base import Http, open_session
from services.applications.app import SERVICE as APPLICATIONS
from services.applications.subscribers import HANDLERS as APPLICATIONS_HANDLERS
from services.payments.commands.seal_batches import seal_batches
from services.payments.jobs.measured import MeasuredPayments
from services.payments.subscribers import HANDLERS
from services.vouchers.activities import VoucherActivities
from services.vouchers.jobs.measured import MeasuredWorkflows
from services.vouchers.lifecycles import Lifecycles
from services.vouchers.subscribers import handlers
from services.vouchers.temporal import connect
from services.vouchers.temporal_worker import working
from shared.database import create_engine, sessions_of
from shared.kernel.clock import ProgrammeClock
from shared.messaging.profile import BrokerKind
from shared.runtime.worker import Worker
from shared.telemetry import tracing
from shared.telemetry.collector import Collector as Measurements
from shared.telemetry.logs import log_as_json
from shared.web.request_log import RequestLog
from tests.conftest import FreshDatabase
from tests.support.applications import BEFORE, KEY, OFFICER, OPEN, applicant, call_definition, form_with, keep_files
from tests.support.applications import BOOK as CALLS
from tests.support.desk import SEALING, FrozenClock, ServiceDesk, assembled, service_settings
from tests.support.identity import Issuer
from tests.support.otlp import Collector, collecting
from tests.support.payments import BOOK, Payments, app_of

REGION = "hr-koprivnica"
PLANTED = "Ana Planted-Horvat"
STREET = "Planted Street 7"
EMAIL = "ana@planted.example"
IBAN = "HR1210010051863000160"


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as running:
        yield running


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[str]:
    """The app over HTTP: its address."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, host=LOOPBACK, port=port, log_config=None, lifespan="off"))
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://{LOOPBACK}:{port}"
    server.should_exit = True
    await running


def portal(api: Http, token: str) -> Starlette:
    """A page of the portal's kind: its log of requests, and a form that calls an API."""

    async def release(request: Request) -> Response:
        path = f"/api/payments/batches/{request.path_params['batch_id']}/release"
        answer = await api.ask("POST", path, headers={"Authorization": f"Bearer {token}"})
        return Response(answer.content, answer.status)

    log = Middleware(RequestLog, service="portal", security=None, incident=incident, continues=False)
    return Starlette(routes=[Route("/finance/batches/{batch_id}/release", release, methods=["POST"])], middleware=[log])


@pytest_asyncio.fixture
async def payments(fresh_database: FreshDatabase, tmp_path: Path) -> AsyncIterator[Payments]:
    engine = create_engine(await fresh_database("payments"), pool=20)
    yield Payments(engine, tmp_path, REGION)
    await engine.dispose()


@asynccontextmanager
async def workers(payments: Payments, vouchers: str, broker: str, temporal: Temporal) -> AsyncIterator[list[Worker]]:
    """Those of payments and vouchers, and the workflows of the region."""
    kafka = {"kafka": broker, "broker": BrokerKind.TANSU}
    url = payments.engine.url.render_as_string(hide_password=False)
    engine = create_engine(vouchers)
    sessions = sessions_of(engine, SEALING)
    client = await connect(temporal.address, temporal.namespace, SEALING, lazy=False)
    paying = Worker("payments", service_settings(url, service="payments", **kafka), payments.engine, BOOK, HANDLERS)
    settings = service_settings(vouchers, service="vouchers", **kafka)
    measured = [MeasuredWorkflows(client, BOOK).backlog]
    vouching = Worker("vouchers", settings, engine, BOOK, handlers(Lifecycles(client)), measured=measured)
    activities = VoucherActivities(sessions, ProgrammeClock(), BOOK)
    async with working(client, [REGION], activities), paying.started(), vouching.started():
        yield [paying, vouching]
    await engine.dispose()


async def test_one_trace_from_the_click_to_the_bank_file(
    payments: Payments, fresh_database: FreshDatabase, broker: str, temporal_server: Temporal, issuer: Issuer, collector: Collector
) -> None:
    """Page, API, outbox, bank file, Kafka, inbox, workflow, activity; linked with the traces in which its payments were prepared."""
    voucher = await payments.issued(await payments.open_call(1_000_000), 500_000)
    with tracing.span("click of who prepares"):
        await payments.approved(voucher, 100_000)
    [batch] = (await payments.run(seal_batches, payments.finance(5), REGION)).batches
    app = app_of(payments, issuer, payments.sessions)
    async with served(app) as address, open_session() as session:
        page = portal(Http(session, address), issuer.mint(payments.finance(6)))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=page), base_url="http://portal") as browser:
            asked = {"traceparent": "00-" + "1" * 32 + "-" + "2" * 16 + "-01"}
            answer = await browser.post(f"/finance/batches/{batch.id}/release?name={PLANTED}", headers=asked)
            assert answer.status_code == 200, answer.text
        await payments.outgoing.send_all()
        async with workers(payments, await fresh_database("vouchers"), broker, temporal_server) as running:
            trace = await collector.trace_with(*WAY)
            measured = {one.measure.name: one for worker in running for one in await Measurements(worker.measured).take()}
    assert trace[0].trace != "1" * 32, "a browser does not choose its trace"
    assert [span.name for span in trace if not span.parent] == ["POST /finance/batches/{batch_id}/release"]
    [file] = [span for span in trace if span.name == "send payment file"]
    [prepared] = [span for span in collector.spans if span.name == "click of who prepares"]
    assert prepared.trace in file.links
    assert {span.attributes["triptych.case"] for span in trace if span.name == "process BatchSent"} == {str(batch.id)}
    assert not any(PLANTED in text or "name=" in text for text in collector.sent)
    assert measured["triptych.consumer.partitions"].value > 0
    assert measured["triptych.workflow.workers"].labels["region"]
    assert {"triptych.outbox.age", "triptych.consumer.lag", "triptych.workflow.backlog", "triptych.dead_letters"} <= measured.keys()


WAY = (
    "POST /finance/batches/{batch_id}/release",
    "POST /batches/{batch_id}/release",
    "send payment file",
    "publish BatchSent",
    "process BatchSent",
    "SignalWithStartWorkflow:Milestone",
    "RunActivity:reach_milestone",
    "process MilestoneReached",
)
"""Spans of the trace, by the parts of the platform."""


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """What a process would write."""
    stream, handlers_before, level = io.StringIO(), logging.root.handlers[:], logging.root.level
    log_as_json(stream, cached=False)
    try:
        yield stream
    finally:
        structlog.reset_defaults()
        logging.root.handlers[:] = handlers_before
        logging.root.setLevel(level)


async def test_nothing_personal_is_logged_or_sent(
    fresh_database: FreshDatabase, payments: Payments, issuer: Issuer, collector: Collector, tmp_path: Path
) -> None:
    """Names, addresses, tax number and account, planted in a form, a query, a path, a wrong field and an account: in no line of a log, no
    span and no measurement, which have the ids."""
    clock, firm = FrozenClock(BEFORE), {"name": PLANTED, "street": STREET, "email": EMAIL, "owners": [PLANTED]}
    async with assembled(APPLICATIONS, await fresh_database("applications"), issuer, clock, CALLS, KEY) as (app, client, sessions):
        desk = ServiceDesk("applications", sessions, clock, CALLS, APPLICATIONS_HANDLERS, issuer, app, client)
        keep_files(app, tmp_path)
        with logged() as log:
            call = await desk.request(OFFICER, "POST", "/calls", 201, json=call_definition().model_dump(mode="json"))
            clock.instant = OPEN
            form = form_with(**{f"applicant__{name}": value for name, value in firm.items()}, project__summary=f"{PLANTED} " * 30)
            body = {"call_id": call["id"], "form": form}
            draft = await desk.request(applicant(), "POST", "/applications", 201, key="a-key-of-its-own", json=body)
            address = f"/applications/{draft['id']}"
            await desk.request(applicant(), "POST", f"{address}/submission")
            headers = {"Authorization": f"Bearer {issuer.mint(applicant())}", "Idempotency-Key": PLANTED, "User-Agent": PLANTED}
            for path in (f"?title={PLANTED}&{PLANTED}=1", f"/{PLANTED}", f"/{PLANTED}/submission"):
                for verb in ("GET", "POST"):
                    answer = await client.request(verb, f"/api/applications/applications{path}", headers=headers, json={PLANTED: IBAN})
                    assert answer.status_code < 500
            with pytest.raises(RuntimeError), tracing.span("a defect"):
                raise RuntimeError(PLANTED)
            logging.getLogger("a library").error("%s happened", RuntimeError(IBAN), exc_info=RuntimeError(PLANTED))
            await payments.payee(await payments.issued(await payments.open_call(1_000_000), 100_000))
            await asyncio.to_thread(collector.flush)
    planted = (PLANTED, STREET, EMAIL, IBAN, form["applicant"]["tax_number"], "Studio Primjer")
    assert collector.series["triptych.requests", ()] >= 9
    assert collector.series["http.server.request.duration", ()] >= 9
    everything = [log.getvalue(), *collector.sent]
    assert [(word, text[:300]) for word in planted for text in everything if word in text or quote(word) in text] == []
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    submitted = [line for line in lines if line.get("route") == "/applications/{application_id}/submission" and line["status"] == 200]
    assert [(line["application_id"], line["cases"]) for line in submitted] == [(draft["id"], [draft["id"]])]
    assert {"RuntimeError happened"} <= {line["event"] for line in lines}
    assert {span.attributes.get("triptych.case") for span in collector.spans if span.name.endswith("/submission")} <= {draft["id"], None}
    assert any(span.attributes.get("triptych.case") == draft["id"] for span in collector.spans)
    assert [span.attributes["error.type"] for span in collector.spans if span.failed] == ["RuntimeError"]


async def test_measured_payments(payments: Payments) -> None:
    """What is left of an envelope, and a payment whose outcome nobody knows; a region without one has a 0."""
    call_id: UUID = await payments.open_call(1_000_000)
    await payments.issued(call_id, 960_000)
    found = await MeasuredPayments(payments.sessions, payments.clock, BOOK).take()
    by_name = {(one.measure.name, one.labels.get("region")): one.value for one in found}
    assert by_name["triptych.envelope.available", REGION] == 40_000
    assert by_name["triptych.envelope.share", REGION] == 400
    assert by_name["triptych.payments.unknown", "pl-malopolska"] == 0
    assert by_name["triptych.payments.held", None] == 0
