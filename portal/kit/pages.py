"""Renders pages: Jinja templates on the macros of GOV.UK Frontend, in the language of the visit."""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader, pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse

from portal.assets import asset
from portal.client.base import ApiProblem
from portal.kit import formats
from portal.kit.desks import DESKS, FIGURES
from portal.kit.forms import TOKEN
from portal.kit.help import help_of
from portal.kit.texts import NAMES, text, texts
from portal.kit.visit import Visit
from shared.texts.languages import ENGLISH, in_language

FORMATS = (
    "money", "amount", "day", "day_in", "percent", "points", "scored", "two_places", "deviation", "hours", "units",
    "moment", "last_moment", "left", "file_size", "account_number",
)  # fmt: skip
_LANGUAGE: ContextVar[str] = ContextVar("language", default=ENGLISH)
"""Of the page that is being rendered: a macro that a template imports does not see the template's own variables."""
ROOMS = ("kit", "public", "applicant", "provider", "evaluator", "officer", "finance", "programme", "sessions")


def page(visit: Visit, template: str, /, *, status: int = 200, headers: Mapping[str, str] | None = None, **values: Any) -> HTMLResponse:
    """`template`: 'public/calls.html'. `values`: what the template shows."""
    if visit.quiet:
        return HTMLResponse()
    _LANGUAGE.set(visit.language)
    purpose = help_of(template, values, visit.language)
    content = environment().get_template(template).render(visit=visit, language=visit.language, purpose=purpose, **values)
    return HTMLResponse(content, status, {"Content-Language": visit.language, **(headers or {})})


def part(visit: Visit, template: str, /, **values: Any) -> str:
    """A part of a page, for a script that replaces it."""
    _LANGUAGE.set(visit.language)
    return environment().get_template(template).render(visit=visit, language=visit.language, **values)


def go(path: str) -> RedirectResponse:
    """To a page of the portal, after something was done."""
    return RedirectResponse(path, 303)


def problem_page(visit: Visit, problem: ApiProblem) -> HTMLResponse:
    """What a service refused, with its reason, in its words."""
    return page(visit, "kit/problem.html", status=problem.status, problem=problem)


@cache
def environment() -> Environment:
    found = Environment(
        loader=ChoiceLoader(
            [
                PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
                *(PackageLoader(f"portal.{room}") for room in ROOMS if (Path(__file__).parents[1] / room / "templates").is_dir()),
            ]
        ),
        autoescape=True,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals |= {"_": _gettext, "gettext": _gettext, "ngettext": _ngettext}
    found.globals |= {"asset": asset, "languages": NAMES, "token_name": TOKEN, "error_message": _error_message, "desks": DESKS}
    found.globals |= {"figures_for": FIGURES}
    found.filters |= {name: _in_language(getattr(formats, name)) for name in FORMATS} | {"titled": _titled}
    return found


def _error_message(errors: Mapping[str, str], field: str) -> dict[str, str] | None:
    """For the macros of fields."""
    if field not in errors:
        return None
    return {"text": errors[field], "visuallyHiddenText": text(_LANGUAGE.get(), "Error:").removesuffix(":")}


@pass_context
def _titled(context: Context, titles: Mapping[str, str]) -> str:
    """The title in the reader's language, else in English, else in any."""
    return in_language(titles, _LANGUAGE.get())


def _gettext(message: str, /, **values: Any) -> Markup:
    """Called for each text of a page: the functions of Jinja's own extension take three times as long."""
    found = Markup(text(_LANGUAGE.get(), message))
    return found % values if "%" in found else found


def _ngettext(one: str, many: str, num: int, /, **values: Any) -> Markup:
    return Markup(texts(_LANGUAGE.get(), one, many, num)) % {"num": num, **values}


def _in_language(form: Callable[..., str]) -> Callable[..., str]:
    """`pass_context`, because Jinja would compute a filter of constants once, in the first page's language."""

    @pass_context
    def filtered(context: Context, *values: Any) -> str:
        return form(*values, _LANGUAGE.get())

    return filtered
