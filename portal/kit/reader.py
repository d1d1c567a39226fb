"""Reads typed answers into values. What cannot be read is an error at its field; what was typed is kept either way."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from types import MappingProxyType
from typing import TypeVar

from portal.client.base import ApiProblem
from portal.kit.formats import amount_fault, hundredths_of, minor_of, whole_of
from portal.kit.picker import Hit, code_in, hits, shown
from portal.kit.texts import text
from shared.classifications import Scheme

T = TypeVar("T")
REFUSALS = (403, 409, 422)
"""Statuses with which a service says no to what was typed, or to who typed it."""
FORM = ""
"""The name of an error that is about the form as a whole."""


def mark(message: str) -> str:
    """Marks a text for the catalogues where it is not shown at once."""
    return message


_ = mark
CHOOSE = {
    Scheme.NUTS: _("Choose the region from the list, or type another name"),
    Scheme.NACE: _("Choose the activity from the list, or type another word"),
}
"""What to say of words that fit several codes of the list."""


FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)
"""Days that somebody means. Near the ends of the calendar no day can be added, and no zone applied."""


def day_of(typed: str) -> date:
    """As a date field of a browser sends it. ValueError when it is none, or none that somebody means."""
    found = date.fromisoformat(typed)
    if not FIRST_DAY <= found <= LAST_DAY:
        raise ValueError(f"not a day that somebody means: {typed!r}")
    return found


class Reader:
    """`typed`: name of a field → what was typed; `errors`: name → sentence in `language`; `hits`: name → what can be chosen there."""

    def __init__(self, given: Iterable[tuple[str, str]], language: str) -> None:
        self.typed = {name: value.strip() for name, value in given}
        self.errors: dict[str, str] = {}
        self.hits: dict[str, list[Hit]] = {}
        self.language = language

    def line(self, name: str, needed: str) -> str:
        """`needed`: what to say when nothing was typed."""
        value = self.typed.get(name, "")
        return value or self._wrong(name, needed, "")

    def listed(self, name: str, scheme: Scheme, needed: str, country: str | None = None) -> str:
        """A code of the list; of words, and of a code that the list does not have, what fits is in `hits`."""
        code = code_in(scheme, name, lambda field: self.typed.get(field, ""))
        if code is None:
            self.hits[name] = hits(scheme, self.typed.get(name, ""), self.language, country)
            return self._wrong(name, CHOOSE[scheme] if self.hits[name] else needed, "")
        self.typed[name] = shown(scheme, code, self.language)
        return code

    def number(self, name: str, needed: str) -> int:
        try:
            return whole_of(self.typed.get(name, ""))
        except ValueError:
            return self._wrong(name, needed, 0)

    def units(self, name: str, needed: str) -> float:
        """Annual work units, with at most two decimals."""
        try:
            return hundredths_of(self.typed.get(name, "")) / 100
        except ValueError:
            return self._wrong(name, needed, 0)

    def hundredths(self, name: str, needed: str) -> int:
        """Of a number with at most two decimals, above 0."""
        try:
            found = hundredths_of(self.typed.get(name, ""))
        except ValueError:
            found = 0
        return found or self._wrong(name, needed, 0)

    def yes(self, name: str, needed: str) -> bool:
        value = self.typed.get(name, "")
        return value == "yes" if value in ("yes", "no") else self._wrong(name, needed, False)

    def amount(self, name: str, currency: str, needed: str) -> int:
        """Minor units."""
        try:
            return minor_of(self.typed.get(name, ""), currency)
        except ValueError as error:
            return self._wrong(name, amount_fault(error, self.language, needed), 0)

    def day(self, name: str, needed: str, *, optional: bool = False) -> date | None:
        """As a date field of a browser sends it. None for one that is wrong, and for an optional one that is empty."""
        value = self.typed.get(name, "")
        if not value and optional:
            return None
        try:
            return day_of(value)
        except ValueError:
            return self._wrong(name, needed, None)

    def refuse(self, problem: ApiProblem, places: Mapping[str, str] = MappingProxyType({})) -> None:
        """What a service said of the values: at each field that the form has, else of the form as a whole. `places`: name of a value there
        → the field in which it is typed here."""
        for path, reason in problem.fields.items():
            field = path if path in self.typed else places.get(path, path.removesuffix("_minor"))
            self.errors[field if field in self.typed else FORM] = reason
        if not problem.fields:
            self.errors[FORM] = problem.detail

    @contextmanager
    def taking(self, statuses: Collection[int] = REFUSALS) -> Iterator[None]:
        """Takes up what a service refuses in this block; another failure is passed on. Afterwards `errors` tell."""
        try:
            yield
        except ApiProblem as problem:
            if problem.status not in statuses:
                raise
            self.refuse(problem)

    def _wrong(self, name: str, needed: str, value: T) -> T:
        self.errors.setdefault(name, text(self.language, needed))
        return value


def version_in(typed: str) -> int:
    """The version that a page was loaded with; 0, which is none, for what is no number."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def call_number(typed: str) -> int:
    """The number of a call in an address. `ApiProblem` 404 when it cannot be one."""
    if not typed.isascii() or not typed.isdigit() or len(typed) > 9 or int(typed) == 0:
        raise ApiProblem(404, {"code": "unknown-call"})
    return int(typed)
