"""Draws one SVG for a benchmark: a panel for each metric, every sample a point, a line through the medians of the sides."""

from typing import Any

import vl_convert

from bench.measure import Result

VEGA_LITE = "6.1"


def svg(result: Result) -> str:
    return str(vl_convert.vegalite_to_svg(specification(result), vl_version=VEGA_LITE))


def specification(result: Result) -> dict[str, Any]:
    sides = list(result.samples)
    values = [
        {"side": side, "metric": metric, "value": value}
        for side, metrics in result.samples.items()
        for metric, samples in metrics.items()
        for value in samples
    ]
    place = {"field": "side", "type": "nominal", "sort": sides, "title": None, "axis": {"labelAngle": -30, "labelLimit": 240}}
    value = {"field": "value", "type": "quantitative", "title": result.unit, "scale": {"zero": True}}
    middle = {**value, "aggregate": "median"}
    return {
        "title": result.title,
        "data": {"values": values},
        "facet": {"field": "metric", "type": "nominal", "title": None, "sort": None},
        "columns": 3,
        "spec": {
            "width": max(140, 70 * len(sides)),
            "height": 180,
            "layer": [
                {"mark": {"type": "line", "color": "#1f5fa8"}, "encoding": {"x": place, "y": middle}},
                {"mark": {"type": "point", "filled": True, "color": "#d4552a", "opacity": 0.8}, "encoding": {"x": place, "y": value}},
            ],
        },
        "resolve": {"scale": {"y": "independent"}},
        "config": {"background": "white", "font": "sans-serif"},
    }
