"""Every reason code of a bank is a sentence and a remedy; a code that is not in the table is too."""

import pytest

from services.payments.domain.bank_reasons import REASONS, UNKNOWN, Remedy, meaning_of
from services.payments.letters import reason_in_words


@pytest.mark.parametrize("code", [*REASONS, "ZZ99", "own words of a bank"])
def test_each_code_is_a_sentence_and_a_remedy(code: str) -> None:
    meaning, remedy = reason_in_words(code, "en")
    assert meaning.endswith(".")
    assert remedy.endswith(".")
    assert code not in meaning + remedy


def test_first_known_of_several_codes_counts() -> None:
    assert meaning_of("ZZ99, AC04").remedy is Remedy.ACCOUNT
    assert meaning_of("ZZ99") is UNKNOWN
