"""Plain words: no house words in code, documents and policies, and test names that a report can show in one line."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("services", "shared", "deploy", "operations", "simulation", "bench", "tools", "tests", "docs", "regions")
LONGEST_TEST_NAME = 60

HOUSE_WORDS = {
    "anew": "again",
    "afresh": "again",
    "midst": "during",
    "whoever": "the role: operator, client, caller",
    "for ever": "permanently, without limit",
    "for_ever": "permanently",
    "told": "published, passed, set",
    "tells": "reports, returns",
    "heard": "consumed, received",
    "mend": "correct",
    "mended": "corrected",
    "refill": "republish",
    "bury": "store as a dead letter",
    "exhume": "requeue",
    "lost time": "recovery gap",
    "hand in": "submit",
    "handed in": "submitted",
    "unending": "too long",
}
"""A house word, and the field's word for it. Docstrings, comments, names and texts; `docs/glossary.md` has the terms."""
PATTERN = re.compile(r"(?<![a-z])(" + "|".join(map(re.escape, HOUSE_WORDS)) + r")(?![a-z])", re.IGNORECASE)


def house_words(text: str) -> list[str]:
    """The house words of a text, with their line; snake_case names are split into words first.

    A line that ends in `# wire name` is not searched: it keeps an old name that recorded data still has.
    """
    found: list[str] = []
    plain = text.lower().replace("_", " ")
    if not any(word.replace("_", " ") in plain for word in HOUSE_WORDS):  # most files: it is quicker to say so than to search each line
        return found
    for number, line in enumerate(text.splitlines(), start=1):
        if line.endswith("# wire name"):
            continue
        words = [match.group(1).lower() for match in PATTERN.finditer(line.replace("_", " "))]
        found += [f"line {number}: {word!r} (say: {HOUSE_WORDS[word]})" for word in words]
    return found


def texts() -> Iterator[Path]:
    yield from ROOT.glob("*.md")
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*")):
            if path.suffix in (".py", ".md", ".toml", ".html") and "migrations" not in path.parts and path != Path(__file__).resolve():
                yield path


def long_names(source: str) -> list[str]:
    return [name for name in re.findall(r"\bdef (test_\w*)", source) if len(name) > LONGEST_TEST_NAME]


def test_no_house_word_is_left() -> None:
    assert [f"{path.relative_to(ROOT)}: {word}" for path in texts() for word in house_words(path.read_text())] == []


def test_test_names_are_short() -> None:
    """The story of a test is its docstring."""
    assert [f"{path.name}: {name}" for path in (ROOT / "tests").rglob("*.py") for name in long_names(path.read_text())] == []


@pytest.mark.parametrize("text", ["Begun anew.", "def told() -> None: ...", "begin_anew = 1", "a file that is mended", "Works for ever."])
def test_house_word_is_found(text: str) -> None:
    assert house_words(text)


@pytest.mark.parametrize("text", ["a renewed lease", "the amended call", "forever", "overheard", 'kind = "heard"  # wire name'])
def test_ordinary_word_is_not_taken_for_a_house_word(text: str) -> None:
    assert house_words(text) == []


def test_long_test_name_is_found() -> None:
    assert long_names(f"def test_{'x' * LONGEST_TEST_NAME}(): ...")
