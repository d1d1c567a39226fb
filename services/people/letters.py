"""The texts of mails: the subject and body of a template in a language, as plain text and as HTML made of that text; and the short receipt
that goes with one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from shared.documents import Code, Document, Fact, Part
from shared.texts import say
from shared.texts.catalogues import translations
from shared.texts.formats import day, last_moment, moment, money

TEMPLATES = Path(__file__).resolve().parent / "templates"
PAGE = "mail.html"
Block = tuple[str, list[tuple[str, str]]]
"""Kind (text, list, link), and the lines: each its words and the address that they lead to, or ''."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str
    html: str


class Letters:
    """`<template>.txt`: the subject in the first line, then paragraphs with blank lines between; lines that begin with '- ' are a list, a
    line that is an address of the portal is a link, in a list that of the item above it. A region's own text is
    `<regions>/<region>/mail/<template>.txt`.

    The HTML is made of the text, so that both say the same, and a region changes both with one file.
    """

    def __init__(self, regions: Path, portal: str) -> None:
        self.regions, self.portal = regions, portal.rstrip("/")

    def write(self, template: str, language: str, zone: str, facts: Mapping[str, Any], region: str | None = None) -> Letter:
        """Texts among the facts become one line each. A region's text that cannot be written is logged, and the platform's own sent."""
        try:
            return self._write(template, language, zone, facts, self.regions / region / "mail" if region else TEMPLATES)
        except TemplateError as error:
            if region is None:
                raise
            log.error("a region's mail cannot be written", region=region, template=template, error=str(error))
            return self._write(template, language, zone, facts, TEMPLATES)

    def receipt(self, language: str, zone: str, facts: Mapping[str, Any]) -> Document:
        """Without an answer of the application: a mailbox is no safe place for them. `call`: its title, empty when it is not known;
        `submitted_at`: the moment of this version."""
        submitted_at, revision = _instant(facts["submitted_at"]), facts["revision"]
        submitted = say(language, "Submitted") if revision == 1 else say(language, "Version {number}, corrected", number=revision)
        shown = [
            Fact(say(language, "Receipt number"), facts["receipt"]),
            Fact(submitted, moment(submitted_at, zone, language)),
            Fact(say(language, "Call"), facts["call"]),
            Fact(say(language, "Organisation"), facts["organisation"]),
        ]
        whole = say(language, "This is a short receipt. The whole copy, with every answer, is on the page of the application.")
        return Document(
            language=language,
            title=say(language, "Receipt {receipt}", receipt=facts["receipt"]),
            made_at=submitted_at,
            parts=(Part(None, (whole,), tuple(fact for fact in shown if fact.value)),),
            footer=facts["receipt"],
            page=say(language, "Page {page} of {pages}", page="{page}", pages="{pages}"),
            missing=say(language, "[U+…] stands for a letter that this document cannot show, with its number in Unicode."),
            code=Code(
                f"{self.portal}/applications/{facts['case_id']}",
                say(language, "The page of the application, after signing in:"),
                say(language, "QR code with the address of the page of the application"),
            ),
        )

    def _write(self, template: str, language: str, zone: str, facts: Mapping[str, Any], folder: Path) -> Letter:
        pages = _pages(folder, language)
        formats = {
            "moment": lambda instant: moment(_instant(instant), zone, language),
            "last_moment": lambda end: last_moment(_instant(end), zone, language),
            "whole_day": lambda text: day(date.fromisoformat(text), language),
            "money": lambda minor, currency: money(minor, currency, language),
        }
        known = {name: _one_line(value) for name, value in facts.items()}
        text = pages.get_template(f"{template}.txt").render(known, portal=self.portal, language=language, **formats)
        subject, _, body = text.strip().partition("\n")
        html = pages.get_template(PAGE).render(language=language, subject=subject.strip(), blocks=self._blocks(body))
        return Letter(subject.strip(), body.strip() + "\n", html)

    def _blocks(self, body: str) -> list[Block]:
        """Of each paragraph."""
        blocks: list[Block] = []
        for lines in ([line.strip() for line in part.splitlines()] for part in body.strip().split("\n\n") if part.strip()):
            if lines[0].startswith("- ") and all(line.startswith("- ") or self._is_link(line) for line in lines):
                blocks.append(("list", self._items(lines)))
            else:
                blocks.append(("link" if self._is_link(lines[0]) else "text", [(line, "") for line in lines]))
        return blocks

    def _items(self, lines: list[str]) -> list[tuple[str, str]]:
        items: list[tuple[str, str]] = []
        for line in lines:
            if line.startswith("- "):
                items.append((line[2:], ""))
            else:
                items[-1] = (items[-1][0], line)
        return items

    def _is_link(self, line: str) -> bool:
        return line.startswith(f"{self.portal}/")


def _one_line(value: Any) -> Any:
    """A text without line breaks: what a person has typed is no paragraph, link or header of ours."""
    if isinstance(value, str):
        return " ".join("".join(letter if letter.isprintable() else " " for letter in value).split())
    return [_one_line(one) for one in value] if isinstance(value, list) else value


def _instant(value: str | datetime) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


@cache
def _pages(folder: Path, language: str) -> Environment:
    """A sandbox: a region's template reads the facts, and nothing else of the process."""
    pages = SandboxedEnvironment(
        loader=FileSystemLoader([folder, TEMPLATES]),
        autoescape=lambda name: name == PAGE,
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    known = translations(language)
    pages.install_gettext_callables(lambda text: known.get(text, text), lambda one, many, _: one, newstyle=True)  # type: ignore[attr-defined]
    return pages
