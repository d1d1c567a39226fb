"""The pages of the mailbox: a list, and one mail as text and as HTML, with what is attached."""

from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from mailbox import Maildir
from pathlib import Path

from jinja2 import Environment
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

NEWEST = 200
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_PAGES = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
_LIST = _PAGES.from_string("""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Mailbox of the demonstration</title>
<body style="font: 16px/1.5 sans-serif; margin: 24px">
<h1>Mailbox of the demonstration</h1>
<p>Every mail that the platform sends arrives here, to any address; the newest {{ newest }}.</p>
<table>
<tr><th align="left">Date</th><th align="left">To</th><th align="left">Subject</th></tr>
{% for key, mail in mails %}
<tr><td>{{ mail["Date"] }}</td><td>{{ mail["To"] }}</td><td><a href="/mails/{{ key }}">{{ mail["Subject"] }}</a></td></tr>
{% endfor %}
</table>
""")
_MAIL = _PAGES.from_string("""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{{ mail["Subject"] }}</title>
<body style="font: 16px/1.5 sans-serif; margin: 24px">
<p><a href="/">All mails</a></p>
<h1>{{ mail["Subject"] }}</h1>
<p>From {{ mail["From"] }} to {{ mail["To"] }}, {{ mail["Date"] }}</p>
{% for part in attached %}
<p><a href="/mails/{{ key }}/attached/{{ loop.index0 }}" download="{{ part.get_filename() }}">{{ part.get_filename() }}</a></p>
{% endfor %}
<h2>Text</h2>
<pre style="white-space: pre-wrap">{{ text | urlize }}</pre>
<h2>HTML</h2>
<iframe sandbox title="HTML" style="width: 100%; height: 600px" srcdoc="{{ html }}"></iframe>
""")


def pages(folder: Path) -> Starlette:
    """The app, for this machine alone: it answers no other host name, so that a page of another site cannot read mails through one."""
    box = Maildir(folder, create=True)

    def read(key: str) -> EmailMessage:
        message = BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(box.get_bytes(key))
        assert isinstance(message, EmailMessage)
        return message

    def list_of(_: Request) -> HTMLResponse:
        newest = sorted(box.keys(), reverse=True)[:NEWEST]
        return HTMLResponse(_LIST.render(mails=[(key, read(key)) for key in newest], newest=NEWEST), headers=HEADERS)

    def asked(request: Request) -> EmailMessage:
        key = request.path_params["key"]
        if key not in box:
            raise HTTPException(404)
        return read(key)

    def attached(request: Request) -> Response:
        parts = list(asked(request).iter_attachments())
        if request.path_params["number"] >= len(parts):
            raise HTTPException(404)
        content = parts[request.path_params["number"]].get_content()
        return Response(content, media_type="application/octet-stream", headers={**HEADERS, "Content-Disposition": "attachment"})

    def one(request: Request) -> HTMLResponse:
        mail = asked(request)
        text, html = (part.get_content() if (part := mail.get_body((kind,))) else "" for kind in ("plain", "html"))
        parts = list(mail.iter_attachments())
        shown = _MAIL.render(mail=mail, text=text, html=html, attached=parts, key=request.path_params["key"])
        return HTMLResponse(shown, headers=HEADERS)

    return Starlette(
        routes=[Route("/", list_of), Route("/mails/{key}", one), Route("/mails/{key}/attached/{number:int}", attached)],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
    )
