"""Files that no spreadsheet has saved: each is refused, and none is a fault of ours."""

import pytest

from services.applications.domain.import_lines import lines_of
from shared.kernel.errors import Refused


def test_line_of_any_depth_is_one_that_cannot_be_read() -> None:
    assert [line.content for line in lines_of(b"[" * 200_000, "list.jsonl")] == [None]
    [line] = lines_of(b"extra.budget;language\n" + b"[" * 100_000 + b";nl\n", "list.csv")
    assert line.content is not None
    assert line.content["form"]["extra"]["budget"] == "[" * 100_000


def test_list_without_cells_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        list(lines_of(b'language;applicant.name\n"' + b"x" * 200_000, "list.csv"))
    assert refused.value.code == "list-unreadable"
