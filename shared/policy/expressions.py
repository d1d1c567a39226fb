"""Expressions of rules in CEL, made total: each gives true, false or a named fault, whatever the facts are.

The language raises for a division by zero, an element that is not there and types that do not fit; it counts bytes where a person counts
letters, and takes integers beyond 64 bits for fractions. `doubt_about` finds at load what can go wrong with any facts; `verdict_of` gives a
fault where it did all the same, so that nobody is refused by a rule that cannot be judged.
"""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache

import cel

Value = int | str | bool | list[str] | None


class Fault(StrEnum):
    """Why an expression gives neither true nor false."""

    DIVISION_BY_ZERO = "division-by-zero"
    MISSING_ELEMENT = "missing-element"
    TYPES = "types-do-not-fit"
    NOT_BOOLEAN = "not-true-or-false"
    OTHER = "cannot-be-evaluated"


_FAULTS: tuple[tuple[type[Exception], Fault], ...] = (
    (ZeroDivisionError, Fault.DIVISION_BY_ZERO),
    (LookupError, Fault.MISSING_ELEMENT),
    (TypeError, Fault.TYPES),
    (Exception, Fault.OTHER),
)
SAFE = frozenset(
    {
        *("!_", "-_", "_!=_", "_&&_", "_*_", "_+_", "_-_", "_<=_", "_<_", "_==_", "_>=_", "_>_", "_?_:_", "_||_"),
        *("@in", "@not_strictly_false", "contains", "endsWith", "size", "startsWith"),
    }
)
"""What cannot fail when its types fit, but for a sum beyond 64 bits. The last but three are in, all, exists and their like."""
_DIVISION = frozenset({"_/_", "_%_"})
_LARGEST = 2**63 - 1
_SAMPLES: Mapping[type, tuple[Value, ...]] = {
    int: (0, 1, 2**62),
    str: ("", "74.10", "Δείγμα"),
    bool: (False, True, True),
    list: ([], ["export"], ["export", "Δείγμα"]),
}
_TEXT = re.compile(r"(\"\"\"|'''|\"|')(?:\\.|(?!\1).)*\1|//[^\n]*", re.DOTALL)
_FRACTION = re.compile(r"(?<![\w.])\d+\.\d|(?<![\w.])\d+[eE][+-]?\d|(?<![\w)\]])\.\d")
_DIVIDED = re.compile(r"[/%]\s*(?=(\S{0,40}))")
_CERTAIN = re.compile(r"[1-9]\d*(?![\w.])")
_SIZE = re.compile(r"\bsize\s*\(")
_SIZE_OF_LIST = re.compile(r"\bsize\(\s*[\w.]+\.(?:filter|map)\(")
_SIZE_OF_NAME = re.compile(r"\bsize\(\s*([\w.]+)\s*\)|([\w.]+)\.size\(\)")


@cache
def compiled(expression: str) -> cel.Program:
    """ValueError when it is not CEL."""
    return cel.compile(expression)


def is_beyond_64_bits(value: object) -> bool:
    return isinstance(value, int) and not -_LARGEST - 1 <= value <= _LARGEST


def verdict_of(expression: str, values: Mapping[str, object]) -> bool | Fault:
    """True, false, or the fault. False for amounts so absurd that they, or a product of them, leave 64 bits: they pass no rule."""
    if any(is_beyond_64_bits(value) for value in values.values()):
        return False
    try:
        verdict = compiled(expression).execute(dict(values))
    except OverflowError:
        return False
    except Exception as error:  # noqa: BLE001 (whatever the engine raises is a fault of the rule)
        return next(fault for kind, fault in _FAULTS if isinstance(error, kind))
    return verdict if isinstance(verdict, bool) else Fault.NOT_BOOLEAN


def doubt_about(expression: str, facts: Mapping[str, type], constants: Mapping[str, object]) -> str | None:
    """Why it can fail, or mislead, with facts of these types; None when it cannot. `constants`: those that it reads of the policy."""
    code = _TEXT.sub("''", expression)
    calls = set(compiled(expression).functions())
    if unsafe := sorted(calls - SAFE - _DIVISION):
        return f"{', '.join(unsafe)}: can fail, depending on the facts"
    if unsure := [divisor for divisor in _DIVIDED.findall(code) if not _CERTAIN.match(divisor)]:
        return f"divides by what may be 0: {unsure[0]}"
    if fraction := _FRACTION.search(code):
        return f"counts with a fraction: {fraction[0]}"
    if _sizes_of_text(code, facts, constants):
        return "size() is for lists: of a text it counts bytes, not letters"
    if large := [name for name, value in constants.items() if is_beyond_64_bits(value)]:
        return f"beyond 64 bits: policy.{large[0]}"
    return next((f"{fault}, as with {values}" for values, fault in _trials(expression, facts, constants)), None)


def _sizes_of_text(code: str, facts: Mapping[str, type], constants: Mapping[str, object]) -> bool:
    lists = {name for name, kind in facts.items() if kind is list}
    lists |= {f"policy.{name}" for name, value in constants.items() if isinstance(value, list)}
    named = [first or second for first, second in _SIZE_OF_NAME.findall(code)]
    return len(_SIZE.findall(code)) != len(_SIZE_OF_LIST.findall(code)) + sum(name in lists for name in named)


def _trials(expression: str, facts: Mapping[str, type], constants: Mapping[str, object]) -> Iterator[tuple[dict[str, Value], Fault]]:
    """The samples of facts with which the expression fails: each sample for all facts, then for one fact at a time."""
    every = [{name: _SAMPLES[kind][number] for name, kind in facts.items()} for number in range(3)]
    single = [every[1] | {name: _SAMPLES[kind][number]} for name, kind in facts.items() for number in (0, 2)]
    for values in (*every, *single):
        verdict = verdict_of(expression, {**values, "policy": dict(constants)})
        if isinstance(verdict, Fault):
            yield values, verdict
