"""Who evaluates what: never against a hard rule, as even as the rules allow, the same from any order of input."""

from collections import Counter
from itertools import product
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from services.evaluation.domain.assignment import Assigned, Case, Evaluator, assign, may_evaluate

HERE, THERE = "gr-central-macedonia", "hr-koprivnica"
SEED = b"seed"


def evaluator(name: str, *, region: str = HERE, languages: str = "el", ties: str = "", topics: str = "") -> Evaluator:
    return Evaluator(name, region, frozenset(languages.split()), frozenset(topics.split()), frozenset(ties))


def case(
    number: int, *, language: str = "el", ties: str = "", topics: str = "", places: tuple[int, ...] = (1, 2), barred: str = ""
) -> Case:
    return Case(UUID(int=number), HERE, language, frozenset(topics.split()), frozenset(ties), places, frozenset(barred))


cases = st.lists(st.builds(case, st.integers(1, 10**6), language=st.sampled_from(["el", "en"]), ties=st.text("xyz", max_size=1)),
                 unique_by=lambda c: c.application_id, max_size=14)  # fmt: skip
evaluators = st.lists(
    st.builds(evaluator, st.sampled_from("abcdefg"), region=st.sampled_from([HERE, HERE, HERE, THERE]),
              languages=st.sampled_from(["el", "en", "el en"]), ties=st.text("xyz", max_size=2)),
    unique_by=lambda e: e.id, max_size=7)  # fmt: skip


def loads(result: list[Assigned], people: list[Evaluator], load: dict[str, int] | None = None) -> Counter[str]:
    return Counter({person.id: 0 for person in people}) + Counter(load or {}) + Counter(each.evaluator_id for each in result)


@given(cases, evaluators, st.dictionaries(st.sampled_from("abcdefg"), st.integers(0, 5)))
def test_no_hard_rule_is_ever_broken_and_no_place_stays_open_that_somebody_may_take(
    work: list[Case], people: list[Evaluator], load: dict[str, int]
) -> None:
    result = assign(work, people, load, SEED)
    by_id, by_case = {person.id: person for person in people}, {each.application_id: each for each in work}
    assert all(may_evaluate(by_id[each.evaluator_id], by_case[each.application_id]) for each in result)
    assert len({(each.application_id, each.evaluator_id) for each in result}) == len(result)
    assert len({(each.application_id, each.place) for each in result}) == len(result)
    for each in work:
        possible = sum(may_evaluate(person, each) for person in people)
        assert sum(a.application_id == each.application_id for a in result) == min(possible, len(each.open_seats))


@given(cases, evaluators, st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(work: list[Case], people: list[Evaluator], chance: object) -> None:
    expected = assign(work, people, {}, SEED)
    shuffled, others = list(work), list(people)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    chance.shuffle(others)  # type: ignore[attr-defined]
    assert assign(shuffled, others, {}, SEED) == expected


@given(st.integers(0, 40), st.integers(2, 9))
def test_without_conflicts_loads_differ_by_one_at_most(amount: int, staff: int) -> None:
    people = [evaluator(str(number)) for number in range(staff)]
    result = assign([case(number) for number in range(amount)], people, {}, SEED)
    spread = Counter({person.id: 0 for person in people})
    spread.update(each.evaluator_id for each in result)
    assert len(result) == 2 * amount
    assert max(spread.values()) - min(spread.values()) <= 1


def best_squares(work: list[Case], people: list[Evaluator]) -> int:
    """The least sum of squared loads over every possible assignment, tried one by one."""
    choices = [[person.id for person in people if may_evaluate(person, each)] for each in work]
    return min(sum(n * n for n in Counter(picked).values()) for picked in product(*choices))


@settings(max_examples=60)
@given(st.lists(st.sampled_from(["a", "ab", "bc", "c", "abc", "cd", "d"]), min_size=1, max_size=6))
def test_with_conflicts_loads_are_as_even_as_any_assignment_could_make_them(allowed: list[str]) -> None:
    people = [evaluator(name, ties=name) for name in "abcd"]
    work = [case(n, places=(1,), ties="".join(set("abcd") - set(names))) for n, names in enumerate(allowed, start=1)]
    result = assign(work, people, {}, SEED)
    assert sum(n * n for n in Counter(each.evaluator_id for each in result).values()) == best_squares(work, people)


def test_a_gap_goes_to_the_least_busy_who_was_not_on_the_case_before() -> None:
    people = [evaluator(name) for name in "abc"]
    gap = case(1, places=(2,), barred="a")
    assert assign([gap], people, {"a": 0, "b": 3, "c": 2}, SEED) == [Assigned(UUID(int=1), 2, "c")]


def test_topics_decide_between_equally_busy_ones() -> None:
    people = [evaluator(name, topics="design" if name == "c" else "film") for name in "abcdef"]
    assert assign([case(1, topics="design", places=(1,))], people, {}, SEED) == [Assigned(UUID(int=1), 1, "c")]


def test_a_tie_that_is_shared_is_a_conflict() -> None:
    assert assign([case(1, ties="x")], [evaluator("a", ties="xy"), evaluator("b", ties="z")], {}, SEED) == [Assigned(UUID(int=1), 1, "b")]


def test_thousands_are_assigned_evenly() -> None:
    people = [evaluator(str(number), languages="el en" if number % 4 else "en", ties=str(number % 9)) for number in range(60)]
    work = [case(number, language="en" if number % 3 else "el", ties=str(number % 7)) for number in range(2000)]
    result = assign(work, people, {}, SEED)
    spread = Counter(each.evaluator_id for each in result)
    assert len(result) == 4000
    assert max(spread.values()) - min(spread.values()) <= 1
