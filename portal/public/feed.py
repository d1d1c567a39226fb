"""Open calls as an Atom feed (RFC 4287)."""

from collections.abc import Iterable

from lxml import etree

from portal.client.applications import OpenCallView
from portal.kit.formats import last_moment
from portal.kit.texts import text
from shared.texts import in_language

NAMESPACE = "http://www.w3.org/2005/Atom"


def atom(origin: str, language: str, calls: Iterable[OpenCallView]) -> bytes:
    """`origin`: of the portal, for the addresses of the entries."""
    listed = list(calls)
    feed = etree.Element(f"{{{NAMESPACE}}}feed", nsmap={None: NAMESPACE})
    _add(feed, "id", f"{origin}/calls")
    _add(feed, "title", text(language, "Open calls"))
    _add(feed, "updated", max((call.opens_at for call in listed), default=None) or "1970-01-01T00:00:00Z")
    _add(feed, "link", href=f"{origin}/calls.atom", rel="self")
    for call in listed:
        entry = etree.SubElement(feed, f"{{{NAMESPACE}}}entry")
        _add(entry, "id", f"urn:uuid:{call.id}")
        _add(entry, "title", in_language(call.title, language))
        _add(entry, "updated", call.opens_at)
        _add(entry, "link", href=f"{origin}/calls/{call.number}")
        _add(entry, "author")
        _add(entry[-1], "name", call.region)
        _add(entry, "summary", text(language, "Last day: %(moment)s") % {"moment": last_moment(call.closes_at, call.zone, language)})
    return bytes(etree.tostring(feed, xml_declaration=True, encoding="utf-8"))


def _add(parent: etree._Element, name: str, content: object = None, **attributes: str) -> None:
    child = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}", attributes)
    if content is not None:
        child.text = content.isoformat() if hasattr(content, "isoformat") else str(content)
