"""Documents as PDF: what they say is what was given, tagged, the same each time, and whatever a person types."""

import pickle
import subprocess
import sys
import threading
import unicodedata
from datetime import UTC, datetime

import pytest
import typst
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.documents import Code, Document, Fact, Part, Table, Unwritable, pdf, pdf_of, written
from shared.documents.letters import MOST_MARKS, RANGES, breakable, is_legible, legible
from tests.support.documents import read_pdf

MISSING = "Some letters are missing."
ADDRESS = "https://grants.example/applications/1"
SCRIPTS = {
    "en": "The quick brown fox jumps over the lazy dog",
    "el": "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία",
    "hr": "Gojazni đačić s biciklom drži hmelj i finu vatu u džepu nošnje",
    "pl": "Zażółć gęślą jaźń",
    "da": "Høj bly gom vandt fræk sexquiz på wc. Åh!",
    "nl": "Pa's wijze lynx bezag vroom het fikse aquaduct; ideeën",
}
MARKUP = (
    "#panic()", '#read("/etc/passwd")', "*bold*", "_slanted_", "[content]", "$x^2$", "<label>", "@reference", "`raw`", "\\",
    "// no comment", "= no heading", "- no item", "/ no: term", "{page}", "\\u{41}", "https://evil.example",
)  # fmt: skip
STRANGE = "\u05d0\u0628\u06d4\u0730 \u202e\u0301\U0001f600e\u4e2d\u0000\ud7ff\ue000\u200d"


def document(*parts: Part, language: str = "en", title: str = "A title", code: Code | None = None) -> Document:
    return Document(
        language=language, title=title, made_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), parts=parts, footer="KRT-1",
        page="Page {page} of {pages}", missing=MISSING, code=code,
    )  # fmt: skip


@pytest.mark.parametrize("language", SCRIPTS)
def test_every_script_and_all_markup_stand_there_as_text(language: str) -> None:
    words, lines = SCRIPTS[language], "\n".join(MARKUP)
    table = Table((words, "Amount"), ((lines, "1"), ("Sum", "2")), (1,), sums=True)
    parts = (Part(None, (words, lines), (Fact(words, lines),)), Part(words, (), (Fact("Table", table),)))
    found = read_pdf(pdf_of(document(*parts, language=language, title=f"{words} #[*x*]")))
    assert (found.title, found.language) == (f"{words} #[*x*]", language)
    assert found.words.count(words) >= 5  # the head of a table stands on each of its pages
    for mark in MARKUP:
        assert found.joined.count("".join(mark.split())) >= 3, mark
    assert MISSING not in found.text


def test_document_is_tagged_dated_and_numbered() -> None:
    facts = (Fact("Label", "Value"), Fact("Costs", Table(("What", "Amount"), (("Advice", "1"),), (1,))))
    parts = (Part(None, ("A sentence.",) * 60), Part("A part", (), facts))
    found = read_pdf(pdf_of(document(*parts, code=Code(ADDRESS, "Here:", "A QR code"))))
    assert (found.marked, found.pdf_ua, found.made, found.pages) == (True, "1", "D:20260102030405Z", 2)
    assert "Page 1 of 2" in found.text
    assert "Page 2 of 2" in found.text
    tags = ("Title", "H1", "P", "L", "LI", "LBody", "Table", "TR", "TH", "TD", "Link", "Figure")
    assert [tag for tag in tags if tag not in found.tags] == []
    assert (found.tags.count("TH"), found.tags.count("TD"), found.alternatives.count("A QR code")) == (2, 2, 1)
    assert ADDRESS in found.joined


def test_the_same_document_gives_the_same_bytes() -> None:
    one = document(Part("A part", ("Ξεσκεπάζω",), (Fact("a", "b"),)), code=Code(ADDRESS, "Here:", "A QR code"))
    assert pdf_of(one) == pdf_of(one)
    program = "import pickle, sys; from shared.documents import pdf_of; sys.stdout.buffer.write(pdf_of(pickle.load(sys.stdin.buffer)))"
    other = subprocess.run([sys.executable, "-c", program], input=pickle.dumps(one), capture_output=True, check=True)
    assert other.stdout == pdf_of(one)


def test_every_letter_of_the_table_can_be_written() -> None:
    letters = "".join(chr(number) for first, last in RANGES for number in range(first, last + 1))
    seen = "".join(one for one in letters if unicodedata.category(one) != "Mn")
    assert pdf_of(document(Part(seen, (seen,), (Fact(seen, Table((seen,), ((seen,),))),)), title=seen))
    assert [one for one in "\u05d0\u0628" if is_legible(one)] == []  # from right to left


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60), st.text(alphabet=STRANGE, max_size=60))
@example("\n", " ")
def test_whatever_is_typed_can_be_written(one: str, two: str) -> None:
    assert pdf_of(document(Part(one, (two,), (Fact(two, one), Fact("t", Table((one,), ((two,),)))))))


def test_letter_that_the_font_lacks_is_given_by_number() -> None:
    found = read_pdf(pdf_of(document(Part(None, ("Tea 茶 \u202eand\u200b \U0001f600.\u0007",)))))
    assert "Tea [U+8336] and [U+1F600].[U+0007]" in found.words
    assert MISSING in found.text


def test_marks_on_one_letter_are_bounded() -> None:
    """Their number would cost its square; what shows nothing between them does not hide it."""
    for typed in ("e" + "\u0301" * 10_000, "e" + ("\u0302" * 4 + "\u200d") * 2_500):
        longest = max(len(run) for run in legible(typed).replace("[", "\u0000").split("\u0000")[:1])
        assert longest <= 2 + MOST_MARKS
        assert pdf_of(document(Part(None, (typed,))))


def test_long_word_is_broken_and_a_digest_is_not() -> None:
    word, digest = "W" * 300, "a1" * 32
    found = read_pdf(pdf_of(document(Part(None, (word, digest), (Fact("t", Table(("a", "b", "c"), ((word, "", ""),))),)))))
    assert found.joined.count(word) == 2
    assert digest in found.text
    assert breakable("short words stay as they are") == "short words stay as they are"


@pytest.mark.timeout(60)
async def test_longest_answers_are_written_beside_other_work() -> None:
    """Typst leaves the lock of the interpreter, so that the event loop goes on."""
    ticks, done = 0, threading.Event()

    def count() -> None:
        nonlocal ticks
        while not done.wait(0.01):
            ticks += 1

    thread = threading.Thread(target=count)
    thread.start()
    words = {language: (text * 10_000)[:10_000] for language, text in SCRIPTS.items()}
    content = await written(document(*(Part(language, (text,)) for language, text in words.items())))
    done.set()
    thread.join()
    assert ticks > 3
    assert read_pdf(content).text.count("βδελυγμία") > 290


def test_too_long_a_document_is_refused() -> None:
    with pytest.raises(Unwritable, match="too long"):
        pdf_of(document(Part(None, ("x " * pdf.MOST_CHARACTERS,))))


def test_panic_of_typst_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A panic is no `Exception`, and would end a worker. This text makes one, unless its letters are replaced."""
    monkeypatch.setattr("shared.documents.pdf.legible", lambda text: text)
    with pytest.raises(Unwritable) as raised:
        pdf_of(document(Part(None, ("\u06d6 \u06d0 " * 30,))))
    assert not isinstance(raised.value.__cause__, typst.TypstError)
