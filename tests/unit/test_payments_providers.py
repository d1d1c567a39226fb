"""Decisions about providers: who is related to whom, and who stands in the catalogue."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.payments.domain.catalogue import Approval, Entry, check_approval, check_listed, is_listed
from services.payments.domain.related_parties import Link, Party, check_unrelated, links
from services.payments.domain.states import ProviderState
from services.payments.steps.parties import relations_of_provider
from shared.classifications.identity_keys import relation_hash
from shared.classifications.tax_numbers import canonical_tax_number
from shared.kernel.errors import Refused
from tests.support.providers import KEY

DAY = date(2026, 3, 2)
SEAT = {"street": "Via Example 1", "postcode": "48000", "town": "Koprivnica", "country": "HR"}


def side(tax_number: str = "12345678903", owners: list[str] | None = None, **more: Any) -> Party:
    kin, worked = more.pop("kin", []), more.pop("worked", [])
    name = more.pop("name", "")
    found = relations_of_provider(KEY, tax_number, {**SEAT, **more.pop("seat", {})}, owners or [], kin, worked, name)
    return Party(
        tax_numbers=frozenset(found["tax-number"]), addresses=frozenset(found["address"]), owners=frozenset(found["owner"]),
        itself=frozenset(found["itself"]), owned_by=frozenset(found["owned-by"]),
        kin=frozenset(found["kin"]), joint_work={key: date.fromisoformat(day) for key, day in found["joint-work"].items()}, **more,
    )  # fmt: skip


NAMES = frozenset(relation_hash(KEY, "employer", one) or "" for one in ("12345678903", "Primjer i sin d.o.o."))
FIRM = side(owners=["Γιώργος Δείγμας", "HR 94577403195"], organisation_id=UUID(int=1), accounts=frozenset({"a"}), names=NAMES)
ELSEWHERE = {"street": "Elsewhere 9"}
OTHER = "94577403194"


@pytest.mark.parametrize(
    ("provider", "found"),
    [
        (side(OTHER, ["Ana Primjer"], seat=ELSEWHERE, organisation_id=UUID(int=2), accounts=frozenset({"b"})), []),
        (side(OTHER, seat=ELSEWHERE, organisation_id=UUID(int=1)), [Link.ORGANISATION]),
        (side("HR 123-456-789-03", seat=ELSEWHERE), [Link.TAX_NUMBER]),
        (side(OTHER, seat=ELSEWHERE, accounts=frozenset({"a"})), [Link.ACCOUNT]),
        (side(OTHER, seat={"street": "VIA EXAMPLE, 1"}), [Link.ADDRESS]),
        (side(OTHER, ["ΔΕΙΓΜΑΣ ΓΙΩΡΓΟΣ"], seat=ELSEWHERE), [Link.OWNER]),
        (side(OTHER, seat=ELSEWHERE, name="obrt Giorgos Deigmas"), [Link.OWNER]),
        (side("94577403195", seat=ELSEWHERE), [Link.OWNER]),
        (side(OTHER, ["PRIMJER & SIN"], seat=ELSEWHERE), [Link.OWNER]),
        (side(OTHER, ["HR-12345678903"], seat=ELSEWHERE), [Link.OWNER]),
        (side(OTHER, seat=ELSEWHERE, kin=["γιωργος δειγμας"]), [Link.KIN]),
        (side(OTHER, seat=ELSEWHERE, worked=[{"tax_number": "12345678903", "last_on": "2023-03-02"}]), [Link.JOINT_WORK]),
        (side(OTHER, seat=ELSEWHERE, worked=[{"tax_number": "12345678903", "last_on": "2023-03-01"}]), []),
    ],
    ids=[
        "nobody",
        "organisation",
        "tax number",
        "account",
        "address",
        "owner",
        "is an owner",
        "is an owner by its number",
        "is owned",
        "is owned by its number",
        "kin",
        "joint work of three years",
        "before that",
    ],
)
def test_related_parties_are_found_however_they_are_typed(provider: Party, found: list[Link]) -> None:
    """Source: cases/rules.md, "provider with the beneficiary's own account, address, owner or tax number". From either side."""
    assert links(FIRM, provider, DAY, 3) == links(provider, FIRM, DAY, 3) == found
    if found:
        with pytest.raises(Refused, match="related") as refused:
            check_unrelated(FIRM, provider, DAY, 3)
        assert refused.value.facts["kinds"] == sorted(link.value for link in found)
    else:
        check_unrelated(FIRM, provider, DAY, 3)


def test_joint_work_ties_where_the_policy_says_so() -> None:
    worked = side(OTHER, seat=ELSEWHERE, worked=[{"tax_number": "12345678903", "last_on": "2026-03-01"}])
    assert links(FIRM, worked, DAY) == []


APPROVED = Entry(ProviderState.APPROVED, Approval(("design",), date(2026, 3, 1), date(2026, 3, 31)))


@pytest.mark.parametrize(
    ("entry", "day", "listed"),
    [
        (APPROVED, date(2026, 3, 1), True),
        (APPROVED, date(2026, 3, 31), True),
        (APPROVED, date(2026, 2, 28), False),
        (APPROVED, date(2026, 4, 1), False),
        (replace(APPROVED, approval=Approval(("design",), date(2026, 3, 1))), date(2031, 1, 1), True),
        *((replace(APPROVED, state=state), DAY, False) for state in ProviderState if state != ProviderState.APPROVED),
    ],
)
def test_catalogue_has_who_is_approved_on_the_day(entry: Entry, day: date, listed: bool) -> None:
    assert is_listed(entry, day) is listed
    if not listed:
        with pytest.raises(Refused) as refused:
            check_listed(entry, "design", day)
        assert refused.value.code == "provider-not-listed"


def test_provider_is_chosen_for_a_service_of_its_approval() -> None:
    check_listed(APPROVED, "design", DAY)
    with pytest.raises(Refused) as refused:
        check_listed(APPROVED, "marketing", DAY)
    assert refused.value.code == "service-not-listed"


@pytest.mark.parametrize(
    ("approval", "code"),
    [
        (Approval((), DAY), "services-missing"),
        (Approval(("design", "training"), DAY), "service-not-asked"),
        (Approval(("design",), DAY, date(2026, 3, 1)), "approval-reversed"),
        (Approval(("design",), date(2026, 1, 1), date(2026, 3, 1)), "approval-over"),
    ],
)
def test_approval_fits_what_was_asked(approval: Approval, code: str) -> None:
    check_approval(["design"], Approval(("design",), DAY, DAY), DAY)
    with pytest.raises(Refused) as refused:
        check_approval(["design"], approval, DAY)
    assert refused.value.code == code


@pytest.mark.parametrize(("country", "number"), [("HR", "ABCD"), ("HR", "00000000000"), ("GR", "EL12345")])
def test_tax_number_of_a_provider_is_checked_at_entry(country: str, number: str) -> None:
    """Source: cases/rules.md, "refused at entry by the country's check"."""
    with pytest.raises(Refused) as refused:
        canonical_tax_number(country, number)
    assert refused.value.code == "tax-number-wrong"
