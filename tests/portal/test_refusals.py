"""A page that refuses says why in words, and where to go on."""

from tests.portal.conftest import Platform
from tests.portal.visitor import Visitor


def test_refused_address_names_no_parameter(platform: Platform) -> None:
    visitor = Visitor(platform.address)
    refused = visitor.ask("GET", "/calls?cursor=made-up").text
    assert "This cursor does not belong to this list and order." in refused
    assert "cursor:" not in refused
    assert 'class="govuk-link" href="/calls"' in refused
