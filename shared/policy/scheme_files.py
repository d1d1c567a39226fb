"""A policy or a form of a scheme that is added while the platform runs: read from its text, with the checks of a file of the regions, and
compared with what holds before it."""

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from shared.policy.form import ENGLISH, FormDefinition, FormFile, compose
from shared.policy.form_check import form_faults
from shared.policy.loader import FORM, LoadError, read_text
from shared.policy.resolver import PolicyBook
from shared.policy.rules import check_rules
from shared.policy.schema import Policy

LARGEST_BYTES = 200_000
"""Ten times the largest file of the regions, and well within one message."""


class SchemeFileKind(StrEnum):
    POLICY = "policy"
    FORM = "form"


SchemeFile = Policy | FormDefinition


def read_scheme_file(kind: SchemeFileKind, text: str, cores: Mapping[str, FormFile]) -> SchemeFile:
    """`LoadError` with a line for each fault: '<kind>: <field>: <reason>'. `cores`: the common cores by their first day."""
    if kind is SchemeFileKind.POLICY:
        policy = read_text(text, kind, Policy)
        try:
            check_rules(policy)
        except ValueError as error:
            raise LoadError(f"{kind}: {error}") from error
        return policy
    file = read_text(text, kind, FormFile)
    core = None if file.extends is None else cores.get(file.extends.isoformat())
    if file.scheme is None:
        raise LoadError(f"{kind}: scheme: is missing; the common core is no form of a scheme")
    if file.extends is not None and core is None:
        raise LoadError(f"{kind}: extends: there is no common core of {file.extends}")
    try:
        return compose(file, core)
    except ValueError as error:
        raise LoadError("\n".join(f"{kind}: {fault}" for fault in str(error).splitlines())) from error


def place_of(found: SchemeFile) -> str:
    """Where it would stand under `regions/`."""
    name = found.effective_from.isoformat() if isinstance(found, Policy) else f"{FORM}{found.effective_from}"
    return f"{found.region}/{found.scheme}/{name}.toml"


def faults_in(found: SchemeFile, book: PolicyBook, today: date) -> Iterator[str]:
    """What keeps it from being published, '<field>: <reason>'. `today`: in the region."""
    policies = policies_of(book, found.region, found.scheme)
    if found.region not in book.zones():
        yield f"region: there is no region {found.region}; a new one needs its offices, its bank and its workers first"
    if found.effective_from < today:
        yield f"effective_from: {found.effective_from} has passed; what has begun keeps its rules"
    if book.knows(found) or not book.has_room_for(found):
        yield f"effective_from: a file of this kind and scheme holds from {found.effective_from}"
    if isinstance(found, Policy):
        yield from money_faults(found, book)
        yield from translation_faults(found)
        return
    if not policies:
        yield f"scheme: there is no policy of {found.region}/{found.scheme}: publish it first"
    yield from form_faults(found, {ENGLISH, *(language for one in policies for language in one.languages)})


def money_faults(found: SchemeFile, book: PolicyBook) -> Iterator[str]:
    """The bank (account, channel, format) and the approvals of payments are not the officers' to change: they stay as they are for the
    scheme, and of a new scheme as they are for one of the region. They change with a release, by who runs the platform."""
    if not isinstance(found, Policy):
        return
    earlier = before(found, book)
    held = [earlier] if isinstance(earlier, Policy) else [one for one in book.all() if one.region == found.region]
    for name in ("bank", "approvals"):
        if not any(getattr(one, name) == getattr(found, name) for one in held):
            yield f"{name}: is not as it was; bank and approvals change with a release of the platform"


def translation_faults(policy: Policy) -> Iterator[str]:
    """Texts of a policy that are missing in one of its languages."""
    others = set(policy.languages) - {ENGLISH}
    for name, translations in [
        *((f"eligibility.rules.{rule.id}", rule.translations) for rule in policy.eligibility.rules),
        *((f"calendar.extra_days.{day.day}", day.translations) for day in policy.calendar.extra_days),
    ]:
        if others - set(translations):
            yield f"{name}: no text in {', '.join(sorted(others - set(translations)))}"


def policies_of(book: PolicyBook, region: str, scheme: str | None) -> list[Policy]:
    """By date."""
    return [one for one in book.all() if (one.region, one.scheme) == (region, scheme)]


def before(found: SchemeFile, book: PolicyBook) -> SchemeFile | None:
    """What holds until this one does; None for the first of a scheme."""
    earlier: list[Any] = (
        [one for one in policies_of(book, found.region, found.scheme) if one.effective_from < found.effective_from]
        if isinstance(found, Policy)
        else [
            one for one in book.forms
            if (one.region, one.scheme) == (found.region, found.scheme) and one.effective_from < found.effective_from
        ]
    )  # fmt: skip
    return earlier[-1] if earlier else None


class Difference(BaseModel):
    """`place`: dotted path. `before`, `after`: as in the file; None where it is not there."""

    place: str
    before: str | None
    after: str | None


def differences(old: SchemeFile | None, new: SchemeFile) -> list[Difference]:
    """Every value that is not the same, by its place. Of the first file of a scheme all values are new."""
    was, now = ({} if one is None else dict(_values(one.model_dump(mode="json", exclude_unset=True, by_alias=True))) for one in (old, new))
    places = [*now, *(place for place in was if place not in now)]
    return [Difference(place=one, before=was.get(one), after=now.get(one)) for one in places if was.get(one) != now.get(one)]


def _values(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Tables of a list are named by their `id`, so that one that was put in between moves no other."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _values(inner, f"{place}.{name}" if place else name)
    elif isinstance(value, list) and any(isinstance(one, dict) for one in value):
        for number, inner in enumerate(value, start=1):
            name = inner.get("id", number) if isinstance(inner, dict) else number
            yield from _values(inner, f"{place}.{name}")
    else:
        yield place, ", ".join(map(str, value)) if isinstance(value, list) else str(value)
