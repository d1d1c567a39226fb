"""What if: past calls under other rules, several scenarios side by side. A question to the record: nothing is kept, nothing changes."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from starlette.responses import Response

from portal.client.applications import CallView, ReplayValuesView
from portal.client.base import ApiProblem
from portal.client.evaluation import ReplayedView
from portal.kit.exports import TYPES, Rows, as_file
from portal.kit.formats import amount_fault, minor_of, money, number, percent, whole_of
from portal.kit.pages import go, page
from portal.kit.reader import FORM
from portal.kit.reader import mark as _
from portal.kit.regions import region_names
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Visit
from portal.programme.regions import TRANSITIONS
from portal.programme.replays import FILE_COLUMNS, Replay, file_rows, replayed, sums, values_of

PATH = "/programme/what-if"
MOST_SCENARIOS, MOST_CALLS, MOST_MOVES, LISTED = 4, 10, 25, 200
ROLES = ("officer", "auditor")
BUDGET, CHANGES, RULES, NAME = "envelope_bp", "changes.", "without_rules", "name"
FIELDS = (
    ("evaluation.total_threshold", _("Least total, in points"), "whole"),
    ("value.intensity_bp", _("Aid intensity, in percent"), "share"),
    ("value.own_contribution_bp", _("Least own contribution, in percent"), "share"),
    ("value.smallest_minor", _("Smallest voucher"), "money"),
    ("value.largest_minor", _("Largest voucher"), "money"),
    ("small_firm.staff_below", _("Staff of the firm, fewer than"), "whole"),
    ("de_minimis.ceiling_minor", _("Ceiling of de minimis aid"), "euro"),
    ("eligibility.activity_codes", _("Activity codes that may apply"), "codes"),
    ("eligibility.places", _("Places (NUTS) that may apply"), "codes"),
)
"""Path of a value, its label, and how it is typed."""
OUTCOMES = {
    "granted": _("Granted"),
    "reserve": _("Reserve list"),
    "refused": _("Below a threshold"),
    "not-scored": _("Eligible, but never scored"),
    "ineligible": _("Ineligible"),
}
WRONG = {
    "whole": _("Enter a whole number"),
    "share": _("Enter a percentage, for example 80"),
    "money": _("Enter an amount, for example 1,250.00"),
    "euro": _("Enter an amount, for example 1,250.00"),
    "codes": _("Enter codes with blanks between them"),
}
Row = tuple[str, list[str]]


async def what_if(visit: Visit) -> Response:
    """Without a call in the query the calls to choose from; with `show` the replay of those that were chosen."""
    query = visit.request.query_params
    if any(not value.strip() for _name, value in query.multi_items()):
        return go(f"{PATH}?{urlencode([pair for pair in query.multi_items() if pair[1].strip()])}")
    call_ids = _call_ids(query.getlist("call"))
    if not call_ids or len(call_ids) > MOST_CALLS:
        return await _choice(visit, too_many=bool(call_ids))
    calls = await values_of(visit, call_ids)
    form: dict[str, Any] = {"typed": dict(query), "errors": {}, "rules": {name: query.getlist(name) for name in query}}
    scenarios = _scenarios(calls, form, visit.language)
    replays: list[Replay] = []
    if "show" in query and not form["errors"]:
        try:
            replays = await replayed(visit, calls, scenarios)
        except ApiProblem as problem:
            if problem.status not in (409, 422):
                raise
            form["errors"] |= _errors(problem, form["typed"])
    if replays and query.get("as", "") in TYPES:
        return await _file(visit, replays, scenarios, query["as"])
    return await _page(visit, calls, form, scenarios, replays)


def _call_ids(typed: Sequence[str]) -> list[UUID]:
    try:
        return list(dict.fromkeys(UUID(one) for one in typed))
    except ValueError as error:
        raise ApiProblem(404, {"code": "unknown-call"}) from error


async def _choice(visit: Visit, *, too_many: bool) -> Response:
    """The calls of the person's regions whose screening is complete, the newest first."""
    regions, caller = await region_names(visit, *ROLES), await visit.caller()
    found = await visit.services.applications.list_calls(caller, state="closed", limit=LISTED, sort="-closes_at") if regions else None
    past: list[CallView] = [one for one in found.items if one.screening_completed_at and one.region in regions] if found else []
    errors = {"call": text(visit.language, "Choose at most %(most)s calls") % {"most": MOST_CALLS}} if too_many else {}
    status = 422 if errors else 200
    return page(visit, "programme/what-if-calls.html", status=status, calls=past, names=regions, form={"typed": {}, "errors": errors})


def _scenarios(calls: Sequence[ReplayValuesView], form: dict[str, Any], language: str) -> list[dict[str, Any]]:
    """Those in which something was typed, as the APIs take them. What cannot be read is an error at its field; none at all is one of the
    form."""
    scenarios, typed = [], form["typed"]
    last = max((place for place in range(MOST_SCENARIOS) if any(name.startswith(f"scenarios.{place}.") for name in typed)), default=-1)
    for place in range(last + 1):
        prefix = f"scenarios.{place}."
        name = typed.get(prefix + NAME) or text(language, "Scenario %(number)s") % {"number": place + 1}
        scenario: dict[str, Any] = {"name": name[:60], "without_rules": form["rules"].get(prefix + RULES, []), "changes": {}}
        for path, kind in (*((path, kind) for path, _label, kind in FIELDS), *((path, "whole") for path in _points(calls))):
            field = f"{prefix}{CHANGES}{path}"
            if field in typed:
                scenario["changes"][path] = _read(form, field, kind, calls[0].currency, language)
        if prefix + BUDGET in typed:
            scenario[BUDGET] = _read(form, prefix + BUDGET, "share", "", language)
        scenarios.append(scenario)
    if not scenarios and "show" in typed:
        form["errors"][FORM] = text(language, "Change at least one value")
    return scenarios


def _read(form: dict[str, Any], field: str, kind: str, currency: str, language: str) -> Any:
    """None for what cannot be read."""
    typed = form["typed"][field].strip()
    try:
        if kind == "whole":
            return whole_of(typed)
        if kind == "share":
            return _share(typed)
        if kind == "codes":
            return typed.replace(",", " ").replace(";", " ").split()
        return minor_of(typed, "EUR" if kind == "euro" else currency)
    except ValueError as error:
        form["errors"][field] = amount_fault(error, language, WRONG[kind])
        return None


def _share(typed: str) -> int:
    """Basis points. ValueError."""
    try:
        value = Decimal(typed.removesuffix("%").strip().replace(",", ".")) * 100
        if not value.is_finite() or value < 0 or value != value.to_integral_value():
            raise ValueError(typed)
        return int(value)
    except InvalidOperation as error:
        raise ValueError(typed) from error


def _errors(problem: ApiProblem, typed: Mapping[str, str]) -> dict[str, str]:
    """At the fields that were typed; of any other place as of the form."""
    found = {path if path in typed else FORM: reason for path, reason in problem.fields.items()}
    return found or {FORM: problem.detail}


def _points(calls: Sequence[ReplayValuesView]) -> dict[str, str]:
    """Path of the most points of each criterion that all calls have, with its title."""
    shared = set.intersection(*({criterion.id for criterion in call.criteria} for call in calls))
    return {f"evaluation.criteria.{one.id}.points_max": one.text for one in calls[0].criteria if one.id in shared}


def _fields(calls: Sequence[ReplayValuesView], language: str) -> Iterator[tuple[str, str, str, str]]:
    """Path, label, what stands behind the field, and the value as it was, of each field that the chosen calls can change. Amounts of calls
    in several currencies are left out."""
    currencies = {call.currency for call in calls}
    labelled = [(path, text(language, label), kind) for path, label, kind in FIELDS]
    points = [
        (path, text(language, "Most points: %(criterion)s") % {"criterion": title}, "whole") for path, title in _points(calls).items()
    ]
    for path, label, kind in (*labelled[:1], *points, *labelled[1:]):
        known = [call.values[path] for call in calls if path in call.values]
        if not known or (kind == "money" and len(currencies) > 1):
            continue
        sign = {"share": "%", "money": calls[0].currency, "euro": "EUR"}.get(kind, "")
        shown = dict.fromkeys(_shown(value, kind, calls[0].currency, language) for value in known)
        yield path, label, sign, text(language, "In the rules of the call: %(value)s") % {"value": "; ".join(shown)}


def _shown(value: Any, kind: str, currency: str, language: str) -> str:
    if kind == "codes":
        return ", ".join(value)
    if kind == "share":
        return percent(value, language)
    return number(Decimal(value), language) if kind == "whole" else money(value, "EUR" if kind == "euro" else currency, language)


async def _page(
    visit: Visit, calls: Sequence[ReplayValuesView], form: dict[str, Any], scenarios: Sequence[Mapping[str, Any]], replays: list[Replay]
) -> Response:
    language, names = visit.language, await region_names(visit, *ROLES)
    rules = [rule for rule in calls[0].rules if all(rule.id in {one.id for one in call.rules} for call in calls)]
    own = text(language, "Rules of the call")
    columns = [own, *(str(one["name"]) for one in scenarios)]
    return page(
        visit,
        "programme/what-if.html",
        status=422 if form["errors"] else 200,
        calls=calls,
        names=names,
        form=form,
        fields=list(_fields(calls, language)),
        points=_points(calls),
        rules=rules,
        shown=min(MOST_SCENARIOS, len(scenarios) + 1),
        columns=columns,
        replays=replays,
        together=_together(replays, names, language),
        transitions=_transitions(replays, language),
        rows=lambda replay: _rows(replay, language),
        moves=lambda replay, place: list(replay.moves(place)),
        most=MOST_MOVES,
        outcome=lambda one: text(language, OUTCOMES[one]),
        case="/officer/applications/%s" if "officer" in visit.roles else "/audit/case?ref=%s",
    )


def _together(replays: list[Replay], names: Mapping[str, str], language: str) -> list[Row]:
    """Awards and money in euro, by region and of all calls, where several were chosen."""
    if len(replays) < 2:
        return []
    groups = {region: [one for one in replays if one.view.region == region] for region in dict.fromkeys(one.view.region for one in replays)}
    rows = [(names.get(region, region), _awards(mine, language, lambda one: one.sums)) for region, mine in groups.items()]
    rows = rows if len(rows) > 1 else []
    return [*rows, (text(language, "All of these calls"), _awards(replays, language, lambda one: one.sums))]


def _transitions(replays: list[Replay], language: str) -> list[Row]:
    """By the transitions that applications serve; those of a form that does not ask have none."""
    rows = []
    for code, label in TRANSITIONS.items():
        if any(code in one.view.scenarios[0].transitions for one in replays):
            rows.append((text(language, label), _awards(replays, language, lambda one, code=code: one.transitions.get(code))))
    return rows


def _awards(replays: list[Replay], language: str, of: Any) -> list[str]:
    """Of each scenario, '12 of 30 granted, 60 000 €'; in the currency of the calls where they have one."""
    currencies = {one.view.currency for one in replays}
    one_currency = next(iter(currencies)) if len(currencies) == 1 else ""
    found = []
    for one in sums(replays, of):
        spent = money(one.granted_minor, one_currency, language) if one_currency else money(one.granted_eur_minor, "EUR", language)
        values = {"granted": one.granted, "eligible": one.eligible, "spent": spent}
        found.append(text(language, "%(granted)s of %(eligible)s eligible granted, %(spent)s") % values)
    return found


def _rows(replay: Replay, language: str) -> list[Row]:
    """The figures of one call, each with its value in every scenario. What is 0 everywhere is left out."""
    currency, scenarios = replay.view.currency, replay.view.scenarios

    def euros(minor: int) -> str:
        return money(minor, currency, language)

    def span(one: ReplayedView, name: str, shown: Any) -> str:
        found = getattr(one, name)
        return " – ".join(dict.fromkeys((shown(found.low), shown(found.high)))) if found else "–"

    counts: dict[str, Callable[[ReplayedView], int]] = {
        _("Eligible"): lambda one: one.sums.eligible,
        _("Eligible, but never scored"): lambda one: one.not_scored,
        _("Granted"): lambda one: one.sums.granted,
        _("Reserve list"): lambda one: one.reserve,
        _("Below a threshold"): lambda one: one.refused,
        _("Ineligible"): lambda one: one.ineligible,
        _("Granted here only"): lambda one: len(one.moved_in),
        _("No longer granted"): lambda one: len(one.moved_out),
        _("A further score sheet would be needed"): lambda one: one.further_sheets,
    }
    rows = [
        (text(language, label), [str(count(one)) for one in scenarios]) for label, count in counts.items() if any(map(count, scenarios))
    ]
    rows.append((text(language, "Budget"), [euros(one.envelope_minor) for one in scenarios]))
    rows.append((text(language, "Spent"), [euros(one.sums.granted_minor) for one in scenarios]))
    rows.append((text(language, "Left"), [euros(one.envelope_minor - one.sums.granted_minor) for one in scenarios]))
    if any(one.rounds for one in scenarios):
        rows.append((text(language, "Granted, in nine of ten rounds"), [span(one, "granted_range", str) for one in scenarios]))
        rows.append((text(language, "Spent, in nine of ten rounds"), [span(one, "granted_minor_range", euros) for one in scenarios]))
    return rows


async def _file(visit: Visit, replays: list[Replay], scenarios: Sequence[Mapping[str, Any]], kind: str) -> Response:
    names = await region_names(visit, *ROLES)
    rows = file_rows(replays, names, ["rules of the call", *(str(one["name"]) for one in scenarios)])

    async def pages() -> AsyncIterator[Rows]:
        yield rows

    return as_file("what-if", kind, FILE_COLUMNS, pages())


ROUTES = [staff(PATH, what_if)]
