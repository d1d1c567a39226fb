"""Assignment of evaluators: never against a hard rule, as even as the rules allow, the same for any order of input."""

from collections import Counter
from itertools import product
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from services.evaluation.domain.assignment import CaseToAssign, Evaluator, SeatAssignment, assign, may_evaluate

HERE, THERE = "gr-central-macedonia", "hr-koprivnica"
SEED = b"seed"


def evaluator(name: str, *, region: str = HERE, languages: str = "el", relations: str = "", topics: str = "") -> Evaluator:
    return Evaluator(name, region, frozenset(languages.split()), frozenset(topics.split()), frozenset(relations))


def case(
    number: int, *, language: str = "el", relations: str = "", topics: str = "", seats: tuple[int, ...] = (1, 2), barred: str = ""
) -> CaseToAssign:
    return CaseToAssign(UUID(int=number), HERE, language, frozenset(topics.split()), frozenset(relations), seats, frozenset(barred))


cases = st.lists(st.builds(case, st.integers(1, 10**6), language=st.sampled_from(["el", "en"]), relations=st.text("xyz", max_size=1)),
                 unique_by=lambda c: c.application_id, max_size=14)  # fmt: skip
evaluators = st.lists(
    st.builds(evaluator, st.sampled_from("abcdefg"), region=st.sampled_from([HERE, HERE, HERE, THERE]),
              languages=st.sampled_from(["el", "en", "el en"]), relations=st.text("xyz", max_size=2)),
    unique_by=lambda e: e.id, max_size=7)  # fmt: skip


def loads(result: list[SeatAssignment], people: list[Evaluator], load: dict[str, int] | None = None) -> Counter[str]:
    return Counter({person.id: 0 for person in people}) + Counter(load or {}) + Counter(each.evaluator_id for each in result)


@given(cases, evaluators, st.dictionaries(st.sampled_from("abcdefg"), st.integers(0, 5)))
def test_assignment_keeps_hard_rules_and_fills_possible_seats(
    work: list[CaseToAssign], people: list[Evaluator], load: dict[str, int]
) -> None:
    result = assign(work, people, load, SEED)
    by_id, by_case = {person.id: person for person in people}, {each.application_id: each for each in work}
    assert all(may_evaluate(by_id[each.evaluator_id], by_case[each.application_id]) for each in result)
    assert len({(each.application_id, each.evaluator_id) for each in result}) == len(result)
    assert len({(each.application_id, each.seat) for each in result}) == len(result)
    for each in work:
        possible = sum(may_evaluate(person, each) for person in people)
        assert sum(a.application_id == each.application_id for a in result) == min(possible, len(each.open_seats))


@given(cases, evaluators, st.randoms(use_true_random=False))
def test_assignment_does_not_depend_on_the_input_order(work: list[CaseToAssign], people: list[Evaluator], chance: object) -> None:
    expected = assign(work, people, {}, SEED)
    shuffled, others = list(work), list(people)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    chance.shuffle(others)  # type: ignore[attr-defined]
    assert assign(shuffled, others, {}, SEED) == expected


@given(st.integers(0, 40), st.integers(2, 9))
def test_loads_without_conflicts_differ_by_one_at_most(amount: int, staff: int) -> None:
    people = [evaluator(str(number)) for number in range(staff)]
    result = assign([case(number) for number in range(amount)], people, {}, SEED)
    spread = Counter({person.id: 0 for person in people})
    spread.update(each.evaluator_id for each in result)
    assert len(result) == 2 * amount
    assert max(spread.values()) - min(spread.values()) <= 1


def best_squares(work: list[CaseToAssign], people: list[Evaluator]) -> int:
    """The least sum of squared loads over every possible assignment, tried one by one."""
    choices = [[person.id for person in people if may_evaluate(person, each)] for each in work]
    return min(sum(n * n for n in Counter(picked).values()) for picked in product(*choices))


@settings(max_examples=60)
@given(st.lists(st.sampled_from(["a", "ab", "bc", "c", "abc", "cd", "d"]), min_size=1, max_size=6))
def test_loads_with_conflicts_are_as_even_as_possible(allowed: list[str]) -> None:
    people = [evaluator(name, relations=name) for name in "abcd"]
    work = [case(n, seats=(1,), relations="".join(set("abcd") - set(names))) for n, names in enumerate(allowed, start=1)]
    result = assign(work, people, {}, SEED)
    assert sum(n * n for n in Counter(each.evaluator_id for each in result).values()) == best_squares(work, people)


def test_open_seat_goes_to_the_least_busy_new_evaluator() -> None:
    people = [evaluator(name) for name in "abc"]
    gap = case(1, seats=(2,), barred="a")
    assert assign([gap], people, {"a": 0, "b": 3, "c": 2}, SEED) == [SeatAssignment(UUID(int=1), 2, "c")]


def test_topics_decide_between_equally_busy_evaluators() -> None:
    people = [evaluator(name, topics="design" if name == "c" else "film") for name in "abcdef"]
    assert assign([case(1, topics="design", seats=(1,))], people, {}, SEED) == [SeatAssignment(UUID(int=1), 1, "c")]


def test_shared_relation_is_a_conflict_of_interest() -> None:
    people = [evaluator("a", relations="xy"), evaluator("b", relations="z")]
    assert assign([case(1, relations="x")], people, {}, SEED) == [SeatAssignment(UUID(int=1), 1, "b")]


def test_thousands_of_cases_are_assigned_evenly() -> None:
    people = [evaluator(str(number), languages="el en" if number % 4 else "en", relations=str(number % 9)) for number in range(60)]
    work = [case(number, language="en" if number % 3 else "el", relations=str(number % 7)) for number in range(2000)]
    result = assign(work, people, {}, SEED)
    spread = Counter(each.evaluator_id for each in result)
    assert len(result) == 4000
    assert max(spread.values()) - min(spread.values()) <= 1
