"""One request of one person: who it is, in which language, and what the page needs to answer."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request

from portal.client.answers import Answers, collecting
from portal.client.applications import Applications, CallFormView, ContactView, OpenCallView, PipelineView
from portal.client.base import Caller, NoAnswer
from portal.client.evaluation import Evaluation
from portal.client.payments import Payments
from portal.client.people import MeView, People
from portal.client.vouchers import Vouchers
from portal.kit.forms import Form
from portal.kit.kept import Kept
from portal.kit.streams import Streams
from portal.kit.uploads import FileForm
from portal.sessions.cookies import REGION
from portal.sessions.provider import Provider
from portal.sessions.store import Session, Store
from portal.sessions.tokens import NotIssued, Tokens, said_in
from portal.sessions.vault import form_token
from shared.texts.languages import ENGLISH
from shared.web.uploads import Memory

RENEWED_BEFORE_SECONDS = 60
FILE_SECONDS = 600
"""A token is renewed where it ends sooner. A list as a file (`as` in the query) is written with one token, however long that takes."""
MOST_CALLS = 200
KEPT_SECONDS, OPEN_SECONDS = 60, 2
LIVE = "/live"


class SignedOut(Exception):
    """The page needs a sign-in, and there is none, or no longer."""


@dataclass(frozen=True)
class Region:
    """`names`: by language. `zone`: of its instants. `contact`: how people reach its office. Of a region that has no scheme any more, its
    id stands for its name."""

    id: str
    names: Mapping[str, str]
    zone: str = "UTC"
    contact: ContactView | None = None


class Regions(dict[str, Region]):
    """By id, those that have a scheme; any other id is a region that has none any more."""

    def __missing__(self, region_id: str) -> Region:
        words = region_id.partition("-")[2].replace("-", " ").title()  # without the country
        return Region(region_id, {ENGLISH: words or region_id})


@dataclass(frozen=True)
class Services:
    """The clients of the APIs, and what signs people in. `memory`: of files on their way to an API. `forms`: of calls, by call and
    language; `regions`: each region that has a scheme, by id; `open_calls`: all that are open, and the newest; `closed_calls`: by id;
    `pipelines`: by the ids of the calls of a picture.
    `streams`: the pages that are kept up to date, each asked for again after `live_seconds`."""

    applications: Applications
    evaluation: Evaluation
    vouchers: Vouchers
    payments: Payments
    people: People
    tokens: Tokens
    provider: Provider
    store: Store
    origins: tuple[str, ...]
    demonstration: list[dict[str, Any]] = field(default_factory=list)
    memory: Memory = field(default_factory=Memory)
    streams: Streams = field(default_factory=Streams)
    live_seconds: float = 5
    forms: Kept[CallFormView] = field(default_factory=lambda: Kept(KEPT_SECONDS))
    regions: Kept[Regions] = field(default_factory=lambda: Kept(KEPT_SECONDS))
    open_calls: Kept[list[OpenCallView]] = field(default_factory=lambda: Kept(OPEN_SECONDS))
    pipelines: Kept[list[PipelineView]] = field(default_factory=lambda: Kept(OPEN_SECONDS))
    closed_calls: Kept[OpenCallView] = field(default_factory=lambda: Kept(KEPT_SECONDS))


@dataclass
class Visit:
    """`session`: None for who is not signed in. `cookie`: of the session, also of one that `has_ended`. `form`: of a request that changes
    something; its token was compared. `files`: those of a form that has some, to be read by the page. `place`: the region that the page is
    of, None for a page of none or of several. `answers`: what a page that is kept up to date was made from. `quiet`: nobody reads; it is
    asked whether an open page has changed, so nothing is shown, noted or taken."""

    request: Request
    services: Services
    language: str
    cookie: str = ""
    session: Session | None = None
    form: Form = field(default_factory=Form)
    files: FileForm | None = None
    place: Region | None = None
    answers: Answers | None = None
    quiet: bool = False

    @property
    def path(self) -> str:
        """Path and query."""
        query = self.request.url.query
        return self.request.url.path + (f"?{query}" if query else "")

    def with_query(self, **changes: str) -> str:
        """This page with other values in its query, and without what says that something was just done."""
        kept = [pair for pair in self.request.query_params.multi_items() if pair[0] not in {"done", *changes}]
        return f"{self.request.url.path}?{urlencode([*kept, *changes.items()])}"

    @property
    def origin(self) -> str:
        """The configured origin under which the browser reaches the portal; the first one for a host that is not among them."""
        host = self.request.headers.get("host", "")
        return next((origin for origin in self.services.origins if origin.partition("://")[2] == host), self.services.origins[0])

    @property
    def form_token(self) -> str:
        """Empty for a browser without a session."""
        return form_token(self.cookie) if self.cookie else ""

    @property
    def person(self) -> Session:
        """Raises `SignedOut`."""
        if self.session is None:
            raise SignedOut
        return self.session

    @property
    def anybody(self) -> Caller:
        """Asks without a token, for what is open to all."""
        return Caller(language=self.language, address=self._address)

    async def caller(self) -> Caller:
        """Asks in the name of the person. Raises `SignedOut`."""
        session = self.person
        before = FILE_SECONDS if "as" in self.request.query_params else RENEWED_BEFORE_SECONDS
        if session.access_until < self._seconds() + before:
            session = await self.act_for(session.organisation)
        return Caller(session.access, self.language, self._address)

    async def take_kept(self) -> Form | None:
        """What was typed on this page in the session before, and not saved; once. Raises `SignedOut`."""
        kept = self.person.kept.get(self.request.url.path)
        if kept is None or self.quiet:
            return None
        await self.keep(self.person.model_copy(update={"kept": {}}))
        return Form.of(kept)

    async def call_form(self, call_id: UUID) -> CallFormView:
        """The form that a call is pinned to, for who has an application of the call. The form of a call never changes."""
        caller, applications = await self.caller(), self.services.applications
        ask = partial(applications.get_call_form, caller, call_id, language=self.language)
        with collecting(None):
            return await self.services.forms.get((call_id, self.language), ask)

    async def open_calls(self) -> list[OpenCallView]:
        """Those that are open, 200 at most; as they were two seconds ago at the earliest."""

        async def asked() -> list[OpenCallView]:
            return (await self.services.applications.list_open_calls(self.anybody, state="open", limit=MOST_CALLS)).items

        return await self.services.open_calls.get("", asked)

    async def newest_calls(self) -> list[OpenCallView]:
        """Of any state, 200 at most, by their end; as they were two seconds ago at the earliest."""

        async def asked() -> list[OpenCallView]:
            return (await self.services.applications.list_open_calls(self.anybody, limit=MOST_CALLS, sort="-closes_at")).items

        return await self.services.open_calls.get("-closes_at", asked)

    async def regions(self, newer_than: float | None = None) -> Regions:
        """Names and zones hardly change. `newer_than`: seconds."""

        async def asked() -> Regions:
            known = await self.services.applications.list_regions(self.anybody)
            return Regions({one.id: Region(one.id, one.names, one.zone, one.contact) for one in known})

        return await self.services.regions.get("", asked, newer_than)

    async def region(self, region_id: str) -> Region:
        """One that is not known may have published its first call a moment ago."""
        known = await self.regions()
        return (known if region_id in known else await self.regions(OPEN_SECONDS))[region_id]

    async def at(self, region_id: str) -> None:
        """The page is about something of this region: it says how to reach the region's office. It stands without that where the service
        gives no answer."""
        with suppress(NoAnswer):
            self.place = await self.region(region_id)

    async def at_desk(self) -> None:
        """A page of a desk is of the region in which the person works, where there is one."""
        mine = {region for regions in self.regions_by_role.values() for region in regions}
        chosen = {self.working_region} & mine or mine
        if len(chosen) == 1:
            await self.at(next(iter(chosen)))

    async def calls_by_id(self, ids: Iterable[UUID]) -> dict[UUID, OpenCallView]:
        """Calls of any state. One that has closed hardly changes."""
        found = {call.id: call for call in await self.open_calls()}

        async def asked(missing: list[UUID]) -> dict[UUID, OpenCallView]:
            ids, known = sorted(missing), dict[UUID, OpenCallView]()
            for start in range(0, len(ids), MOST_CALLS):
                wanted = ids[start : start + MOST_CALLS]
                answer = await self.services.applications.list_open_calls(self.anybody, call_id=wanted, limit=MOST_CALLS)
                known |= {call.id: call for call in answer.items}
            return known

        return found | await self.services.closed_calls.all_of(set(ids) - found.keys(), asked)

    @cached_property
    def regions_by_role(self) -> dict[str, list[str]]:
        """Role of the agency → ids of the regions in which the person has it now; nothing of it is decided here. Empty for who acts for
        an organisation."""
        if self.session is None or self.session.organisation is not None:
            return {}
        found: dict[str, list[str]] = {}
        for region, roles in sorted(said_in(self.session.access)["roles"].items()):
            for role in roles:
                found.setdefault(role, []).append(region)
        return found

    @property
    def working_region(self) -> str:
        """The region whose rows lists show first, which who has roles in several has chosen; empty for all."""
        return self.request.cookies.get(REGION, "")

    def region_as(self, role: str) -> str | None:
        """That region, where the person has the role in it: what waits at a desk is counted as its lists show it. None for all."""
        return self.working_region if self.working_region in self.regions_by_role.get(role, ()) else None

    @property
    def roles(self) -> frozenset[str]:
        """Of the agency, in any region."""
        return frozenset(self.regions_by_role)

    async def take_up_roles(self, me: MeView) -> None:
        """Roles that began or ended since the token was made, for instance by an administrator who confirmed one after the sign-in."""
        if self.person.organisation is not None:
            return
        in_force: dict[str, set[str]] = {}
        for one in me.roles:
            if one.in_force:
                in_force.setdefault(one.region, set()).add(one.role)
        said = {region: set(roles) for region, roles in said_in(self.person.access)["roles"].items()}
        if in_force != said:
            await self.act_for(None)

    async def act_for(self, organisation: UUID | None) -> Session:
        """From now on in the name of an organisation, or with the roles of the agency. Raises `SignedOut` when the sign-in has ended."""
        session = self.person
        try:
            issued = await self.services.tokens.renewed(session.renewal, organisation)
        except NotIssued as error:
            if organisation is not None:
                return await self.act_for(None)  # no longer a member
            await self.services.store.end(self.cookie)
            raise SignedOut from error
        until = self._seconds() + issued.expires_in
        return await self.keep(
            session.model_copy(update={"access": issued.access_token, "access_until": until, "organisation": organisation})
        )

    async def keep(self, session: Session) -> Session:
        """Replaces what the session holds."""
        self.session = session
        self.__dict__.pop("regions_by_role", None)
        await self.services.store.change(self.cookie, session)
        return session

    @property
    def live(self) -> str:
        """Where the page learns that it has changed; empty for one that is not kept up to date."""
        shown = self.answers.digest if self.answers else ""
        return shown and f"{LIVE}?{urlencode({'page': self.path, 'in': self.language, 'shown': shown})}"

    @property
    def now(self) -> datetime:
        """Real time, for sessions; what the programme calls now is in the answers of the APIs."""
        return self.services.store.now()

    def _seconds(self) -> float:
        return self.now.timestamp()

    @property
    def _address(self) -> str | None:
        return self.request.client.host if self.request.client else None
