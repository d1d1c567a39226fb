"""The mailbox of the demonstration: a real SMTP server, and pages that no other site can read."""

from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import httpx
import pytest
from aiosmtpd.handlers import Mailbox

from simulation.mailbox.pages import pages
from tests.support.mail import MailServerOfTest


@pytest.fixture
async def client(tmp_path: Path) -> httpx.AsyncClient:
    app = pages(tmp_path / "mails")
    server = MailServerOfTest(Mailbox(tmp_path / "mails"))
    server.start()
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@one.example", "b@two.example", "Zażółć <script>alert(1)</script>"
    message.set_content("The text <b>\n\nhttps://grants.example/invitation?secret=a-b_c\n")
    message.add_alternative('<p onclick="x()">The page</p>', subtype="html")
    message.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="a<b>.pdf")
    await aiosmtplib.send(message, hostname="127.0.0.1", port=server.port)
    server.stop()
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1")


async def test_mail_is_listed_and_shown(client: httpx.AsyncClient) -> None:
    listed = (await client.get("/")).text
    assert ("b@two.example" in listed, "Zażółć &lt;script&gt;" in listed, "<script>" in listed) == (True, True, False)
    address = listed.split('href="')[1].split('"')[0]
    shown = await client.get(address)
    assert "<iframe sandbox " in shown.text
    assert "The text &lt;b&gt;" in shown.text
    assert '<a href="https://grants.example/invitation?secret=a-b_c"' in shown.text
    assert ('srcdoc="&lt;p onclick=' in shown.text, "<p onclick" in shown.text) == (True, False)
    assert shown.headers["content-security-policy"].startswith("default-src 'none'")
    assert ("a&lt;b&gt;.pdf" in shown.text, "a<b>.pdf" in shown.text) == (True, False)
    attached = await client.get(f"{address}/attached/0")
    assert (attached.content, attached.headers["content-disposition"]) == (b"%PDF-1.7", "attachment")
    assert (await client.get(f"{address}/attached/1")).status_code == 404


@pytest.mark.parametrize(("path", "host", "status"), [("/mails/none", "127.0.0.1", 404), ("/", "evil.example", 400)])
async def test_nothing_else_is_answered(client: httpx.AsyncClient, path: str, host: str, status: int) -> None:
    assert (await client.get(path, headers={"Host": host})).status_code == status
