"""Every value of a policy says where it comes from: a map from dotted path to source, a parent speaking for all below it."""

from collections.abc import Iterator, Mapping
from typing import Any


def leaf_paths(content: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """The dotted paths of all values; a list is one value. `sources` itself is left out."""
    for name, value in content.items():
        path = f"{prefix}{name}"
        if path == "sources":
            continue
        if isinstance(value, Mapping):
            yield from leaf_paths(value, f"{path}.")
        else:
            yield path


def uncovered(content: Mapping[str, Any], sources: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """(paths of values without a source, sources of nothing), both in order."""
    leaves = list(leaf_paths(content))
    parents = {parent for leaf in leaves for parent in _lineage(leaf)}
    missing = [leaf for leaf in leaves if not any(parent in sources for parent in _lineage(leaf))]
    return missing, sorted(set(sources) - parents)


def source_of(path: str, sources: Mapping[str, str]) -> str:
    """The nearest source at or above the path. KeyError when there is none."""
    for parent in _lineage(path):
        if parent in sources:
            return sources[parent]
    raise KeyError(path)


def _lineage(path: str) -> Iterator[str]:
    """'a.b.c', 'a.b', 'a'."""
    while path:
        yield path
        path = path.rpartition(".")[0]
