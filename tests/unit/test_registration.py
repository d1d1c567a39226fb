"""Money reserved at registration (creative vouchers of Slovakia), and what a repair may do to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.applications.domain.correction import moves_back
from services.applications.domain.form import Form
from services.evaluation.domain.registration import Registered, RegistrationState, registrations
from shared.kernel.errors import Refused
from shared.policy.registration import Registration
from tests.support.policies import policy_named
from tests.unit.test_regions import BOOK

RESERVED, QUEUED, RELEASED, DECIDED = RegistrationState
PLAIN = policy_named(BOOK, "hr-koprivnica/digital-voucher")
AT_REGISTRATION = PLAIN.model_copy(update={"registration": Registration(repair_keeps_place=True)})
FORM = BOOK.forms[0]


def queue(*entries: tuple[str, int | None]) -> list[Registered]:
    return [Registered(number, state, amount, False) for number, (state, amount) in enumerate(entries, 1)]


@pytest.mark.parametrize(
    ("entries", "has_waiting", "states"),
    [
        ([("waiting", 60), ("eligible", 40)], False, [RESERVED, RESERVED]),
        ([("waiting", 60), ("waiting", 50), ("waiting", 10)], False, [RESERVED, QUEUED, QUEUED]),
        ([("withdrawn", 60), ("waiting", 50), ("waiting", 50)], False, [RELEASED, RESERVED, RESERVED]),
        ([("ineligible", 60), ("moved", 50), ("waiting", 100)], False, [RELEASED, RELEASED, RESERVED]),
        ([("waiting", None), ("waiting", 1)], False, [QUEUED, QUEUED]),
        ([("waiting", 10)], True, [QUEUED]),
    ],
)
def test_money_is_reserved_in_the_order_of_arrival(
    entries: list[tuple[str, int | None]], has_waiting: bool, states: list[RegistrationState]
) -> None:
    assert list(registrations(queue(*entries), 100, has_waiting=has_waiting).values()) == states


@given(amounts=st.lists(st.integers(1, 60), max_size=10), free=st.integers(0, 200), shuffled=st.randoms())
def test_reservations_never_exceed_what_is_free(amounts: list[int], free: int, shuffled: object) -> None:
    entries = queue(*(("waiting", amount) for amount in amounts))
    expected = registrations(entries, free, has_waiting=False)
    shuffled.shuffle(entries)  # type: ignore[attr-defined]
    assert registrations(entries, free, has_waiting=False) == expected
    held = [sequence for sequence, state in expected.items() if state is RESERVED]
    assert sum(amounts[sequence - 1] for sequence in held) <= free
    assert held == list(range(1, len(held) + 1)), "nobody is overtaken"


def form(requested_minor: int) -> Form:
    return Form.model_validate({"costs": {"requested_minor": requested_minor}})


def test_repair_keeps_the_place_and_asks_for_no_more() -> None:
    assert moves_back(form(100), form(90), PLAIN, FORM), "a change of money goes to the end of the queue"
    assert not moves_back(form(100), form(90), AT_REGISTRATION, FORM)
    assert not moves_back(form(100), form(100), AT_REGISTRATION, FORM)
    with pytest.raises(Refused) as refused:
        moves_back(form(100), form(101), AT_REGISTRATION, FORM)
    assert (refused.value.code, refused.value.field) == ("above-registered", "costs.requested_minor")
