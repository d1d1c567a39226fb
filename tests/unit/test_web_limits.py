"""Limits on requests by address and by account: when they refuse, what they remember, and what the answer says."""

from collections.abc import Iterator

import httpx
import pytest

from shared.identity.actor import Actor, Role, grants
from shared.web.limits import Buckets, Rate, Rates, TooManyRequests, client_network
from tests.support.identity import Issuer, serving
from tests.unit.test_web import HERE, app_with, router

OFFICER = Actor("o-1", grants({Role.OFFICER}, {HERE}))
OTHER = Actor("o-2", grants({Role.OFFICER}, {HERE}))
OPEN = Rate(per_second=1_000, burst=1_000)


class Seconds:
    """A monotonic clock that the test moves."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with serving() as issuer:
        yield issuer


def taken(buckets: Buckets, key: str, times: int) -> int:
    """How many of so many requests at once were let through."""
    through = 0
    for _ in range(times):
        try:
            buckets.take(key)
        except TooManyRequests:
            continue
        through += 1
    return through


def test_burst_passes_then_the_rate(seconds: Seconds) -> None:
    buckets = Buckets(Rate(per_second=2, burst=5), seconds)
    assert taken(buckets, "a", 9) == 5
    seconds.now += 1
    assert taken(buckets, "a", 9) == 2
    seconds.now += 3_600
    assert taken(buckets, "a", 9) == 5, "a rest fills the bucket, and not more than that"


def test_refused_request_costs_nothing_and_names_the_wait(seconds: Seconds) -> None:
    buckets = Buckets(Rate(per_second=0.1, burst=1), seconds)
    assert taken(buckets, "a", 100) == 1
    with pytest.raises(TooManyRequests) as caught:
        buckets.take("a")
    assert caught.value.facts == {"seconds": 10}
    seconds.now += 10
    assert taken(buckets, "a", 100) == 1


def test_one_client_does_not_empty_the_bucket_of_another(seconds: Seconds) -> None:
    buckets = Buckets(Rate(per_second=1, burst=3), seconds)
    assert (taken(buckets, "a", 9), taken(buckets, "b", 9)) == (3, 3)


def test_only_so_many_clients_are_remembered(seconds: Seconds) -> None:
    buckets = Buckets(Rate(per_second=1, burst=3), seconds, kept=10)
    taken(buckets, "busy", 9)
    for number in range(1_000):
        taken(buckets, f"passing-{number}", 1)
        assert taken(buckets, "busy", 1) == 0, "one that goes on is not forgotten"
    assert len(buckets._full_at) == 10


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("", ""),
    ],
)
def test_client_is_an_address_or_a_network_of_one_subscriber(address: str, client: str) -> None:
    assert client_network(address) == client


async def answers(issuer: Issuer, rates: Rates, seconds: Seconds, *actors: Actor | None, language: str = "en") -> list[httpx.Response]:
    app = app_with(issuer, router, rates=rates, monotonic=seconds)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        tokens = [{"Authorization": f"Bearer {issuer.mint(actor)}"} if actor else {} for actor in actors]
        path = "/api/toys/broken?kind=refused"
        return [await client.get(path, headers={**token, "Accept-Language": language}) for token in tokens]


async def test_address_without_tokens_is_refused_with_a_problem(issuer: Issuer, seconds: Seconds) -> None:
    got = await answers(issuer, Rates(Rate(0.5, 2), OPEN), seconds, *[None] * 4, language="el")
    assert [answer.status_code for answer in got] == [401, 401, 429, 429]
    problem = got[-1].json()
    assert (problem["code"], problem["facts"], got[-1].headers["retry-after"]) == ("too-many-requests", {"seconds": 2}, "2")
    assert got[-1].headers["content-language"] == "el"
    assert problem["detail"] != "You sent too many requests. Try again in 2 seconds."
    assert got[-1].headers["x-request-id"] in problem["instance"]


async def test_account_is_refused_whatever_its_token_others_not(issuer: Issuer, seconds: Seconds) -> None:
    got = await answers(issuer, Rates(OPEN, Rate(1, 2)), seconds, OFFICER, OFFICER, OFFICER, OTHER)
    assert [answer.status_code for answer in got] == [422, 422, 429, 422]


async def test_health_is_never_counted(issuer: Issuer, seconds: Seconds) -> None:
    app = app_with(issuer, router, rates=Rates(Rate(1, 1), OPEN), monotonic=seconds)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        assert 429 not in {(await client.get("/health")).status_code for _ in range(5)}
