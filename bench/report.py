"""Writes tables (Markdown) and curves (SVG) from the samples, and an index page from all results in the folder."""

from pathlib import Path

from bench.declare import Aim, Benchmark
from bench.measure import Result, Spread
from bench.plot import svg

HEAD = "<!-- written by `make bench`; see ../benchmarks.md -->\n\n"


def write(result: Result, benchmark: Benchmark, folder: Path) -> None:
    """`<name>.json` (every sample), `<name>.svg`, `<name>.md`."""
    folder.mkdir(parents=True, exist_ok=True)
    result.write(folder / f"{result.name}.json")
    (folder / f"{result.name}.svg").write_text(svg(result))
    (folder / f"{result.name}.md").write_text(page(result, benchmark))


def page(result: Result, benchmark: Benchmark) -> str:
    rounds = max(len(values) for side in result.samples.values() for values in side.values())
    parts = [
        f"# {result.title}",
        result.text,
        *(["**Small sizes, to see that it works: no figures.**"] if result.quick else []),
        _table(f"{result.unit}|min|median|max", _rows(result)),
        *([_table("aim|min|median|max|wanted|", verdicts(result, benchmark))] if benchmark.aims else []),
        f"![{result.title}]({result.name}.svg)",
        *result.notes,
        f"{rounds} rounds in {result.seconds:.0f} s, sides in turn. All samples: [{result.name}.json]({result.name}.json).",
        "; ".join(f"{name} {value}" for name, value in result.machine.items()) + ".",
    ]
    return HEAD + "\n\n".join(parts) + "\n"


def index(folder: Path, benchmarks: list[Benchmark]) -> None:
    """Writes README.md: every aim with its result."""
    rows, machines = [], {}
    for benchmark in benchmarks:
        path = folder / f"{benchmark.name}.json"
        if path.exists():
            result = Result.read(path)
            machines[benchmark.name] = result.machine
            link = f"[{result.title}]({result.name}.md)"
            rows += [f"{link}|{row}" for row in verdicts(result, benchmark)] or [f"{link}||||||"]
    text = "\n\n".join(["# Results", "See [benchmarks.md](../benchmarks.md).", _table("benchmark|aim|min|median|max|wanted|", rows)])
    (folder / "README.md").write_text(HEAD + text + "\n")


def _rows(result: Result) -> list[str]:
    return [
        f"{side}: {metric}|{_cells(result.spread(side, metric))}"
        for metric in dict.fromkeys(metric for side in result.samples.values() for metric in side)
        for side in result.samples
        if metric in result.samples[side]
    ]


def verdicts(result: Result, benchmark: Benchmark) -> list[str]:
    """For each aim its words, least, middle and most, what is wanted, and whether it is met."""
    return [
        f"{words}|{_cells(spread)}|{aim}|{'met' if all(map(aim.met_by, _deciding(spread, aim))) else '**missed**'}"
        for words, spread, aim in result.verdicts(benchmark.aims)
    ]


def _deciding(spread: Spread, aim: Aim) -> tuple[float, ...]:
    return (spread.least, spread.most) if aim.always else (spread.middle,)


def _cells(spread: Spread) -> str:
    return f"{_number(spread.least)}|{_number(spread.middle)}|{_number(spread.most)}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _table(head: str, rows: list[str]) -> str:
    columns = head.count("|") + 1
    return "\n".join(f"| {line.replace('|', ' | ')} |" for line in (head, "|".join(["---"] * columns), *rows))
