"""Tax numbers: refused at entry by the check of their country, with what one looks like. Source: the rows "Applicants and their figures"
and "Keys that differ by spelling" of the cases that people of the field have met."""

import pytest

from services.applications.domain.form import Applicant
from shared.classifications.tax_numbers import SHAPES, canonical_number, canonical_tax_number, seller_number_fault, tax_number_fault
from shared.kernel.errors import Refused
from shared.kernel.invoice_numbers import issuer_hash, tax_number_key
from shared.texts import translate
from shared.web.validation import MESSAGES, message_of


@pytest.mark.parametrize(
    ("country", "typed", "kind"),
    [
        ("HR", "ABCD", "tax_number_wrong"), ("HR", "00000000000", "tax_number_wrong"), ("GR", "EL12345", "tax_number_wrong"),
        ("GR", "000000000", "tax_number_wrong"), ("PL", "0000000000", "tax_number_wrong"), ("PL", "1111111111", "tax_number_wrong"),
        ("HR", "12345678901", "tax_number_wrong"), ("HR", "EL123456783", "tax_number_elsewhere"),
        ("GR", "PL5260001246", "tax_number_elsewhere"), ("FR", "12345", "tax_number_unexplained"),
        ("US", "12-3456789", "tax_number_country"),
        ("HR", "12345678903", None), ("HR", "HR 12345678903", None), ("GR", "EL123456783", None), ("EL", "GR 123456783", None),
        ("el", "123 456 783", None), ("PL", "676-000-00-00", "tax_number_wrong"), ("PL", "526-000-12-46", None),
        ("BE", "BE 0403.170.701", None),
        ("BE", "403170701", None), ("DK", "DK 13585628", None), ("FR", "FR40303265045", None),
    ],
)  # fmt: skip
def test_number_is_checked_by_its_country(country: str, typed: str, kind: str | None) -> None:
    fault = tax_number_fault(country, typed)
    assert (fault and fault.kind) == kind


@pytest.mark.parametrize(
    ("home", "typed", "kind"),
    [
        ("HR", "12345678903", None), ("HR", "BE0403170701", None), ("HR", "GB 980 7806 84", None), ("HR", "US 12-3456789", None),
        ("HR", "12345678901", "tax_number_wrong"), ("HR", "EL12345", "tax_number_wrong"), ("HR", "ABCD", "tax_number_wrong"),
        ("DK", "CVR-nr. 13585628", None), ("DK", "CVR13585628", None), ("DK", "CVR12345678", "tax_number_wrong"),
        ("PL", "NIP6760000000", "tax_number_wrong"), ("PL", "NIP 526-000-12-46", None), ("PL", "PL NIP 5260001246", None),
        ("GR", "ΑΦΜ 123456783", None), ("HR", "VAT EL123456783", None), ("BE", "TVA0403170701", None), ("BE", "BTW BE 0403.170.701", None),
    ],
)  # fmt: skip
def test_seller_without_a_prefix_is_of_the_region(home: str, typed: str, kind: str | None) -> None:
    fault = seller_number_fault(home, typed)
    assert (fault and fault.kind) == kind


def test_refusal_names_the_country_and_the_form_in_words() -> None:
    with pytest.raises(Refused) as refused:
        canonical_tax_number("HR", "1234")
    assert refused.value.detail.startswith("This is not a tax number of Croatia: OIB numbers have 11 digits")
    assert refused.value.facts == {"country": "HR", "name": "OIB", "digits": 11}
    fault = tax_number_fault("GR", "PL5260001246")
    assert fault is not None
    message, facts = message_of({"type": fault.kind, "ctx": fault.facts})
    assert translate(message, facts, "en") == "The number begins with the letters of Poland, but the country is Greece."


def test_spellings_of_one_number_are_one() -> None:
    spellings = {canonical_number("GR", text) for text in ("EL123456783", "GR 123 456 783", "123456783", "EL-123456783")}
    assert spellings == {"123456783"}
    assert canonical_number("BE", "0403.170.701") == canonical_number("BE", "BE 403170701") == canonical_number("BE", "BTW BE 0403.170.701")
    assert canonical_number("DK", "CVR-nr. 13585628") == canonical_number("DK", "DK13585628") == "13585628"


@pytest.mark.parametrize(
    "typed",
    [
        "676\u2013000\u201300\u201300",
        "676\u00a0000 00 00",
        "NIP: 676-000-00-00",
        "\u200b6760000000",
        "６７６０００００００",
        "PL NIP 676 000 00 00",
    ],
)
def test_pasted_number_passes_the_pattern_of_forms(typed: str) -> None:
    """Other blanks and dashes, full-width digits, and what the number is called, come with a copy from a letterhead."""
    read = Applicant(tax_number=typed).tax_number or ""
    assert tax_number_key(read) == "6760000000"
    assert issuer_hash(b"key", read) == issuer_hash(b"key", "6760000000")


@pytest.mark.parametrize(
    ("country", "number", "typed"),
    [
        ("BE", "0403170701", "BE 0403.170.701 RPR Kortrijk"), ("BE", "0403170701", "0403.170.701, RPR Gent, afdeling Kortrijk"),
        ("BE", "0403170701", "TVA BE 0403.170.701 – RPM Tournai"), ("BE", "0403170701", "RPR Kortrijk BE 0403.170.701"),
        ("BE", "0403170701", "RPM Tournai 0403.170.701"), ("BE", "0403170701", "0403.170.701 (KBO)"),
        ("PL", "5260001246", "NIP 526-000-12-46, KRS 0000012345"), ("PL", "5260001246", "526-000-12-46 NIP"),
        ("DK", "13585628", "CVR-nr. 13585628"), ("DK", "13585628", "13585628 CVR-nr."), ("HR", "12345678903", "OIB: 12345678903"),
        ("HR", "12345678903", "HR12345678903 (OIB)"), ("GR", "123456783", "123456783 ΑΦΜ"),
    ],
)  # fmt: skip
def test_name_of_a_register_is_no_part_of_the_number(country: str, number: str, typed: str) -> None:
    assert tax_number_fault(country, typed) is None
    assert canonical_number(country, typed) == number
    assert tax_number_key(typed) == number
    assert Applicant(tax_number=typed).tax_number


def test_every_kind_has_a_sentence() -> None:
    assert {"tax_number_wrong", "tax_number_elsewhere", "tax_number_unexplained", "tax_number_country"} <= MESSAGES.keys()
    assert SHAPES.keys() == {"GR", "HR", "PL", "DK", "BE"}
