"""Two kinds of pages: for everybody, and for who is signed in. There is no third one, so none can forget to ask."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import wraps

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portal.client.answers import Answers, collecting
from portal.kit.forms import TOKEN, BadForm, Form, OldForm, read_form
from portal.kit.uploads import FileForm
from portal.kit.visit import SignedOut, Visit
from portal.sessions.store import Session

Page = Callable[[Visit], Awaitable[Response]]
Watch = Callable[[Visit], Awaitable[object]]


class Personal(Route):
    """A page for who is signed in. `live`: asks what shows whether the page has changed; None: the page is not kept up to date. What it
    asks must be no reading of personal data that a service records: an open page is no reader."""

    live: Watch | None = None
    of_agency: bool | None = None

    def is_kept_for(self, person: Session) -> bool:
        """`of_agency`: whether it is kept up to date for who has a role of the agency (True), acts for an organisation (False), or both."""
        return self.of_agency is None or self.of_agency is (person.organisation is None)


def public(path: str, page: Page) -> Route:
    """Read by everybody; changes nothing."""

    async def answer(request: Request) -> Response:
        return await page(request.state.visit)

    return Route(path, answer, methods=["GET"], name=page.__name__)


def personal(
    path: str, read: Page | None = None, change: Page | None = None, *, live: Watch | None = None, of_agency: bool | None = False
) -> Personal:
    """For who is signed in. `change` gets the form of a POST request, which a page of this session has sent. Of a session that has ended
    the form is read too, and kept over the next sign-in; of a browser without one nothing is read. A form with files is read after it is
    known who sends it, and its files by the page. `live`: as in `Personal`; the page's own function where no service records what it
    reads."""

    async def answer(request: Request) -> Response:
        visit: Visit = request.state.visit
        with_files = request.method == "POST" and FileForm.is_one(request)
        if request.method == "POST" and not with_files and visit.cookie:
            await take_form(visit)
        if visit.session is None:
            raise SignedOut
        if with_files:
            visit.files = FileForm(request, visit.services.memory)
            check_form(visit, await visit.files.fields())
        page = pages[request.method if request.method == "POST" else "GET"]
        assert page is not None
        if request.method == "POST" or live is None or not route.is_kept_for(visit.person):
            return await page(visit)
        return await _with_answers(visit, page, live)

    pages = {"GET": read, "POST": change}
    named = read or change
    assert named is not None
    route = Personal(path, answer, methods=[method for method, page in pages.items() if page], name=named.__name__)
    route.live, route.of_agency = live, of_agency
    return route


async def _with_answers(visit: Visit, page: Page, live: Watch) -> Response:
    """The page, with what it was made from. A watch of its own is asked first, so that what changes meanwhile is not missed."""
    answers = Answers()
    try:
        if live is not page:
            with collecting(answers):
                await live(replace(visit, quiet=True))
        visit.answers = answers
        with collecting(answers if live is page else None):
            return await page(visit)
    except Exception:
        visit.answers = None  # what is shown now is the refusal
        raise


def staff(path: str, read: Page | None = None, change: Page | None = None, *, live: Watch | None = None) -> Personal:
    """A page of the agency's desks: who acts for an organisation goes on with the roles of the agency. What they allow, the APIs decide."""
    reading = read and _as_staff(read)
    return personal(path, reading, change and _as_staff(change), live=reading if live is read else live, of_agency=True)


def _as_staff(page: Page) -> Page:
    @wraps(page)
    async def answer(visit: Visit) -> Response:
        if visit.person.organisation is not None:
            await visit.act_for(None)
        await visit.at_desk()
        return await page(visit)

    return answer


async def take_form(visit: Visit) -> None:
    """Reads the form of a request that changes something. Raises `BadForm` or `OldForm`."""
    check_form(visit, await read_form(visit.request))


def check_form(visit: Visit, form: Form) -> None:
    """Keeps what the form has. Raises `BadForm` when no page of this session has sent it, `OldForm` when one of the session before did."""
    content = Form(tuple(pair for pair in form if pair[0] != TOKEN))
    if visit.cookie and not _is_same(form.get(TOKEN), visit.form_token):
        if visit.session is None or not visit.session.before or not _is_same(form.get(TOKEN), visit.session.before):
            raise BadForm("form token")
        visit.form = content
        raise OldForm
    visit.form = content


def _is_same(given: str, token: str) -> bool:
    return secrets.compare_digest(given.encode(), token.encode())
