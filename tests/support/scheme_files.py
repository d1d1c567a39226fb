"""Policies and forms as an officer proposes them: the newest file of a scheme, from a later day on."""

from datetime import date

from tests.support.desk import REGIONS

PLACE = "hr-koprivnica/digital-voucher"


def later_file(first_day: date, *changes: tuple[str, str], name: str = "2025-12-01", place: str = PLACE) -> str:
    """The text of a file, which holds from another day; each of `changes` replaces one piece of it, which has to be there."""
    text = (REGIONS / place / f"{name}.toml").read_text()
    for old, new in ((f"\neffective_from = {name.removeprefix('form-')}", f"\neffective_from = {first_day}"), *changes):
        assert old in text, old
        text = text.replace(old, new, 1)
    return text
