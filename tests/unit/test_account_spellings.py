"""One account, however its number is typed. Source: the row of the cases on an IBAN typed again with other spaces or case."""

import pytest

from portal.kit.formats import account_number, hundredths_of
from services.payments.api.schemas import BankAccountInput, OwnAccountInput
from services.payments.domain.accounts import is_same_account

IBAN = "HR1723600001101234565"


@pytest.mark.parametrize(
    "typed",
    [
        "IBAN: HR17 2360 0001 1012 3456 5",
        "HR17–2360–0001–1012–3456–5",
        "ＨＲ１７ 2360 0001 1012 3456 5",
        "HR17\u200b2360000110123\u20604565",
        "HR17/2360/0001/1012/3456/5",
        IBAN,
        "hr17 2360 0001 1012 3456 5",
        "HR17-2360-0001-1012-3456-5",
        " HR1723600001101234565\u00a0",
        "HR17.2360.0001.1012.3456.5",
    ],
)
def test_number_is_kept_in_its_compact_form(typed: str) -> None:
    assert BankAccountInput(iban=typed).number == IBAN


@pytest.mark.parametrize("typed", ["0040 0440116243", "0040-440116243", "0040 440116243", "00400440116243"])
def test_danish_number_has_the_zeros_that_banks_leave_out(typed: str) -> None:
    """A registration number of 4 digits and an account number of up to 10: both spellings are one account."""
    assert is_same_account(("Studio", BankAccountInput(bban=typed).number), ("Studio", "DK5000400440116243"))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("Studio", IBAN), ("Studio", "hr17 2360 0001 1012 3456 5"), True),
        (("Studio", "DK5000400440116243"), ("Studio", "0040 0440116243"), True),
        (("Studio", IBAN), ("Other", IBAN), False),
        (("Studio", IBAN), ("Studio", "HR1723600001101234566"), False),
    ],
)
def test_another_spelling_is_no_change(one: tuple[str, str], other: tuple[str, str], same: bool) -> None:
    assert is_same_account(one, other) is same


def test_name_of_the_holder_has_no_doubled_blanks() -> None:
    given = OwnAccountInput(region="hr-koprivnica", name="  Studio   One ", account=BankAccountInput(iban=IBAN))
    assert given.name == "Studio One"


def test_pages_show_an_account_as_banks_print_it() -> None:
    assert account_number(IBAN, "en") == "HR17 2360 0001 1012 3456 5"
    assert account_number("00400440116243", "da") == "0040 0440116243"


@pytest.mark.parametrize(("typed", "hundredths"), [("9.5", 950), ("9,25", 925), ("12", 1200), (" 0,5 ", 50)])
def test_work_units_have_two_decimals(typed: str, hundredths: int) -> None:
    assert hundredths_of(typed) == hundredths


@pytest.mark.parametrize("typed", ["", "9.555", "-1", "nine", "1.234,5"])
def test_what_is_no_number_of_work_units_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="two decimals"):
        hundredths_of(typed)
