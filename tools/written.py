"""Writes generated documents, or checks that they are up to date."""

from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def write_or_check(documents: Mapping[Path, str], arguments: list[str]) -> int:
    """The exit status: 1 with `--check` when a document differs from what is generated, else 0 after writing those that do."""
    check = "--check" in arguments
    changed = {path: text for path, text in documents.items() if not path.exists() or path.read_text() != text}
    for path, text in changed.items():
        print(f"{'out of date' if check else 'written'}: {path.relative_to(ROOT)}")
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return 1 if changed and check else 0
