"""Tax numbers: whether a text is one, by the check of its country, and the one spelling by which it is kept.

Source: the VAT numbers of the countries of the European Union, which are the tax numbers of firms in Greece (AFM), Croatia (OIB), Poland
(NIP), Denmark (CVR) and Belgium (enterprise number). A right check digit is not existence: a register may still not have the number.
"""

import re
from typing import Any

from stdnum import get_cc_module
from stdnum.exceptions import ValidationError

from shared.classifications.codes import Fault
from shared.kernel.countries import Country, country_name, country_of
from shared.kernel.errors import Refused
from shared.kernel.invoice_numbers import without_label

SHAPES = {"GR": ("AFM", 9), "HR": ("OIB", 11), "PL": ("NIP", 10), "DK": ("CVR", 8), "BE": ("KBO/BCE", 10)}
"""Country of the programme → what people call the number, and how many digits it has."""
_ONE_DIGIT = re.compile(r"(\d)\1*")
_PREFIXED = re.compile(r"[\s.\-/]*([A-Za-z]{2})[\s.\-/]*(?=[A-Za-z]{0,4}\d)")
WRONG, UNEXPLAINED, ELSEWHERE, UNKNOWN = "tax_number_wrong", "tax_number_unexplained", "tax_number_elsewhere", "tax_number_country"
"""Kinds of faults; their sentences are in `shared.web.validation`."""


def tax_number_fault(country: str, text: str) -> Fault | None:
    """Why the text is no tax number of the country (a code as people write it), with what one looks like; None for a number.

    The prefix of the country before it is right. That of another one contradicts what was said of the country.
    """
    code = country_of(country)
    form = _form_of(code)
    if form is None:
        return Fault(UNKNOWN, {"country": Country(code)})
    stated = stated_country(text)
    if _number(form, text) is not None:
        return None
    if stated not in (None, code):
        return Fault(ELSEWHERE, {"stated": Country(stated), "country": Country(code)})
    if code not in SHAPES:
        return Fault(UNEXPLAINED, {"country": Country(code)})
    name, digits = SHAPES[code]
    return Fault(WRONG, {"country": Country(code), "name": name, "digits": digits})


def seller_number_fault(home: str, text: str) -> Fault | None:
    """The same of a number that is typed without its country, as on an invoice: with a prefix it is of that country, without one of
    `home`. Numbers of countries outside the Union, whose check is not known here, are taken with the country before them."""
    stated = stated_country(text)
    return tax_number_fault(stated or home, text) if stated is None or _form_of(stated) else None


def stated_country(text: str) -> str | None:
    """The ISO 3166 code of the country whose letters stand before the number; None without such letters."""
    found = _PREFIXED.match(without_label(text))
    code = country_of(found[1]) if found else ""
    return code if code and country_name(code, "en") != code else None


def canonical_number(country: str, text: str) -> str:
    """The number without blanks, signs and prefix, in the national form; a text that is none comes back as it is, without blanks around
    it."""
    form = _form_of(country_of(country))
    return (form and _number(form, text)) or text.strip()


def canonical_tax_number(country: str, text: str) -> str:
    """As `canonical_number`, checked: one number has one spelling, so one organisation is registered once.

    `Refused` 'tax-number-country' for a country without a known form, 'tax-number-wrong' or 'tax-number-unexplained' for a number that is
    none, 'tax-number-elsewhere' for one of another country.
    """
    if fault := tax_number_fault(country, text):
        raise refused_number(fault, "country" if fault.kind == UNKNOWN else "tax_number")
    return canonical_number(country, text)


def refused_number(fault: Fault, field: str) -> Refused:
    """The refusal of a fault that was found here; `field` is that of the number."""
    given, country = fault.facts, fault.facts["country"]
    if fault.kind == UNKNOWN:
        return Refused("tax-number-country", "Tax numbers of this country are not known here: {country}.", field=field, country=country)
    if fault.kind == ELSEWHERE:
        return Refused("tax-number-elsewhere", "The number begins with the letters of {stated}, but the country is {country}.",
                       field=field, stated=given["stated"], country=country)  # fmt: skip
    if fault.kind == UNEXPLAINED:
        return Refused(
            "tax-number-unexplained", "This is not a tax number of {country}: check it for a typing error.", field=field, country=country
        )
    return Refused(
        "tax-number-wrong",
        "This is not a tax number of {country}: {name} numbers have {digits} digits, which are checked against one another. "
        "Check it for a typing error.",
        field=field,
        country=country,
        name=given["name"],
        digits=given["digits"],
    )


def check_seller_number(home: str, text: str, field: str) -> None:
    """Raises the refusal of `seller_number_fault`."""
    if fault := seller_number_fault(home, text):
        raise refused_number(fault, field)


def _form_of(country: str) -> Any:
    """The check of the country's VAT numbers; None where there is none."""
    return get_cc_module(country, "vat") if re.fullmatch("[A-Z]{2}", country) else None


def _number(form: Any, text: str) -> str | None:
    try:
        number: str = form.validate(without_label(text))
    except ValidationError:
        return None
    return None if _ONE_DIGIT.fullmatch(number) else number  # '000000000' has right check digits in Greece and Poland
