"""Tax numbers in the national form: one number has one spelling, so one organisation is registered once."""

from shared.classifications.tax_numbers import UNKNOWN, canonical_number, refused_number, tax_number_fault


def canonical_tax_number(country: str, text: str) -> str:
    """The number without blanks, signs and the country's prefix, with its check digits checked.

    `Refused` 'tax-number-country' for a country without a known form, 'tax-number-wrong' or 'tax-number-unexplained' for a number that is
    none, 'tax-number-elsewhere' for one of another country.
    """
    if fault := tax_number_fault(country, text):
        raise refused_number(fault, "country" if fault.kind == UNKNOWN else "tax_number")
    return canonical_number(country, text)
