#!/usr/bin/env bash
# obstore: whether a document may be called report#1, and whether nothing can be deleted, depends on the store.
#
# Version:  obstore 0.12.1.
# Expected: stores differ in where they keep bytes; what one takes under a name, the others take.
# Happens:  a LocalStore refuses a name that ends in '#' and digits, which it uses itself for unfinished uploads; 'report#1.pdf' and
#           'report#one' are taken. A MemoryStore takes all. `delete` of a name that is not there raises FileNotFoundError in a folder and
#           nothing in memory.
# Matters:  names that people give ('Invoice #12') fail in one installation and pass in the next; a repeated clean-up fails in a folder
#           only.
# Guard:    names of objects are ids of one's own; the name that a person gave is kept beside them. A missing object counts as deleted.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check obstore==0.12.1
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PYTHON'
import tempfile
from importlib.metadata import version

import obstore
from obstore.store import LocalStore, MemoryStore

print("obstore", version("obstore"))


def outcome(act, *arguments) -> str:
    try:
        act(*arguments)
    except Exception as error:
        return type(error).__name__
    return "done"


outcomes = {}
for kind, store in {"folder": LocalStore(tempfile.mkdtemp()), "memory": MemoryStore()}.items():
    for name in ("report#1", "report#1.pdf", "report#one"):
        outcomes[kind, name] = outcome(obstore.put, store, name, b"text")
    outcomes[kind, "delete"] = outcome(obstore.delete, store, "nothing")
for (kind, what), end in outcomes.items():
    print(f"{kind}, {what}: {end}")
assert {end for (kind, what), end in outcomes.items() if kind == "memory" or what in ("report#1.pdf", "report#one")} == {"done"}
assert (outcomes["folder", "report#1"], outcomes["folder", "delete"]) == ("GenericError", "FileNotFoundError")
print("as described")
PYTHON
