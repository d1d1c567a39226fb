"""The ceiling of de minimis aid (Regulation (EU) 2023/2831, articles 2(2) and 3): the window, the undertaking, and that no order of offers,
answers, releases and recoveries passes it. Rows "own earlier awards of the single undertaking" of the cases of the rules."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.payments.domain.ledger import EntryKind
from services.payments.domain.state_aid import AidState, Days, FrozenRate, Holding, Listed, OwnAid, in_eur_minor, most_minor, rate_for, room
from services.payments.domain.undertakings import Edge, number_node, organisation_node, organisations_in, undertaking
from shared.policy.rules import check_eligibility
from shared.policy.state_aid import counts_on
from tests.support.applications import BOOK
from tests.support.policies import policy_named

CEILING = 30_000_000
EURO = FrozenRate("fixed-EUR-2026-03", Decimal(1))
TODAY = date(2026, 3, 2)
POLICY = policy_named(BOOK, "hr-koprivnica/digital-voucher")
POLISH = policy_named(BOOK, "pl-malopolska/bon-na-innowacje")


def euros(*listed: Listed) -> Mapping[Listed, FrozenRate]:
    return dict.fromkeys(listed, EURO)


@pytest.mark.parametrize(
    ("granted_on", "on", "counts"),
    [
        (date(2024, 1, 2), date(2027, 1, 1), True),
        (date(2024, 1, 2), date(2027, 1, 2), False),
        (date(2024, 2, 29), date(2027, 2, 28), True),
        (date(2024, 2, 29), date(2027, 3, 1), False),
        (date(2025, 3, 1), date(2028, 2, 29), True),
        (TODAY + timedelta(days=1), TODAY, False),
        (TODAY, TODAY, True),
    ],
)
def test_three_years_roll_day_by_day(granted_on: date, on: date, counts: bool) -> None:
    assert counts_on(granted_on, on, 3) is counts


@pytest.mark.parametrize(
    ("own", "declared", "counted"),
    [
        ([OwnAid(None, 500, "EUR", 500)], [], 500),  # an open offer
        ([OwnAid(date(2023, 3, 2), 500, "EUR", 500)], [], 0),  # three years ago to the day
        ([OwnAid(date(2025, 5, 1), 500, "EUR", 500)], [[Listed(date(2025, 5, 1), 500, "EUR")]], 500),  # listed by the applicant too
        ([OwnAid(date(2025, 5, 1), 500, "EUR", 200)], [[Listed(date(2025, 5, 1), 500, "EUR")]], 200),  # of which 300 came back since
        ([OwnAid(date(2025, 5, 1), 500, "EUR", 500)], [[Listed(date(2025, 5, 2), 500, "EUR")]], 1000),
        ([], [[Listed(date(2025, 5, 1), 500, "EUR")], [Listed(date(2025, 5, 1), 500, "EUR")]], 500),  # two applications list the same
        ([], [[Listed(date(2025, 5, 1), 500, "EUR")] * 2, [Listed(date(2023, 3, 1), 500, "EUR")]], 1000),
    ],
)
def test_aid_counts_once(own: list[OwnAid], declared: list[list[Listed]], counted: int) -> None:
    rates = euros(*(one for each in declared for one in each))
    found = room(POLICY, Days.of(TODAY), own, declared, rates)
    assert (found.counted_minor, found.left_minor) == (counted, CEILING - counted)


def test_undertaking_is_joined_through_others_while_links_hold() -> None:
    """Two ids with one tax number; a majority of votes; a link that has ended, and one to come. Whole only on the days of each."""
    one, same, daughter, sold, bought = (organisation_node(UUID(int=number)) for number in range(1, 6))
    edges = [
        Edge(one, number_node("a")), Edge(same, number_node("a")), Edge(number_node("a"), number_node("b"), date(2025, 1, 1)),
        Edge(daughter, number_node("b")), Edge(daughter, sold, date(2020, 1, 1), TODAY), Edge(one, bought, TODAY + timedelta(days=1)),
    ]  # fmt: skip
    assert organisations_in(undertaking(same, edges, TODAY)) == {UUID(int=1), UUID(int=2), UUID(int=3)}
    assert organisations_in(undertaking(same, edges, TODAY - timedelta(days=1))) == {UUID(int=number) for number in (1, 2, 3, 4)}
    assert bought in undertaking(sold, [*edges[:5], Edge(one, bought, TODAY), Edge(daughter, sold)], TODAY)
    assert undertaking(one, edges, date(2024, 12, 31)) == {one, number_node("a"), same}


@given(st.integers(0, 10**9), st.decimals("0.5", "9", places=4))
def test_most_is_the_largest_amount_that_fits(left: int, per_euro: Decimal) -> None:
    rate = FrozenRate("x", per_euro)
    most = most_minor(left, "PLN", rate)
    assert in_eur_minor(most, "PLN", rate) <= left < in_eur_minor(most + 1, "PLN", rate)


def test_rate_that_is_not_published_is_that_of_the_policy() -> None:
    rate = rate_for(POLISH, None)
    assert rate == FrozenRate(f"policy-PLN-{POLISH.effective_from}", Decimal(POLISH.de_minimis.eur_rate))
    assert in_eur_minor(4_234_50, "PLN", FrozenRate("x", Decimal("4.2345"))) == 1_000_00


class Undertaking:
    """The aid of an undertaking by one member state, as the commands change it."""

    def __init__(self) -> None:
        self.today, self.held, self.granted = TODAY, dict[int, Holding](), dict[int, date]()
        self.came_back = dict[int, int]()
        self.joined: Callable[[], list[OwnAid]] = list

    def all(self) -> list[OwnAid]:
        """With that of firms that are linked now."""
        return [*self.own(), *self.joined()]

    def own(self) -> list[OwnAid]:
        return [OwnAid(self.granted.get(key), one.amount_minor, "EUR", one.eur_minor) for key, one in self.held.items()]

    def take(self, kind: str, which: int, percent: int) -> None:
        """`percent`: of a third of the ceiling, or days to wait, in tens."""
        amount, key = percent * CEILING // 300, which % len(self.held) if self.held else 0
        state = self.held[key].state if self.held else None
        if kind == "wait":
            self.today += timedelta(days=percent * 10)
        elif kind == "offer" and amount <= room(POLICY, Days.of(self.today), self.all(), [], {}).left_minor:
            self.held[len(self.held)] = Holding(AidState.RESERVED, amount, "EUR", EURO)
        elif kind == "accept" and state is AidState.RESERVED:
            self.held[key], self.granted[key] = self.held[key].after(EntryKind.COMMITTED, self.held[key].amount_minor), self.today
        elif kind == "lapse" and state is AidState.RESERVED:
            self.held[key] = self.held[key].after(EntryKind.RESERVATION_RELEASED, self.held[key].amount_minor)
        elif kind == "recover" and state is AidState.GRANTED:
            back = min(amount, self.held[key].amount_minor)
            self.held[key], self.came_back[key] = self.held[key].after(EntryKind.RECOVERED, back), self.came_back.get(key, 0) + back
        elif kind == "undo" and (back := self.came_back.pop(key, 0)):
            left = room(POLICY, Days.of(self.today, self.granted[key]), self.all(), [], {}).left_minor
            self.held[key] = self.held[key].after(EntryKind.RECOVERED_UNDONE, back) if back <= left else self.held[key]
        elif kind == "add" and state is AidState.GRANTED:
            left = room(POLICY, Days.of(self.today, self.granted[key]), self.all(), [], {}).left_minor
            self.held[key] = self.held[key].after(EntryKind.ADDED, amount if amount <= left else 0)

    def assert_within(self) -> None:
        for day in {self.today, *self.granted.values()}:
            counted = [one for one in self.own() if (day == self.today if one.granted_on is None else counts_on(one.granted_on, day, 3))]
            assert sum(one.eur_minor for one in counted) <= CEILING, f"on {day}"


KINDS = ["offer", "accept", "lapse", "recover", "undo", "add", "wait"]


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 9), st.integers(1, 300))))
@example([("offer", 0, 250), ("accept", 0, 1), ("wait", 0, 105), ("offer", 1, 40), ("accept", 1, 1), ("wait", 0, 10), ("add", 1, 250)])
@example([("offer", 0, 300), ("accept", 0, 1), ("recover", 0, 300), ("offer", 1, 300), ("undo", 0, 1)])
def test_no_order_of_steps_passes_the_ceiling(steps: list[tuple[str, int, int]]) -> None:
    """Offers in any order with answers, releases, recoveries and granted changes, over years: on no day do the aid of three years and what
    is reserved come to more than the ceiling. The examples add to an award of the years in which a larger one counted, and undo a recovery
    whose room another offer has."""
    firm = Undertaking()
    for kind, which, percent in steps:
        firm.take(kind, which, percent)
        firm.assert_within()


class Group:
    """Two undertakings, which a link joins from some day on. `over`: by how much the link has made the sum larger than the ceiling; aid
    that was lawful stays lawful (article 3(8))."""

    def __init__(self) -> None:
        self.firms, self.linked, self.over = (Undertaking(), Undertaking()), False, 0

    def sums(self, firms: tuple[Undertaking, ...]) -> list[int]:
        """On today, and on each day of a grant."""
        own = [one for firm in firms for one in firm.own()]
        days = {firms[0].today, *(one.granted_on for one in own if one.granted_on is not None)}
        last = max(days)
        return [
            sum(one.eur_minor for one in own if (day == last if one.granted_on is None else counts_on(one.granted_on, day, 3)))
            for day in days
        ]

    def take(self, firm: int, kind: str, which: int, percent: int) -> None:
        if kind == "link":
            self.linked, self.over = True, max(CEILING, *self.sums(self.firms))
        elif kind == "wait":
            for one in self.firms:
                one.take(kind, which, percent)
        else:
            one, other = self.firms[firm], self.firms[1 - firm]
            one.joined = other.own if self.linked else list
            one.take(kind, which, percent)


steps_of_two = st.lists(st.tuples(st.integers(0, 1), st.sampled_from([*KINDS, "link"]),
                                  st.integers(0, 9), st.integers(1, 300)))  # fmt: skip


@given(steps_of_two)
@example([(0, "offer", 0, 200), (1, "offer", 0, 200), (0, "link", 0, 1), (0, "accept", 0, 1), (1, "offer", 1, 1)])
def test_no_order_of_steps_and_links_passes_the_ceiling(steps: list[tuple[int, str, int, int]]) -> None:
    """Each undertaking stays within the ceiling until a link joins the two; from then on their common sum stays within it, or within what
    they had lawfully on the day of the link."""
    group = Group()
    for firm, kind, which, percent in steps:
        group.take(firm, kind, which, percent)
        if group.linked:
            assert max(group.sums(group.firms)) <= max(CEILING, group.over)
        else:
            assert max(max(group.sums((one,))) for one in group.firms) <= CEILING


def test_release_of_more_than_there_is_is_a_defect() -> None:
    holding = Holding(AidState.GRANTED, 500, "EUR", EURO)
    assert holding.after(EntryKind.DECOMMITTED, 500).state is AidState.RELEASED
    with pytest.raises(ValueError, match="600 of 500"):
        holding.after(EntryKind.RECOVERED, 600)


@pytest.mark.parametrize(("activity", "passed"), [("01.11", False), ("03.22", False), ("10.51", True), ("74.12", True)])
def test_excluded_sectors_are_refused_by_code(activity: str, passed: bool) -> None:
    """Article 1(1)(a) and (c). Processing is excluded by purpose alone, never by the class."""
    asked = [policy for policy in BOOK.all() if policy.state_aid is not None]
    assert {policy.region for policy in asked} == {policy.region for policy in BOOK.all()}
    for policy in asked:
        results = {result.rule_id: result.passed for result in check_eligibility(policy, {"activity_code": activity})}
        assert results["excluded-sector"] is passed
