"""What is wrong with a field of a request, in our own sentences: pydantic's are English only and may quote what was typed."""

import re
from collections.abc import Mapping
from typing import Any

MESSAGES = {
    "missing": "This field is required.",
    "extra_forbidden": "There is no such field.",
    "json_invalid": "This is not JSON.",
    "none_required": "This field has to be empty.",
    # texts
    "string_type": "This has to be a text.",
    "string_unicode": "This has to be a text.",
    "string_too_short": "The text has fewer than {min_length} characters.",
    "string_too_long": "The text has more than {max_length} characters.",
    "string_pattern_mismatch": "The text is not of the expected form.",
    "email_wrong": "An e-mail address is needed, such as name@example.com.",
    "country_wrong": "Two capital letters are needed, such as GR or HR.",
    "enum": "This has to be one of: {expected}.",
    "literal_error": "This has to be one of: {expected}.",
    "unknown_word": "This has to be one of: {words}.",
    # numbers
    "int_type": "This has to be a whole number.",
    "int_parsing": "This has to be a whole number.",
    "int_from_float": "This has to be a whole number.",
    "int_parsing_size": "The number is too large.",
    "float_type": "This has to be a number.",
    "float_parsing": "This has to be a number.",
    "decimal_type": "This has to be a number.",
    "decimal_parsing": "This has to be a number.",
    "decimal_max_places": "The number has more than {decimal_places} decimals.",
    "finite_number": "This has to be a finite number.",
    "greater_than": "The number has to be greater than {gt}.",
    "greater_than_equal": "The number has to be at least {ge}.",
    "less_than": "The number has to be less than {lt}.",
    "less_than_equal": "The number has to be at most {le}.",
    "bool_type": "This has to be true or false.",
    "bool_parsing": "This has to be true or false.",
    # times
    "date_type": "This has to be a date, such as 2026-01-31.",
    "date_parsing": "This has to be a date, such as 2026-01-31.",
    "date_from_datetime_parsing": "This has to be a date, such as 2026-01-31.",
    "date_from_datetime_inexact": "This has to be a date, such as 2026-01-31.",
    "datetime_type": "This has to be a date with a time, such as 2026-01-31T12:00:00Z.",
    "datetime_parsing": "This has to be a date with a time, such as 2026-01-31T12:00:00Z.",
    "datetime_from_date_parsing": "This has to be a date with a time, such as 2026-01-31T12:00:00Z.",
    "timezone_aware": "The time needs a time zone.",
    "timezone_naive": "The time is a local time, without a time zone.",
    "instant_out_of_range": "The time has to be between the years {earliest} and {latest}.",
    # structures
    "dict_type": "This has to be an object.",
    "model_type": "This has to be an object.",
    "model_attributes_type": "This has to be an object.",
    "union_tag_invalid": "This has to be one of: {expected_tags}.",
    "union_tag_not_found": "The field that says the kind is missing.",
    "list_type": "This has to be a list.",
    "tuple_type": "This has to be a list.",
    "too_short": "The list has fewer than {min_length} items.",
    "too_long": "The list has more than {max_length} items.",
    "not_unique": "The list has the same item twice.",
    "sum_differs": "The sum has to be the answer to {question}.",
    # answers that contradict another one, the programme or the calendar
    "dates_out_of_order": "The project ends before it starts.",
    "after_programme_end": "The programme ends on {programme_end}.",
    "unknown_partner_region": "A partner comes from another region of the programme.",
    "aid_to_come": "Only aid that is granted already belongs in the list: today or earlier.",
    "tax_number_wrong": (
        "This is not a tax number of {country}: {name} numbers have {digits} digits, which are checked against one another. "
        "Check it for a typing error."
    ),
    "tax_number_unexplained": "This is not a tax number of {country}: check it for a typing error.",
    "tax_number_elsewhere": "The number begins with the letters of {stated}, but the country is {country}.",
    "tax_number_country": "Tax numbers of this country are not known here: {country}.",
    "project_over": "The project is over since {ended_on}. What is completed before the application cannot be funded.",
    "cost_uncovered": (
        "{amount} of the total cost is not covered. Aid, own contribution and other public funding together make the total cost."
    ),
    "cost_exceeded": "Aid, own contribution and other public funding are {amount} more than the total cost.",
    "holders_linked": "Holders with more than half of the firm together are linked to it: list them as public bodies or as related firms.",
    "shares_above_whole": "Together the shares are more than the whole firm.",
    # codes of a list
    "nuts_unknown": "This is no region of NUTS {editions}. Choose one from the list.",
    "nuts_former": "{region} is a region of NUTS {edition}, not of NUTS {current}. Choose one from the list.",
    "nuts_recoded": "{region} is a code of NUTS {edition}. In NUTS {current} the region has the code {codes}.",
    "nuts_elsewhere": "The region {region} is not in the country {country}.",
    "nace_unknown": "This is no activity of NACE Rev. {editions}. Choose one from the list.",
    "nace_other_revision": "{activity} is not a code of NACE Rev. {stated}, but of NACE Rev. {revision}.",
    "nace_revision_needed": "{activity} is one activity in NACE Rev. 2 and another one in NACE Rev. 2.1. Say from which list the code is.",
    "uuid_type": "This has to be a UUID.",
    "uuid_parsing": "This has to be a UUID.",
    "uuid_version": "This has to be a UUID.",
}
"""Message of each pydantic error type that a request can cause; `{names}` are of the error's `ctx`, none of which holds input."""
OTHER = "This value is not acceptable."

_KNOWN_PATTERNS = {r"^[^@\s]+@[^@\s]+\.[^@\s]+$": "email_wrong", "^[A-Z]{2}$": "country_wrong"}
"""Patterns of which a sentence can say what is expected."""
_QUOTED = re.compile("'([^']*)'")


def message_of(error: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Message and facts of one of pydantic's `errors()`. An unknown type has the general message."""
    context = error.get("ctx", {})
    kind = _KNOWN_PATTERNS.get(context.get("pattern", ""), error["type"]) if error["type"] == "string_pattern_mismatch" else error["type"]
    message = MESSAGES.get(kind, OTHER)
    facts = {name: _fact(context[name]) for name in re.findall(r"{(\w+)}", message) if name in context}
    return message, facts


def _fact(value: Any) -> Any:
    """Pydantic lists words as "'a', 'b' or 'c'"."""
    return (_QUOTED.findall(value) or value) if isinstance(value, str) else value
