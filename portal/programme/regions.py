"""The five regions side by side: pipeline, speed, success, money, the three transitions, and links between regions. Only laid out here:
every number is counted by the service that owns it."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.responses import Response

from portal.client.applications import RegionFiguresView as ApplicationFigures
from portal.client.evaluation import RegionFiguresView as EvaluationFigures
from portal.client.payments import RegionFiguresView as PaymentFigures
from portal.client.vouchers import RegionFiguresView as VoucherFigures
from portal.kit.formats import money, percent, scored, units
from portal.kit.order import by_name
from portal.kit.pages import page
from portal.kit.reader import mark as _
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Visit
from shared.texts.languages import in_language

PATH = "/programme/regions"
DAY_HOURS = 24
STAGES = {
    "submission-to-screening": _("From submission to screening"),
    "eligible-to-evaluated": _("From eligibility to the last score"),
    "submission-to-decision": _("From submission to the decision"),
    "award-to-offer": _("From the award to the offer"),
    "offer-to-answer": _("From the offer to the answer"),
    "offer-to-voucher": _("From the offer to the voucher"),
    "claim-to-decision": _("From a claim to its check"),
    "voucher-to-close": _("From the voucher to its end"),
}
TRANSITIONS = {"green": _("Green"), "digital": _("Digital"), "social": _("Social")}
Bars = tuple[str, list[int], list[str]]


@dataclass(frozen=True)
class Place:
    """The figures of one region, from each service."""

    name: str
    currency: str
    applications: ApplicationFigures
    evaluation: EvaluationFigures
    vouchers: VoucherFigures
    payments: PaymentFigures

    @property
    def counted_at(self) -> datetime:
        """Of the oldest part."""
        return min(self.applications.counted_at, self.evaluation.counted_at, self.vouchers.counted_at, self.payments.counted_at)

    @property
    def stages(self) -> dict[str, Any]:
        parts: tuple[Any, ...] = (self.applications, self.evaluation, self.vouchers, self.payments)
        return {one.stage: one for part in parts for one in part.spreads}


@dataclass(frozen=True)
class Chart:
    """`series`: names; `rows`: of each region its name, its values, and their texts."""

    title: str
    hint: str
    series: list[str]
    rows: list[Bars]


async def regions(visit: Visit) -> Response:
    places = await _places(visit)
    charts = [_pipeline(places, visit.language), _decisions(places, visit.language), _money(places, visit.language)]
    transitions = [_transitions(places, visit.language), _shares(places, visit.language)]
    return page(
        visit, "programme/regions.html", charts=charts, transitions=transitions, speed=_speed(places, visit.language),
        given=_given(places, visit.language),
        links=_links(places), fields=_fields(places), places=places, counted_at=min(place.counted_at for place in places),
        zone=(await visit.region(places[0].applications.region)).zone,
    )  # fmt: skip


async def _places(visit: Visit) -> list[Place]:
    """By name."""
    caller, services = await visit.caller(), visit.services
    applications, evaluation, vouchers, payments = await asyncio.gather(
        services.applications.list_figures(caller), services.evaluation.list_figures(caller), services.vouchers.list_figures(caller),
        services.payments.list_figures(caller),
    )  # fmt: skip
    scores = {one.region: one for one in evaluation}
    lives = {one.region: one for one in vouchers}
    sums = {one.region: one for one in payments}
    found = []
    for one in applications:
        name = in_language(one.names, visit.language)
        found.append(Place(name, one.currency, one, scores[one.region], lives[one.region], sums[one.region]))
    return by_name(found, lambda place: place.name, visit.language)


def _chart(title: str, hint: str, series: list[str], places: Iterable[Place], values: Callable[[Place], list[int]]) -> Chart:
    return Chart(title, hint, series, [(place.name, values(place), [str(value) for value in values(place)]) for place in places])


def _pipeline(places: list[Place], language: str) -> Chart:
    series = [text(language, words) for words in (_("Draft"), _("With the agency"), _("Eligible"), _("Ineligible"), _("Withdrawn"))]

    def values(place: Place) -> list[int]:
        states = place.applications.states
        waiting = states.get("submitted", 0) + states.get("returned", 0)
        return [states.get("draft", 0), waiting, *(states.get(state, 0) for state in ("eligible", "ineligible", "withdrawn"))]

    return _chart(text(language, "Applications by where they are"), "", series, places, values)


def _decisions(places: list[Place], language: str) -> Chart:
    series = [text(language, words) for words in (_("Granted"), _("Reserve list"), _("Refused"))]
    chart = _chart(
        text(language, "Decisions, and the share that was granted"), "", series, places,
        lambda place: [place.evaluation.outcomes.get(outcome, 0) for outcome in ("granted", "reserve", "refused")],
    )  # fmt: skip
    shares = [place.evaluation.success_bp for place in places]
    rows = [
        (f"{name}: {percent(share, language)}" if share is not None else name, values, texts)
        for (name, values, texts), share in zip(chart.rows, shares, strict=True)
    ]
    return Chart(chart.title, chart.hint, chart.series, rows)


def _money(places: list[Place], language: str) -> Chart:
    """The bars are in euro, so that they can be compared."""
    series = [text(language, words) for words in (_("Paid"), _("Committed"), _("Reserved"), _("Free"))]
    rows: list[Bars] = []
    for place in places:
        sums = place.payments
        parts = [sums.paid, sums.committed, sums.reserved]
        free = [
            sums.envelope.eur_minor - sum(one.eur_minor for one in parts) + sums.recovered.eur_minor,
            sums.envelope.minor - sum(one.minor for one in parts) + sums.recovered.minor,
        ]
        pairs = [(one.eur_minor, one.minor) for one in parts] + [(free[0], free[1])]
        rows.append(
            (place.name, [max(0, euro) for euro, _own in pairs], [_both(euro, own, place.currency, language) for euro, own in pairs])
        )
    hint = text(language, "In euro at the rate of each call's policy, and in the region's own currency.")
    return Chart(text(language, "Money of the calls"), hint, series, rows)


def _both(euro: int, own: int, currency: str, language: str) -> str:
    shown = money(euro, "EUR", language)
    return shown if currency == "EUR" else f"{shown} ({money(own, currency, language)})"


def _transitions(places: list[Place], language: str) -> Chart:
    hint = text(
        language,
        "Submitted applications by the transitions that they serve. One may serve several. A region whose form does not ask has none.",
    )
    counts = {place.name: {one.code: one.submitted for one in place.applications.transitions} for place in places}
    return _chart(
        text(language, "The three transitions"), hint, [text(language, words) for words in TRANSITIONS.values()], places,
        lambda place: [counts[place.name].get(code, 0) for code in TRANSITIONS],
    )  # fmt: skip


def _shares(places: list[Place], language: str) -> Chart:
    hint = text(language, "The mean of the criterion for the threefold transition, in points.")
    rows: list[Bars] = []
    for place in places:
        hundredths = place.evaluation.transition_hundredths
        rows.append((place.name, [hundredths or 0], [scored(hundredths, language) if hundredths is not None else "–"]))
    return Chart(text(language, "Scores for the threefold transition"), hint, [text(language, "Points")], rows)


def _speed(places: list[Place], language: str) -> list[tuple[str, list[str]]]:
    """Of each stage its name, and for each region the median in days with the longest of nine in ten."""
    found = []
    for stage, words in STAGES.items():
        cells = [place.stages.get(stage) for place in places]
        if any(cells):
            found.append((text(language, words), [_days(one, language) for one in cells]))
    return found


def _given(places: list[Place], language: str) -> list[tuple[str, list[str]]]:
    """What is no money: by unit how much there is, is held, and is used up, of each region."""
    titles = {
        "supplied": text(language, "In the calls"), "held": text(language, "Held"), "attended": text(language, "Used up"),
        "vouchers": text(language, "Vouchers"),
    }  # fmt: skip
    names = {"minutes": text(language, "Hours"), "places": text(language, "Places")}
    found = []
    for unit in sorted({one.unit for place in places for one in place.vouchers.units or ()}):
        for field, title in titles.items():
            cells = [next((getattr(one, field) for one in place.vouchers.units or () if one.unit == unit), None) for place in places]
            shown = ["–" if count is None else str(count) if field == "vouchers" else units(count, unit, language) for count in cells]
            found.append((f"{names.get(unit, unit)}: {title}", shown))
    return found


def _days(one: Any, language: str) -> str:
    if one is None:
        return "–"
    values = {"median": _tenths(one.median_hours), "most": _tenths(one.most_hours), "cases": one.cases}
    return text(language, "%(median)s days; nine of ten within %(most)s (%(cases)s cases)") % values


def _tenths(hours: int) -> str:
    tenths = hours * 10 // DAY_HOURS
    return f"{tenths // 10}.{tenths % 10}"


def _links(places: list[Place]) -> list[tuple[str, list[int]]]:
    """Of each region, how many of its applications name a partner in each of the others."""
    counts = {place.name: {one.code: one.submitted for one in place.applications.partner_regions} for place in places}
    return [(place.name, [counts[place.name].get(other.applications.region, 0) for other in places]) for place in places]


def _fields(places: list[Place]) -> list[tuple[str, list[int]]]:
    """Of each field of smart specialisation, how many applications of each region name it."""
    codes = sorted({one.code for place in places for one in place.applications.s3_fields})
    counts = [{one.code: one.submitted for one in place.applications.s3_fields} for place in places]
    return [(code.replace("-", " ").capitalize(), [count.get(code, 0) for count in counts]) for code in codes]


ROUTES = [staff(PATH, regions)]
