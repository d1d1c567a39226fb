"""The open streams of a process: how many there may be, for how long, and how they all end at once."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from enum import StrEnum

MOST, MOST_OF_SESSION = 300, 4
"""Open streams of a process, and of one session: a browser without HTTP/2 has six connections for all its tabs."""
AT_ONCE = 8
"""Checks at the same time; one more waits, so that pages which are loaded find free connections to the services."""
LONGEST_SECONDS = 90
"""A stream ends after that and the browser opens the next one: less than the ten minutes that the gateway gives an answer."""
LONGEST_PAUSE_SECONDS = 30
"""Between two checks while a service gives no answer."""


class Word(StrEnum):
    """What a stream sends to its page. CHANGED: it shows something else now. ENDED: the session has ended. REFUSED: the page is not open to
    the person any more, or the person acts for somebody else now. REST: other tabs of the session were opened since; until it is looked
    at again."""

    CHANGED = "changed"
    ENDED = "ended"
    REFUSED = "refused"
    REST = "rest"


class Over(Exception):
    """The stream ends with this word."""

    def __init__(self, word: Word) -> None:
        self.word = word
        super().__init__(word)


class Full(Exception):
    """No more streams in this process, or it is about to end."""


class Stream:
    """One open page. `end` wakes it up; it then says the word, or nothing, and ends."""

    def __init__(self) -> None:
        self._ended, self.last = asyncio.Event(), ""

    def end(self, word: Word | None = None) -> None:
        self.last = word or ""
        self._ended.set()

    @property
    def has_ended(self) -> bool:
        return self._ended.is_set()

    async def pause(self, seconds: float) -> None:
        """Until the time is over or the stream ends."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ended.wait(), seconds)


class Streams:
    """`open`, then `close` whatever happens."""

    def __init__(self, most: int = MOST, of_session: int = MOST_OF_SESSION) -> None:
        self._most, self._of_session = most, of_session
        self._open: dict[Stream, str] = {}
        self._is_ending = False
        self.turn = asyncio.Semaphore(AT_ONCE)

    def __len__(self) -> int:
        return len(self._open)

    def check(self) -> None:
        """Raises `Full`."""
        if self._is_ending or len(self._open) >= self._most:
            raise Full

    def open(self, session: str) -> Stream:
        """The oldest one of the session rests when there are too many. Raises `Full`."""
        self.check()
        mine = [stream for stream, of in self._open.items() if of == session and not stream.has_ended]
        for old in mine[: max(0, len(mine) - self._of_session + 1)]:
            old.end(Word.REST)
        stream = Stream()
        self._open[stream] = session
        return stream

    def close(self, stream: Stream) -> None:
        self._open.pop(stream, None)

    def end(self) -> None:
        """All of them, at once: the process is about to end."""
        self._is_ending = True
        for stream in self._open:
            stream.end()


Ask = Callable[[], Awaitable[str]]
"""The digest of what a page shows now, empty where that is not known. Raises `Over`."""


class Watch:
    """Compares. `shown`: the digest of what the browser shows."""

    def __init__(self, ask: Ask, shown: str, seconds: float) -> None:
        self._ask, self.shown, self._seconds = ask, shown, seconds
        self.pause_seconds = seconds

    async def has_changed(self) -> bool:
        """Where nothing is known, nothing is said, and the next pause is twice as long."""
        now = await self._ask()
        self.pause_seconds = self._seconds if now else min(self.pause_seconds * 2, LONGEST_PAUSE_SECONDS)
        if not now or now == self.shown:
            return False
        self.shown = now
        return True
