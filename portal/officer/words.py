"""The words of officers' pages for states, rules and acts, in the reader's language."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from portal.client.applications import CallFormView, QuestionView, RuleVerdictView
from portal.kit.formats import day, money, percent
from portal.kit.picker import shown
from portal.kit.texts import text
from shared.classifications import Scheme

COLOURS = {"submitted": "blue", "returned": "yellow", "eligible": "green", "ineligible": "red", "withdrawn": "grey"}


def states(language: str) -> dict[str, str]:
    """State of a submitted application → its name, in the order of its way."""
    return {
        "submitted": text(language, "To screen"),
        "returned": text(language, "Returned"),
        "eligible": text(language, "Eligible"),
        "ineligible": text(language, "Ineligible"),
        "withdrawn": text(language, "Withdrawn"),
    }


def likenesses(language: str) -> dict[str, str]:
    """Why two applications stand side by side."""
    return {
        "same-organisation": text(language, "The same organisation"),
        "same-title": text(language, "Nearly the same title"),
        "same-tax-number": text(language, "The same tax number"),
        "same-owner": text(language, "The same owner"),
        "same-address": text(language, "The same address"),
        "same-e-mail": text(language, "The same e-mail address"),
    }


def outcomes(language: str) -> dict[str, str]:
    """What came out of an act on one of many applications."""
    return {
        "eligible": text(language, "Found eligible"),
        "ineligible": text(language, "Found ineligible"),
        "returned": text(language, "Returned to the applicant"),
        "proposed": text(language, "Waits for a second officer"),
        "flagged": text(language, "Flagged"),
        "lifted": text(language, "Flags lifted"),
        "left": text(language, "Had no flag"),
        "refused": text(language, "Not done"),
    }


def facts_of(verdict: RuleVerdictView, currency: str, language: str) -> list[tuple[str, str]]:
    """The facts that a rule has used: what the form asks, and the answer as a person reads it."""
    names = {**_counted(language), **(verdict.labels or {})}
    chosen = verdict.chosen or {}
    return [(names.get(name, name), chosen.get(name) or _fact(name, value, currency, language)) for name, value in verdict.facts.items()]


def _counted(language: str) -> dict[str, str]:
    """The facts that no question asks for."""
    return {
        "size": text(language, "Size of the firm, with related firms"),
        "project_in_time": text(language, "The project ends within the longest time"),
        "vouchers_held": text(language, "Other vouchers of the applicant in this scheme"),
        "same_type_held": text(language, "Of these, of the same type"),
        "year_granted_minor": text(language, "Other aid of the applicant in this scheme and calendar year"),
        "live_projects": text(language, "Other projects of the applicant that are not closed"),
    }


def _excluded(language: str) -> dict[str, str]:
    """What the regulation on de minimis aid leaves out, as the form has it."""
    return {
        "fishery": text(language, "Primary production of fishery and aquaculture products"),
        "agriculture": text(language, "Primary production of agricultural products"),
        "export": text(language, "Exports"),
        "domestic-goods": text(language, "Domestic in the place of imported goods or services"),
        "price-or-quantity": text(language, "Price or quantity of agricultural or fishery products"),
        "passed-on": text(language, "Passed on to primary producers"),
    }


def _fact(name: str, value: Any, currency: str, language: str) -> str:
    if value is None:
        return text(language, "not answered")
    if isinstance(value, bool):
        return text(language, "Yes") if value else text(language, "No")
    if name.endswith("_minor"):
        return money(value, currency, language)
    if isinstance(value, list):
        return ", ".join(_excluded(language).get(str(code), str(code)) for code in value) or text(language, "None of these")
    return percent(value, language) if name.endswith("_bp") else str(value)


def answers_of(form: CallFormView, answers: Mapping[str, Any], language: str) -> list[tuple[str, list[tuple[str, list[str]]]]]:
    """The sections with their questions that are answered, each answer as lines. Files stand elsewhere."""
    sections = []
    for section in form.sections:
        shown_ones = [
            (question.label, lines(question, answers[question.id], form.currency, language))
            for question in section.questions
            if question.type != "file" and answers.get(question.id) not in (None, "", [], {})
        ]
        if shown_ones:
            sections.append((section.title, shown_ones))
    return sections


def lines(question: QuestionView, value: Any, currency: str, language: str) -> list[str]:
    """An answer as a person reads it, in lines."""
    if question.type == "table":
        columns = question.columns or []
        return [
            "; ".join(f"{column.label}: {_cell(column, row[column.key], currency, language)}" for column in columns if column.key in row)
            for row in value
        ]
    if isinstance(value, dict):
        return [", ".join(str(part) for part in value.values())]
    if isinstance(value, list):
        return [_cell(question, one, currency, language) for one in value]
    if question.classification:
        return [shown(Scheme(question.classification), value, language)]
    return _cell(question, value, currency, language).split("\n")


def _cell(question: Any, value: Any, currency: str, language: str) -> str:
    names: dict[str, str] = {option.value: option.label for option in getattr(question, "options", None) or []}
    if isinstance(value, bool):
        return text(language, "Yes") if value else text(language, "No")
    if question.type == "money":
        return money(value, currency, language)
    if question.type == "date":
        return day(date.fromisoformat(value), language)
    return names.get(str(value), str(value))
