"""What the APIs answered to a person while a page was read or watched, as one short digest: whether a page has changed is seen by it."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

UNKNOWN = (429, 502, 503, 504)
"""Statuses of an answer that says nothing of what is asked."""
_AS_OF = re.compile(rb'"as_of":"[^"]*"')
"""The instant of an answer, which is another one each time."""


class Answers:
    """The answers to requests with the person's own token, in any order. `is_whole`: False when one of them did not come."""

    def __init__(self) -> None:
        self._digests: set[bytes] = set()
        self.is_whole = True

    def add(self, asked: str, status: int, content: bytes) -> None:
        if status in UNKNOWN:
            self.is_whole = False
        said = b"%s %d %s" % (asked.encode(), status, _AS_OF.sub(b"", content))
        self._digests.add(hashlib.sha256(said).digest())

    @property
    def digest(self) -> str:
        """24 letters; empty where an answer is missing, or nothing was asked."""
        if not self.is_whole or not self._digests:
            return ""
        return hashlib.sha256(b"".join(sorted(self._digests))).hexdigest()[:24]


_ANSWERS: ContextVar[Answers | None] = ContextVar("answers", default=None)


@contextmanager
def collecting(answers: Answers | None) -> Iterator[None]:
    """What is asked within is kept in `answers`; None: is not kept, for instance because it is not asked each time."""
    before = _ANSWERS.set(answers)
    try:
        yield
    finally:
        _ANSWERS.reset(before)


def collect(asked: str, status: int, content: bytes) -> None:
    """`asked`: path and query."""
    answers = _ANSWERS.get()
    if answers is not None:
        answers.add(asked, status, content)


def miss() -> None:
    """An answer did not come."""
    answers = _ANSWERS.get()
    if answers is not None:
        answers.is_whole = False
