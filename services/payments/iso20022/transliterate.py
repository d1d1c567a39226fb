"""From the letters of the five regions to the characters that every SEPA bank takes.

The permitted set, signs and letters follow the EPC's conversion table (EPC217-08). Where it has '.' for what can be said, or loses a
letter, we spell more: docs/bank-files.md says where and why. Greek follows ELOT 743, type 2, the transcription on Greek identity cards
and so of the names that Greek banks hold; Cyrillic is the EPC's, as Bulgarian has it.
"""

import unicodedata

PERMITTED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ ")

_LATIN = {
    "æ": "ae", "ø": "oe", "å": "aa", "đ": "d", "ł": "l", "ß": "ss", "œ": "oe", "ĳ": "ij", "ı": "i", "ð": "d", "þ": "th", "ħ": "h", "ŧ": "t",
    "ŋ": "n", "ĸ": "k", "ŀ": "l", "ŉ": "'n", "ſ": "s", "ƒ": "f", "ə": "e", "ƶ": "z", "ȷ": "j", "ɨ": "i", "ƀ": "b", "ɓ": "b", "ɗ": "d",
}  # fmt: skip
"""Letters that are more than a plain letter with a mark; å by Danish custom. The rest (č, ę, ë ...) lose their mark. What Unicode has as
another form of such letters (ligatures, small raised letters and numbers, №) is spelled as what it stands for."""

_GREEK = {
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i", "κ": "k", "λ": "l", "μ": "m",
    "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s", "ς": "s", "τ": "t", "υ": "y", "φ": "f", "χ": "ch", "ψ": "ps", "ω": "o",
}  # fmt: skip
_GREEK_PAIRS = {"ου": "ou", "γγ": "ng", "γξ": "nx", "γχ": "nch"}
_VOICED = frozenset("αεηιουωβγδζλμνρ")
"""Before these αυ, ευ, ηυ sound as av, ev, iv; before the others, and at the end, as af, ef, if."""

_SIGNS = (
    dict.fromkeys("_–—‐‑−\u00ad", "-") | dict.fromkeys("\"`´‘’‚‛“”„«»", "'") | dict.fromkeys("[{", "(") | dict.fromkeys("]}", ")")
    | dict.fromkeys("\\|⁄∕", "/") | dict.fromkeys("!#$%*<=>@^·¡¢£¤¥¦§¨©¬®¯°±¶¸×÷†‡•‰‹›ʹʺˆˇ˘˙˛˜˝¨", ".")
    | {";": ",", "~": "-", "¿": "?", "&": "+", "€": "EUR", "′": "'", "″": "'", "ʼ": "'", "‛": "'"}
)  # fmt: skip

_CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "zh", "з": "z", "и": "i", "й": "y", "к": "k", "л": "l", "м": "m",
    "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "h", "ц": "ts", "ч": "ch", "ш": "sh",
    "щ": "sht", "ъ": "a", "ь": "y", "ю": "yu", "я": "ya",
}  # fmt: skip
_LETTERS = _LATIN | _CYRILLIC

_TONOS, _DIALYTIKA = "\u0301", "\u0308"


def transliterate(text: str) -> str:
    """The text in permitted characters, runs of white space as one space.

    A letter or number that no table knows stays as it is: `unsupported` names it, so that a person decides and nothing is guessed. Any
    other sign is '.', as the EPC has it.
    """
    text = " ".join(unicodedata.normalize("NFC", text).split())
    if PERMITTED.issuperset(text):
        return text
    spelled, position = [], 0
    while position < len(text):
        latin, length = _spell(text, position)
        spelled.append(_in_case(latin, text, position, length))
        position += length
    return "".join(spelled)


def unsupported(text: str) -> str:
    """The characters of `text` that no bank file may hold, each once, in order."""
    return "".join(dict.fromkeys(letter for letter in text if letter not in PERMITTED))


def _spell(text: str, position: int) -> tuple[str, int]:
    """The Latin spelling (lower case) of the text at `position`, and how many characters it covers."""
    letter = text[position]
    if letter in PERMITTED:
        return letter.lower(), 1
    lower = letter.lower()
    plain, _ = _bare(lower)
    if plain in _GREEK:
        return _spell_pair(text.lower(), position) or (_GREEK[plain], 1)
    if lower in _LETTERS or letter in _SIGNS:
        return _LETTERS.get(lower) or _SIGNS[letter], 1
    if plain in _LETTERS:
        return _LETTERS[plain], 1
    return (plain, 1) if plain in PERMITTED else (_stands_for(letter), 1)


def _stands_for(letter: str) -> str:
    """What Unicode has the letter as another form of, spelled; the letter itself where that is nothing that banks take."""
    meant = unicodedata.normalize("NFKC", letter)
    spelled = letter if meant == letter or " " in meant else transliterate(meant)
    if PERMITTED.issuperset(spelled):
        return spelled
    return "." if unicodedata.category(letter)[0] in "PS" else letter


def _spell_pair(text: str, position: int) -> tuple[str, int] | None:
    """Greek letters that are spelled together. An accent on the first vowel, or two dots on the second, parts them."""
    if position + 1 >= len(text):
        return None
    (first, first_marks), (second, second_marks) = _bare(text[position]), _bare(text[position + 1])
    if _TONOS in first_marks or _DIALYTIKA in second_marks:
        return None
    after = _bare(text[position + 2])[0] if position + 2 < len(text) else " "
    if second == "υ" and first in "αεη":
        return _GREEK[first] + ("v" if after in _VOICED else "f"), 2
    if first + second == "μπ" and (not after.isalpha() or not text[position - 1 : position].isalpha()):
        return "b", 2
    return (_GREEK_PAIRS[first + second], 2) if first + second in _GREEK_PAIRS else None


def _bare(letter: str) -> tuple[str, str]:
    """A letter without its marks, and the marks."""
    decomposed = unicodedata.normalize("NFD", letter)
    return decomposed[:1], decomposed[1:]


def _in_case(latin: str, text: str, position: int, length: int) -> str:
    """Upper case where the original has it: 'Θ' is 'TH' among capitals and 'Th' before a small letter."""
    source = text[position : position + length]
    if not source[0].isupper():
        return latin
    neighbour = text[position + length : position + length + 1]
    if not neighbour.isalpha():
        neighbour = text[position - 1 : position] if position else ""
    among_capitals = source.isupper() and (length > 1 or neighbour.isupper())
    return latin.upper() if among_capitals or len(latin) == 1 else latin.capitalize()
