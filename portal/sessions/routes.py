"""Signing in and out."""

from dataclasses import replace
from urllib.parse import urlsplit
from uuid import UUID

from starlette.responses import RedirectResponse, Response

from portal.client.base import Caller
from portal.client.people import MeView
from portal.kit.pages import go, page
from portal.kit.routing import personal, public
from portal.kit.visit import Visit
from portal.sessions.cookies import ATTEMPT, SESSION, remove_cookie, set_cookie
from portal.sessions.provider import ProviderDown, SignInFailed
from portal.sessions.store import ATTEMPT as ATTEMPT_LASTS
from portal.sessions.store import Attempt, Session
from portal.sessions.tokens import NotIssued

HOME = "/home"


def inside(path: str) -> str:
    """The path if it is one of ours, else the home page: nobody is sent elsewhere by a link that begins with our name."""
    is_path = path.startswith("/") and path.isprintable() and not path.startswith(("//", "/\\"))
    return path if is_path and "\\" not in path else HOME


async def sign_in(visit: Visit) -> Response:
    """Sends the browser to the provider. `next`: the path afterwards. `fresh`: the provider asks for the password again."""
    query = visit.request.query_params
    return await begin_sign_in(visit, inside(query.get("next", HOME)), [], fresh="fresh" in query)


async def begin_sign_in(visit: Visit, next_path: str, kept: list[tuple[str, str]], *, fresh: bool) -> Response:
    address, cookie = await _begin(visit, next_path, kept, fresh=fresh)
    return _with_attempt(RedirectResponse(address, 303), cookie)


async def _begin(visit: Visit, next_path: str, kept: list[tuple[str, str]], *, fresh: bool) -> tuple[str, str]:
    """The address at the provider, and the cookie of the attempt."""
    attempt, address = await visit.services.provider.begin(visit.origin, next_path, kept, visit.language, fresh=fresh)
    return address, await visit.services.store.remember(attempt, visit.cookie)


def _with_attempt(response: Response, cookie: str) -> Response:
    set_cookie(response, ATTEMPT, cookie, int(ATTEMPT_LASTS.total_seconds()))
    return response


async def signed_in(visit: Visit) -> Response:
    """Where the provider sends the browser back to. Whatever it brings counts once, and for the browser that was sent there."""
    cookie = visit.request.cookies.get(ATTEMPT, "")
    attempt = await visit.services.store.take(cookie) if cookie else None
    if attempt is None:
        return go(HOME) if visit.session else await _failed(visit, "expired")
    try:
        id_token = await visit.services.provider.id_token(attempt, dict(visit.request.query_params))
        issued = await visit.services.tokens.for_proof(id_token)
    except SignInFailed as error:
        return await _failed(visit, "refused" if str(error) == "access_denied" else "failed", attempt)
    except NotIssued as error:
        return await _failed(visit, error.code, attempt)
    except ProviderDown:
        return await _failed(visit, "down", attempt)
    me = await visit.services.people.get_me(Caller(issued.access_token, visit.language))
    session = Session(
        person_id=me.id,
        sign_in_id=issued.sign_in_id,
        name=me.name or "",
        renewal=issued.refresh_token,
        id_token=id_token,
        access=issued.access_token,
        access_until=visit.now.timestamp() + issued.expires_in,
        language=me.language if me.language_chosen else visit.language,
        kept={urlsplit(attempt.next).path: attempt.kept} if attempt.kept else {},
        before=visit.form_token,
    )
    acting = _acts_for(visit.session, me)
    if visit.cookie:
        await visit.services.store.end(visit.cookie)
    visit = replace(visit, cookie=await visit.services.store.begin(session), session=session)
    if acting is not None:
        await visit.act_for(acting)
    response = go(attempt.next)
    set_cookie(response, SESSION, visit.cookie)
    remove_cookie(response, ATTEMPT)
    return response


def _acts_for(before: Session | None, me: MeView) -> UUID | None:
    """The organisation: as in the session before, where the same person only signed in again; else the only one that there is."""
    mine = [one.id for one in me.organisations]
    if before is not None and before.person_id == me.id and before.organisation in mine:
        return before.organisation
    return mine[0] if len(mine) == 1 and not me.roles else None


async def _failed(visit: Visit, reason: str, attempt: Attempt | None = None) -> Response:
    """The page with the reason. Its link begins the attempt again, with the page it was for and what was typed there."""
    address, cookie = await _begin(visit, attempt.next, attempt.kept, fresh=False) if attempt else ("/sign-in", "")
    down = reason == "down"
    response = page(visit, "kit/down.html" if down else "sessions/failed.html", status=503 if down else 400, reason=reason, again=address)
    if cookie:
        return _with_attempt(response, cookie)
    remove_cookie(response, ATTEMPT)
    return response


async def sign_out(visit: Visit) -> Response:
    await visit.services.people.post_me_sign_in_end(await visit.caller(), visit.person.sign_in_id)
    return await leave(visit, "/signed-out")


async def leave(visit: Visit, path: str) -> Response:
    """Ends the session here first, so that it holds whatever the provider does; then there, which sends the browser to our `path`."""
    id_token = visit.person.id_token
    await visit.services.store.end(visit.cookie)
    try:
        there = await visit.services.provider.end_address(id_token, visit.origin + path)
    except ProviderDown:
        there = None
    return RedirectResponse(there or path, 303)  # the cookie stays: what another tab still sends of a form is kept (`KNOWN`)


async def signed_out(visit: Visit) -> Response:
    return page(visit, "sessions/signed-out.html")


async def account_closed(visit: Visit) -> Response:
    return page(visit, "sessions/account-closed.html")


ROUTES = [
    public("/sign-in", sign_in),
    public("/signed-in", signed_in),
    personal("/sign-out", change=sign_out),
    public("/signed-out", signed_out),
    public("/account-closed", account_closed),
]
