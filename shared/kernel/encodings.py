"""The encoding of a list that a spreadsheet has saved: found from the content where that has one reading alone, or named.

A statistical guess (charset-normalizer) is always right about something. Here the content is read in every code page that a computer of
the five countries may write, and a reading counts if each of its words can be one of the programme's languages or of their neighbours.
What has one such reading is taken; what has several, or none, is refused. `tests/unit/test_encodings.py` measures that nothing is read
wrongly.
"""

import codecs
import re
from collections.abc import Iterable, Mapping
from itertools import pairwise

from shared.kernel.errors import Refused

CODE_PAGES = (
    "windows-1250", "windows-1252", "windows-1253", "windows-1257", "iso-8859-2", "iso-8859-7", "iso-8859-13", "iso-8859-15",
    "cp437", "cp737", "cp775", "cp850", "cp852", "cp865", "cp869", "mac-roman", "mac-latin2", "mac-croatian", "mac-greek",
)  # fmt: skip
"""Of Windows, of ISO, of DOS, of the Macintosh: of the west, of the middle of Europe, Greek, Baltic."""
ENCODINGS = ("utf-8", "utf-16", "windows-1251", *CODE_PAGES)
"""What can be named."""
_WORKBOOK = b"PK\x03\x04"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_OWN = tuple(
    frozenset(letters + letters.upper())
    for letters in ("ąćęłńóśźż", "čćđšž", "æøåé", "áäçéèëíïóöúü", "àâæçéèêëîïôœùûüÿ", "äöüß", "".join(map(chr, range(0x370, 0x400))))
)
"""Letters besides ASCII: Polish, Croatian, Danish, Dutch, French, German, Greek."""
_NEAR = tuple(
    frozenset(letters + letters.upper())
    for letters in ("áčďéěíňóřšťúůýž", "áéíóöőúüű", "åäöé", "áðéíóúýþæö", "àáâãäæçèéêëìíîïñòóôõöœßùúûüÿ")
)
"""Czech with Slovak, Hungarian, Swedish, Icelandic, and the west of Europe as a whole: names of persons and firms come from there too."""
_SIGNS = frozenset("€§°·№«»‘’“”„‚–—…\u00a0®©™×±²³½¼¾´¨•")
_SIGN_IN_WORD = re.compile(
    r"[^\W\d_][±´¨¼½¾]|[±´¨¼½¾][^\W\d_]|[^\W\d_][€§°·№«»‘“”„‚—…©®™×²³¸¬†‡‰‹›•][^\W\d_]"
    r"|(?<![^\W\d_])’[\u0370-\u03ff]"
)
"""What another code page has for a letter: 'Zwi±zek', 'Krak—w', 'Po§ega', '’ργος'."""
_SIGN_AT_WORD = re.compile(r"[^\W\d_][€§°·№«»‘’‚®©™×²³•]|[€§°·№«»‘’‚®©™×²³•][^\W\d_]")
_WORD = re.compile(r"[^\W\d_]+")
_RUN = re.compile(r"[^\W\d_a-zA-Z]{5}")
"""In a word of a Latin script fewer letters outside ASCII follow one another."""
_SMALL_IN_CAPITALS = re.compile(r"[A-Z]([^\W\d_A-Za-z])[A-Z]")
_FEWEST_LETTERS, _FEWEST_WORDS = 3, 10
"""Different ones, in a list of one language, for that to be evidence."""


def text_of(content: bytes, encoding: str | None = None) -> str:
    """The text of a file. `Refused` 'encoding-unknown', 'encoding-wrong' when the encoding that was named does not fit, 'encoding-unclear'
    with the encodings that do, 'encoding-not-found' when none does; 'not-a-list' for a workbook."""
    if content.startswith(_WORKBOOK):
        raise Refused("not-a-list", "This is a workbook of a spreadsheet: save it as CSV.")
    if encoding is not None:
        return _named(content, encoding)
    for mark, code in _BOMS:
        if content.startswith(mark):
            return _named(content, code)
    if b"\0" in content[:1000]:
        return _named(content, "utf-16-le" if content[1:1000:2].count(0) > content[:1000:2].count(0) else "utf-16-be")
    try:
        return content.decode()
    except UnicodeDecodeError:
        return _only_reading(content)


def _named(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except LookupError as error:
        raise Refused("encoding-unknown", "There is no encoding {encoding}.", encoding=encoding) from error
    except UnicodeDecodeError as error:
        raise Refused("encoding-wrong", "The file is not in the encoding {encoding}: byte {position} does not fit.",
                      encoding=encoding, position=error.start) from error  # fmt: skip


def _only_reading(content: bytes) -> str:
    readings = _readings(content)
    if not readings:
        raise Refused(
            "encoding-not-found",
            "In no known encoding does the file have words of the programme's languages. Name its encoding, or save it as UTF-8.",
        )
    for found in (list(readings), [text for text in readings if _is_of_one_language(text)]):
        if len(found) == 1:
            return found[0]
    raise Refused(
        "encoding-unclear",
        "The encoding cannot be found from the content; it may be {encodings}. Name it, or save the file as UTF-8.",
        encodings=list(readings.values()),
    )


def _readings(content: bytes) -> Mapping[str, str]:
    """Text → the first code page in which the content is that text."""
    found: dict[str, str] = {}
    for code in CODE_PAGES:
        try:
            text = content.decode(code)
        except UnicodeDecodeError:
            continue
        if text not in found and _fits(text):
            found[text] = code
    return found


def _fits(text: str) -> bool:
    signs = {sign for sign in text if not sign.isascii() and not sign.isalpha()}
    return signs <= _SIGNS and not _SIGN_IN_WORD.search(text) and all(map(_is_word, _foreign_words(text)))


def _foreign_words(text: str) -> set[str]:
    return {word for word in _WORD.findall(text) if not word.isascii()}


def _is_word(word: str) -> bool:
    """Whether a language has all of its letters, and has them where they stand."""
    letters = _letters([word])
    if not any(letters <= language for language in (*_OWN, *_NEAR)):
        return False
    if any(one.islower() and two.isupper() and not two.isascii() for one, two in pairwise(word)):
        return False  # 'ZwiĄzek'
    if any(map(_is_greek, letters)):  # a final sigma is one
        return all(map(_is_greek, word)) and "ς" not in word[:-1] and not word[1:].endswith("σ")
    return not _RUN.search(word) and not any(one.islower() for one in _SMALL_IN_CAPITALS.findall(word))


def _is_of_one_language(text: str) -> bool:
    """Whether all of it is, with enough of its letters to be no accident, and nothing that may be a letter of another code page."""
    words = _foreign_words(text)
    letters = _letters(words)
    enough = len({one.lower() for one in letters}) >= _FEWEST_LETTERS and len({one.lower() for one in words}) >= _FEWEST_WORDS
    return enough and any(letters <= language for language in _OWN) and not _SIGN_AT_WORD.search(text)


def _letters(words: Iterable[str]) -> frozenset[str]:
    return frozenset(letter for word in words for letter in word if not letter.isascii())


def _is_greek(letter: str) -> bool:
    return "\u0370" <= letter <= "\u03ff"
