"""Ids sort by time, derived ids are stable, and readable codes detect copying errors."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.ids import SIGNS, check_code, derive_id, keyed_hash, new_id, readable_code, typed_code

numbers = st.integers(0, 32**8 - 1)
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def test_new_ids_are_version_7_and_sorted_by_time() -> None:
    import time

    first = new_id()
    time.sleep(0.002)
    assert first < new_id()
    assert (first.version, first.variant) == (7, "specified in RFC 4122")


@given(st.uuids(), st.text(), st.text())
def test_derived_id_depends_on_parent_and_names_only(parent: UUID, name: str, other: str) -> None:
    assert derive_id(parent, name) == derive_id(parent, name)
    assert (derive_id(parent, name) == derive_id(parent, other)) == (name == other)
    assert derive_id(parent, name).version == 8


def test_adjacent_names_give_distinct_ids() -> None:
    parent = new_id()
    assert derive_id(parent, "attempt", 11) != derive_id(parent, "attempt1", 1)


@given(numbers)
def test_readable_code_accepts_look_alike_letters(number: int) -> None:
    code = readable_code("KRT", number)
    assert check_code(code)
    assert check_code("KRT" + code[3:].lower())
    assert check_code("KRT" + code[3:-1].replace("0", "O").replace("1", "I") + code[-1])


@given(numbers, st.sampled_from(["", " ", "-", "  - ", "–", "."]), st.booleans())
def test_code_is_found_as_people_type_it(number: int, between: str, small: bool) -> None:
    code = readable_code("KPR", number)
    spoken = code[:4] + code[4:-1].replace("0", "O").replace("1", "l") + code[-1]
    typed = f" {between.join(spoken.split('-'))} "
    assert typed_code(typed.lower() if small else typed, 8, 12) == code
    assert typed_code(typed, 12) is None


@pytest.mark.parametrize("text", ["", "-", "KPR", "KPR-0001", "000-0000-0000-0", "ΩΡΡ-0000-0000-0", "KPR-0000-00U0-0"])
def test_what_is_no_code_is_none(text: str) -> None:
    assert typed_code(text, 8) is None


@given(numbers, st.integers(0, 7), st.sampled_from(LETTERS))
def test_one_wrong_letter_is_found(number: int, place: int, letter: str) -> None:
    prefix, first, second, check = readable_code("KRT", number).rsplit("-", 3)
    letters = list(first + second)
    changed = letters[place] != letter
    letters[place] = letter
    wrong = "".join(letters)
    assert check_code(f"{prefix}-{wrong[:4]}-{wrong[4:]}-{check}") != changed


@given(numbers, st.integers(0, 6))
def test_two_swapped_neighbours_are_found(number: int, place: int) -> None:
    prefix, first, second, check = readable_code("KRT", number).rsplit("-", 3)
    letters = list(first + second)
    letters[place], letters[place + 1] = letters[place + 1], letters[place]
    swapped = "".join(letters)
    assert check_code(f"{prefix}-{swapped[:4]}-{swapped[4:]}-{check}") == (swapped == first + second)


def test_keyed_hash_depends_on_key_kind_and_value() -> None:
    assert keyed_hash(b"k", "tax-number", "EL 123 456") == keyed_hash(b"k", "tax-number", "el123456")
    assert keyed_hash(b"k", "tax-number", "1") != keyed_hash(b"k", "owner", "1")
    assert keyed_hash(b"k", "tax-number", "1") != keyed_hash(b"other", "tax-number", "1")


def test_sign_that_cannot_be_typed_may_be_left_out() -> None:
    """A receipt keeps the check character of its number, which may be a sign; a letter is never left out."""
    codes = [readable_code("KPR", number, 12) for number in range(200)]
    assert {code[-1] for code in codes} >= set(SIGNS)
    for code in codes:
        assert typed_code(code, 12) == code
        assert (typed_code(code[:-1], 12) == code) is (code[-1] in SIGNS)
