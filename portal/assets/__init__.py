"""The files that pages load: made from npm packages and the sources beside this file by `make install`."""

import hashlib
from functools import cache
from pathlib import Path

BUILT = Path(__file__).resolve().parent / "built"
PATH = "/assets"


@cache
def asset(name: str) -> str:
    """The address of a built file. It changes with the content, so that browsers may keep the file."""
    digest = hashlib.sha256((BUILT / name).read_bytes()).hexdigest()[:12]
    return f"{PATH}/{name}?v={digest}"
