"""What a firm sees of its de minimis aid (Regulation (EU) 2023/2831, article 3), under which regulation, and in which columns it is
registered (article 6(1))."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from portal.officer.registers import registers
from services.payments.domain.aid_headroom import HeldAid, headroom_of
from services.payments.domain.ledger import EntryKind
from services.payments.domain.state_aid import AidState, FrozenRate, Holding, Listed, Moved, OwnAid, followed
from shared.kernel.money import Money
from shared.policy.sections import DeMinimis
from shared.policy.state_aid import counts_on, frees_on
from tests.support.applications import BOOK
from tests.support.policies import policy_named

TODAY = date(2026, 3, 2)
EURO = FrozenRate("fixed-EUR-2026-03", Decimal(1))
POLICY = policy_named(BOOK, "hr-koprivnica/digital-voucher")


def held(number: int, amount: int, granted_on: date | None) -> HeldAid:
    state = AidState.RESERVED if granted_on is None else AidState.GRANTED
    return HeldAid(UUID(int=number), UUID(int=number), state, amount, OwnAid(granted_on, amount, "EUR", amount))


@pytest.mark.parametrize("granted_on", [date(2024, 1, 2), date(2024, 2, 29), date(2025, 2, 28), date(2025, 3, 1)])
def test_aid_is_free_on_the_first_day_on_which_it_does_not_count(granted_on: date) -> None:
    free = frees_on(granted_on, 3)
    assert not counts_on(granted_on, free, 3)
    assert counts_on(granted_on, date.fromordinal(free.toordinal() - 1), 3)


def test_headroom_is_shown_by_its_parts() -> None:
    """What linked firms have is one sum; what the organisation lists and was awarded here counts once."""
    own = [held(1, 500, date(2025, 5, 1)), held(2, 300, None), held(3, 900, date(2023, 3, 2))]
    other, ours, theirs = Listed(date(2024, 4, 1), 70, "EUR"), Listed(date(2025, 5, 1), 500, "EUR"), Listed(date(2025, 6, 1), 40, "EUR")
    linked = [OwnAid(date(2025, 7, 1), 1_000, "EUR", 1_000)]
    rates = dict.fromkeys((other, ours, theirs), EURO)
    found = headroom_of(POLICY, TODAY, own, linked, [[other, ours], [other]], [[theirs, other]], rates)
    assert (found.granted_minor, found.reserved_minor, found.declared_minor, found.linked_minor) == (500, 300, 70, 1_040)
    assert found.room.left_minor == POLICY.de_minimis.ceiling_minor - 500 - 300 - 70 - 1_040
    assert [(part.held.voucher_id.int, part.frees_on) for part in found.own] == [(1, date(2028, 5, 1)), (2, None)]
    assert [(part.aid, part.frees_on) for part in found.declared] == [(other, date(2027, 4, 1))]


def test_earlier_aid_follows_the_ledger_of_money() -> None:
    """Reserved, granted on the day of the commitment, more by a change, less by a recovery."""
    first, day = Holding(AidState.RESERVED, 500, "EUR", EURO), POLICY.capped_deadline(POLICY.validity, POLICY.programme_end_at)
    moves = [Moved(EntryKind.COMMITTED, 500, day), Moved(EntryKind.ADDED, 100, day), Moved(EntryKind.RECOVERED, 250, day)]
    assert followed(first, moves) == (Holding(AidState.GRANTED, 350, "EUR", EURO), day)
    assert followed(first, [Moved(EntryKind.RESERVATION_RELEASED, 500, day)]) == (Holding(AidState.RELEASED, 0, "EUR", EURO), None)


def test_regulation_is_named_by_the_policy() -> None:
    """A file without it is about Regulation (EU) 2023/2831, and keeps its id; 2023/2832, article 3(2): EUR 750,000 for services of general
    economic interest."""
    assert (POLICY.de_minimis.named, POLICY.de_minimis.counted) == ("2023/2831", {"2023/2831"})
    given = POLICY.de_minimis.model_dump(exclude_unset=True)
    services = DeMinimis.model_validate({**given, "regulation": "2023/2832", "ceiling_minor": 75_000_000})
    assert (services.named, services.counted) == ("2023/2832", {"2023/2832"})
    both = services.model_copy(update={"counts_with": ("2023/2831",)})
    assert both.counted == {"2023/2831", "2023/2832"}


def test_each_country_has_the_columns_of_its_register() -> None:
    """With who, how much, when, by whom, by which instrument, and which sector: article 6(1)."""
    assert registers().keys() == {policy.calendar.country for policy in BOOK.all()}
    for register in registers().values():
        values = {column.value for column in register.columns}
        assert {"beneficiary", "tax_number", "granted_on", "authority", "amount_eur", "sector", "text"} <= values
        assert len({column.header for column in register.columns}) == len(register.columns)


def test_hours_and_places_are_no_grant_in_any_register() -> None:
    """Regulation (EU) No 651/2014, Annex II, names the instruments; the policy gives the gross grant equivalent."""
    for register in registers().values():
        [column] = [one for one in register.columns if one.in_kind]
        assert {register.written(column, {"in_kind": known}) for known in (True, False)} == {column.in_kind, column.text}
        assert column.in_kind != column.text


@pytest.mark.parametrize(
    ("country", "amount", "day"), [("PL", "1234,50", "2026-03-02"), ("HR", "1234,50", "02.03.2026."), ("DK", "1234.50", "02/03/2026")]
)
def test_amounts_and_days_are_in_the_way_of_the_register(country: str, amount: str, day: str) -> None:
    register, facts = registers()[country], {"amount_eur": Money(123_450, "EUR"), "granted_on": TODAY}
    assert {register.written(column, facts) for column in register.columns if column.value in facts} == {amount, day}
