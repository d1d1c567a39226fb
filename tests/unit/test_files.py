"""Files: what they are by their content, their names, the scanner's protocol, the store, the limits."""

import asyncio
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.applications.domain.files import Given, check_room, with_file
from services.applications.domain.form import Form
from services.applications.domain.receipt import content_digest
from shared.files.clamav import Scanner, ScanState
from shared.files.kinds import ENDINGS, MEDIA_TYPES, kind_of
from shared.files.limits import MIB, Limits
from shared.files.store import FileStore, address_of_store, name_of
from shared.kernel.errors import Refused, Unavailable
from shared.kernel.ids import new_id
from shared.policy.answers import File, FileKind
from shared.web.uploads import LONGEST_NAME, Memory, clean_name
from tests.support.files import JPG, NOT_WHAT_THEY_SAY, PDF, REAL

QUESTION = File(type="file", most=2, kinds=(FileKind.PDF,), largest_mib=1)


@pytest.mark.parametrize("kind", FileKind)
def test_each_kind_is_known_by_its_content(kind: FileKind) -> None:
    assert kind_of(REAL[kind]) is kind
    assert {MEDIA_TYPES[kind], ENDINGS[kind]} == {MEDIA_TYPES[kind], kind}


@pytest.mark.parametrize("content", NOT_WHAT_THEY_SAY.values(), ids=NOT_WHAT_THEY_SAY)
def test_other_content_is_no_kind(content: bytes) -> None:
    assert kind_of(content) is None


@given(st.sampled_from(sorted(REAL)), st.integers(0, 300), st.binary(max_size=20))
def test_spoiled_content_is_a_kind_or_none(kind: str, place: int, noise: bytes) -> None:
    """Whatever is sent, looking at it raises nothing."""
    content = REAL[kind]
    kind_of(content[:place] + noise + content[place + len(noise) :])
    kind_of(noise)


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        ("plan.pdf", "plan.pdf"),
        ("../../etc/plan.pdf", "plan.pdf"),
        ("C:\\fakepath\\plan.pdf", "plan.pdf"),
        ("  Προϋπολογισμός.pdf ", "Προϋπολογισμός.pdf"),
        ("e\u0301.pdf", "\u00e9.pdf"),
        ('a"; x="<b>.pdf', 'a"; x="<b>.pdf'),
    ],
)
def test_name_is_the_last_part_in_one_spelling(given_name: str, name: str) -> None:
    assert clean_name(given_name) == name


@pytest.mark.parametrize(
    "name", ["", " ", ".", "..", "a/", "a\0.pdf", "a\r\nX: y.pdf", "a\u202efdp.exe", "\ud800.pdf", "\ue000", "a" * (LONGEST_NAME + 1)]
)
def test_name_that_cannot_be_shown_is_refused(name: str) -> None:
    with pytest.raises(Refused, match="needs a name"):
        clean_name(name)


def test_room_of_a_question_and_of_an_application() -> None:
    other = Given("extra.other", "b", MIB)
    check_room(QUESTION, Given("extra.offer", "a", MIB), [other], Limits(files=2, bytes=2 * MIB))
    for new, present, limits, code in [
        (Given("extra.offer", "a", MIB + 1), [], Limits(), "file-above-limit"),
        (Given("extra.offer", "a", 1), [Given("extra.offer", "a", 1)], Limits(), "file-given-already"),
        (Given("extra.offer", "c", 1), [Given("extra.offer", one, 1) for one in "ab"], Limits(), "too-many-files"),
        (Given("extra.offer", "a", 1), [other], Limits(files=1), "too-many-files-together"),
        (Given("extra.offer", "a", 1), [other], Limits(bytes=MIB), "files-too-large-together"),
    ]:
        with pytest.raises(Refused) as refused:
            check_room(QUESTION, new, present, limits)
        assert refused.value.code == code


def test_same_file_may_answer_two_questions() -> None:
    check_room(QUESTION, Given("extra.offer", "a", 1), [Given("extra.other", "a", 1)], Limits())


def test_digest_of_a_receipt_covers_each_file() -> None:
    file_id = new_id()
    digests = {content_digest(with_file(Form(), "extra.offer", file_id, one * 64)) for one in "ab"} | {content_digest(Form())}
    assert len(digests) == 3


def test_memory_of_all_files_is_bounded() -> None:
    memory = Memory(most=10)
    memory.take(6)
    with pytest.raises(Unavailable):
        memory.take(5)
    memory.free(6)
    memory.take(10)


async def test_store_keeps_what_it_got_under_ids(tmp_path: Path) -> None:
    store, first, second = FileStore((tmp_path / "a b" / "files").as_uri()), new_id(), new_id()
    await store.put(first, b"one")
    await store.put(second, b"two")
    await store.put(second, b"again")
    assert [await store.get(first), await store.get(second), await store.get(new_id())] == [b"one", b"again", None]
    assert {one.name: one.file_id for one in [each async for each in store.objects()]} == {name_of(first): first, name_of(second): second}
    for _ in range(2):
        await store.delete(name_of(first))
    assert await store.get(first) is None
    assert (tmp_path / "a b" / "files").stat().st_mode & 0o077 == 0


async def test_object_that_is_none_of_ours_has_no_id(tmp_path: Path) -> None:
    store = FileStore(tmp_path.as_uri())
    (tmp_path / "stray").write_text("x")
    (tmp_path / "00").mkdir()
    (tmp_path / "00" / str(UUID(int=1))).write_text("x")
    assert {one.file_id for one in [each async for each in store.objects()]} == {None}


async def test_store_that_does_not_answer_is_unavailable(tmp_path: Path) -> None:
    store = FileStore((tmp_path / "files").as_uri())
    (tmp_path / "files").rmdir()
    (tmp_path / "files").write_text("a file in the place of the folder")
    with pytest.raises(Unavailable):
        await store.put(new_id(), b"one")


@pytest.mark.parametrize("address", ["", "files", "http://host/files", "file://", "s3://", "ftp://host"])
def test_other_address_of_a_store_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="address of the files"):
        address_of_store(address)


Answer = Callable[[asyncio.StreamReader], Awaitable[bytes]]


@asynccontextmanager
async def daemon(tmp_path: Path, answer: Answer) -> AsyncIterator[str]:
    """A socket that answers as one likes: what a real daemon says is tested in tests/integration/test_clamav.py."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await answer(reader))
        writer.close()

    path = tmp_path / "clamd"
    server = await asyncio.start_unix_server(serve, path)
    async with server:
        yield f"unix://{path}"


async def received(reader: asyncio.StreamReader) -> bytes:
    """The content of a stream, checked to be framed as the protocol says."""
    assert await reader.readexactly(10) == b"zINSTREAM\0"
    content = b""
    while length := struct.unpack("!L", await reader.readexactly(4))[0]:
        content += await reader.readexactly(length)
    return content


@pytest.mark.parametrize(
    ("said", "state"), [(b"stream: OK\0", ScanState.CLEAN), (b"stream: Some.Name-1 FOUND\0", ScanState.INFECTED)], ids=["clean", "found"]
)
async def test_scanner_gets_the_whole_content(tmp_path: Path, said: bytes, state: ScanState) -> None:
    seen = list[bytes]()

    async def answer(reader: asyncio.StreamReader) -> bytes:
        seen.append(await received(reader))
        return said

    content = JPG * 5_000
    async with daemon(tmp_path, answer) as address:
        assert await Scanner(address).scan(content) is state
    assert seen == [content]


async def _size_limit(reader: asyncio.StreamReader) -> bytes:
    await received(reader)
    return b"INSTREAM size limit exceeded. ERROR\0"


async def _nothing(reader: asyncio.StreamReader) -> bytes:
    await received(reader)
    return b""


async def _closed(_: asyncio.StreamReader) -> bytes:
    return b""


async def _silence(_: asyncio.StreamReader) -> bytes:
    await asyncio.sleep(5)
    return b"stream: OK\0"


@pytest.mark.parametrize("answer", [_size_limit, _nothing, _closed, _silence])
async def test_scanner_without_a_verdict_lets_nothing_through(tmp_path: Path, answer: Answer) -> None:
    async with daemon(tmp_path, answer) as address:
        with pytest.raises(Unavailable):
            await Scanner(address, timeout_seconds=0.2).scan(PDF)


async def test_scanner_that_is_not_there_lets_nothing_through(tmp_path: Path) -> None:
    for address in (f"unix://{tmp_path}/none", "tcp://127.0.0.1:1"):
        with pytest.raises(Unavailable):
            await Scanner(address).scan(PDF)
    assert await Scanner().scan(PDF) is ScanState.UNSCANNED


@pytest.mark.parametrize("address", ["clamd", "unix://", "tcp://host", "http://host:3310", "unix://host/path"])
def test_other_address_of_a_scanner_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="address of the scanner"):
        Scanner(address)
