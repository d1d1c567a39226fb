"""Help at the head of a page: two to four sentences, for templates and lists that there are."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from portal.kit.help import HELP, LIST, help_of

PORTAL = Path(__file__).parents[2] / "portal"
LISTS = {name for path in PORTAL.glob("*/*.py") for name in re.findall(r'\bname="([a-z-]+)"', path.read_text(encoding="utf-8"))}
TEMPLATES = {f"{path.parent.name}/{path.name}" for path in PORTAL.glob("*/templates/*/*.html")}
DESKS = ("officer/home.html", "finance/home.html", "evaluator/home.html", "programme/audit.html", "programme/administration.html")


@pytest.mark.parametrize("page", HELP)
def test_help_is_of_a_page_and_short(page: str) -> None:
    assert page in TEMPLATES or page.removeprefix("list/") in LISTS
    assert 2 <= len(re.findall(r"[.!?](?= |$)", HELP[page])) <= 4


def test_help_of_a_list_without_a_template_goes_by_its_name() -> None:
    assert help_of(LIST, {"listing": SimpleNamespace(name="vouchers")}, "en") == HELP["list/vouchers"]
    assert help_of("kit/problem.html", {}, "en") == ""
    assert all(help_of(page, {}, "en") for page in DESKS)
