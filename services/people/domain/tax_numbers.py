"""Tax numbers in the national form: one number has one spelling, so one organisation is registered once."""

from stdnum import get_cc_module
from stdnum.exceptions import ValidationError

from shared.kernel.errors import Refused

_GREECE = {"EL": "GR"}
"""Greece is EL in VAT numbers and in NUTS, GR in ISO 3166."""


def country_of(text: str) -> str:
    """The ISO 3166 code of a country code as people write it."""
    plain = text.strip().upper()
    return _GREECE.get(plain, plain)


def canonical_tax_number(country: str, text: str) -> str:
    """The number without blanks, signs and the country's prefix, with its check digits checked.

    `Refused` 'tax-number-country' for a country without a known form, 'tax-number-wrong' for a number that is none. Source: the VAT
    numbers of the countries of the European Union, which are the tax numbers of firms in Greece (AFM), Croatia (OIB), Poland (NIP),
    Denmark (CVR) and Belgium (enterprise number).
    """
    form = get_cc_module(country, "vat")
    if form is None:
        raise Refused("tax-number-country", "Tax numbers of this country are not known here: {country}.", field="country", country=country)
    try:
        number: str = form.validate(text)
    except ValidationError as error:
        raise Refused("tax-number-wrong", "This is not a tax number of {country}: check it for a typing error.", field="tax_number",
                      country=country) from error  # fmt: skip
    return number
