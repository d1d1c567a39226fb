"""docs/pictures/states.md: a state diagram of each transition table of the services' domains."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

from tools.pictures.handlers import CONSUMED

Moves = list[tuple[StrEnum, StrEnum, str]]
"""(from, to, what causes it or '')."""


def page() -> str:
    lines = [
        "# States",
        "",
        "Generated from the transition tables in `services/*/domain/`. A move that is not in its table is refused.",
        "",
    ]
    for title, place, moves in tables():
        lines += [f"## {title}", "", f"`{place}`", "", "```mermaid", "stateDiagram-v2"]
        lines += [f"    {_id(start)}: {start}" for start in _states(moves)]
        lines += [f"    {_id(start)} --> {_id(end)}{f': {cause}' if cause else ''}" for start, end, cause in moves]
        lines += ["```", ""]
    return "\n".join(lines).rstrip()


def tables() -> Iterator[tuple[str, str, Moves]]:
    """(title, place, moves) of every mapping whose name ends in TRANSITIONS, by service."""
    for service in CONSUMED:
        package = importlib.import_module(f"services.{service}.domain")
        for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda one: one.name):
            loaded = importlib.import_module(f"{package.__name__}.{module.name}")
            for name, table in inspect.getmembers(loaded, lambda value: isinstance(value, Mapping)):
                if name.endswith("TRANSITIONS"):
                    yield f"{service}: {_title(table)}", f"services/{service}/domain/{module.name}.py: {name}", list(_moves(table))


def _moves(table: Mapping[object, object]) -> Iterator[tuple[StrEnum, StrEnum, str]]:
    """Both forms: state -> states, and (state, event) -> state."""
    for key, value in table.items():
        if isinstance(key, tuple):
            if key[0] is not value:
                yield key[0], value, str(key[1])  # type: ignore[misc]
        else:
            assert isinstance(value, Iterable)
            for end in sorted(value):
                yield key, end, ""  # type: ignore[misc]


def _states(moves: Moves) -> list[StrEnum]:
    return list(dict.fromkeys(state for start, end, _ in moves for state in (start, end)))


def _title(table: Mapping[object, object]) -> str:
    key = next(iter(table))
    state = key[0] if isinstance(key, tuple) else key
    return " ".join(re.findall("[A-Z][a-z]*", type(state).__name__)).lower()


def _id(state: StrEnum) -> str:
    return state.value.replace("-", "_")
