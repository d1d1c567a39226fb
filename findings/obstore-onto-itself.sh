#!/usr/bin/env bash
# obstore: an object renamed to its own name is gone from memory; copied onto itself in a folder, it leaves a hidden file.
#
# Version:  obstore 0.12.1.
# Expected: copying or renaming an object to its own name changes nothing, in every store.
# Happens:  `rename` in a MemoryStore removes the object: it is copied onto itself, and then the old name is deleted. In a LocalStore it
#           stays, and `copy` leaves a second file beside it, with '#0' at its end, which no list of the store shows.
# Matters:  a step that files a document under its final name, and is repeated, loses it in tests that keep documents in memory; folders
#           grow.
# Guard:    compare the two names first.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check obstore==0.12.1
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PYTHON'
import tempfile
from importlib.metadata import version
from pathlib import Path

import obstore
from obstore.store import LocalStore, MemoryStore

print("obstore", version("obstore"))


def names(store) -> list[str]:
    return [found["path"] for page in obstore.list(store) for found in page]


folder = Path(tempfile.mkdtemp(dir="."))
local, memory = LocalStore(folder.absolute()), MemoryStore()
for name, store in {"folder": local, "memory": memory}.items():
    obstore.put(store, "offer", b"text")
    obstore.copy(store, "offer", "offer")
    print(f"{name}: after a copy onto itself {names(store)}")
    assert names(store) == ["offer"]
files = sorted(path.name for path in folder.iterdir())
print("files in the folder:", files)
assert files == ["offer", "offer#0"]
for name, store in {"folder": local, "memory": memory}.items():
    obstore.rename(store, "offer", "offer")
    print(f"{name}: after a rename to its own name {names(store)}")
assert names(local) == ["offer"] and names(memory) == []
print("as described")
PYTHON
