"""What a web page in a browser of this machine may send to Temporal's ports: it knows the port at best, and sets no host name."""

from collections.abc import Iterator

import httpx
import pytest

from deploy.embedded.servers import Temporal

WORKFLOWS = "/api/v1/namespaces/triptych/workflows"
FORM = {"Content-Type": "text/plain", "Origin": "https://elsewhere.example"}
"""A request that a browser sends to another site without asking it first."""


@pytest.fixture
def port(temporal_server: Temporal) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{temporal_server.http_port}") as client:
        yield client


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "elsewhere.example"])
def test_http_port_answers_to_no_name_that_a_page_can_send(port: httpx.Client, host: str) -> None:
    headers = {"Host": f"{host}:{port.base_url.port}"}
    assert port.get(WORKFLOWS, headers=headers).status_code == 403
    assert port.post(f"{WORKFLOWS}/voucher-1/terminate", headers=headers | FORM, content="{}").status_code == 403


def test_http_port_answers_to_its_own_name(port: httpx.Client, temporal_server: Temporal) -> None:
    assert port.get(WORKFLOWS, headers={"Host": temporal_server.http_host}).status_code == 200


def test_pages_are_off_unless_wanted(temporal_server: Temporal) -> None:
    assert "--headless" in temporal_server.command()
    assert "--headless" not in Temporal(temporal_server.folder, ui_port=4711).command()
