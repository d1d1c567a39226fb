"""Instants in requests: what is no instant is refused."""

from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.web.instants import Instant

INSTANT = TypeAdapter[datetime](Instant)


@pytest.mark.parametrize("number", ["20260131", "20260131 ", "1767225600", "-1", "+1.5", "1_767_225_600", 1767225600, 1.5, True])
def test_number_is_no_instant(number: object) -> None:
    """pydantic takes it for seconds since 1970 (`findings/pydantic-compact-date-is-seconds.sh`): a deadline of 1970 is over."""
    for given in (number, str(number)) if number is not True else (number,):
        with pytest.raises(ValidationError) as refused:
            INSTANT.validate_python(given)
        assert [error["type"] for error in refused.value.errors()] == ["datetime_parsing"]


@pytest.mark.parametrize("text", ["2026-01-31T12:00:00Z", "2026-01-31T14:00:00+02:00", "2026-01-31 12:00:00.000Z"])
def test_instant_is_read_in_the_forms_of_iso_8601(text: str) -> None:
    assert INSTANT.validate_python(text) == datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert INSTANT.validate_json(f'"{text}"') == datetime(2026, 1, 31, 12, tzinfo=UTC)
