"""Messages in the language of a reader: words are translated, values of the API are not."""

import pytest

from shared.texts.catalogues import WORD, translations
from shared.texts.languages import ENGLISH, LANGUAGES
from shared.texts.translation import translate

ONE_OF = "This has to be one of: {expected}."
WITH_A_STATE = "The application is {state}."


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != ENGLISH])
def test_only_words_are_translated(language: str) -> None:
    word = translations(language, WORD)["draft"]
    assert word != "draft"
    assert word in translate(WITH_A_STATE, {"state": "draft"}, language)
    one_of = translate(ONE_OF, {"expected": ["draft", "submitted"]}, language)
    assert one_of.endswith("draft, submitted.")
    assert one_of != translate(ONE_OF, {"expected": ["draft", "submitted"]}, ENGLISH)
