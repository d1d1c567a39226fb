"""Reads policies from `<folder>/<region>/<scheme>/<YYYY-MM-DD>.toml` and forms from `form-<YYYY-MM-DD>.toml` beside them; an error names
file, field and reason."""

import json
import tomllib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from copy import copy
from datetime import date, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from shared.policy.bank_orders import BankOrders
from shared.policy.form import COMMON, FormDefinition, FormFile, compose
from shared.policy.region import Contact, DaysOff, Region
from shared.policy.report import ReportForm, report_of
from shared.policy.resolver import PolicyBook
from shared.policy.rules import check_rules
from shared.policy.schema import Policy

Model = TypeVar("Model", bound=BaseModel)
Loaded = TypeVar("Loaded")
CALLS = "calls"
"""The folder beside the schemes that holds a region's calls."""
REGION = "region.toml"
"""The file in the folder of a region that says what it is called."""
CONTACT = "contact-"
"""How the name of a file begins that says how to reach the office of a region."""
BANK = "bank-"
"""How the name of a file begins that says how the bank of a region wants its orders."""
DAYS_OFF = "days-off.toml"
"""The file in the folder of a region with days off that were announced at short notice."""
REPORT = "report-"
"""How the name of the file with the questions of the report at the end begins."""
FORM = "form-"
"""How the name of a form's file begins."""


class LoadError(ValueError):
    """A data file is wrong; the text has one line per fault: '<file>: <field>: <reason>'."""


Stamp = tuple[tuple[str, int, int], ...]
_KEPT: dict[Path, tuple[Stamp, PolicyBook]] = {}
"""Books that were read before this process was forked, with the files that they were read from."""


def load_book(folder: Path) -> PolicyBook:
    """All policies and forms below the folder, and what its regions say of themselves. LoadError with every fault of every file.

    A process that was forked from one that has kept the book shares its content; what it learns later is its own.
    """
    stamp, book = _KEPT.get(folder, ((), None))
    return copy(book) if book is not None and stamp == _stamp(folder) else _read_book(folder)


def keep_book(folder: str) -> None:
    """Reads the book for the processes that are forked from this one. A folder with a fault is left to them: they say what is wrong."""
    path = Path(folder)
    with suppress(LoadError):
        _KEPT[path] = _stamp(path), _read_book(path)
    _parsed.cache_clear()


def _stamp(folder: Path) -> Stamp:
    """Every file with its size and the instant of its last change (ns)."""
    found = ((path, path.stat()) for path in sorted(folder.rglob("*.toml")))
    return tuple((str(path), status.st_size, status.st_mtime_ns) for path, status in found)


def _read_book(folder: Path) -> PolicyBook:
    faults: list[str] = []
    policies = _each(policy_files(folder), load_policy, faults)
    forms = _each(form_files(folder), load_form, faults)
    reports = _each(sorted(folder.glob(f"{COMMON}/{REPORT}*.toml")), load_report, faults)
    contacts = _each(sorted(folder.glob(f"*/{CONTACT}*.toml")), load_contact, faults)
    orders = _each(sorted(folder.glob(f"*/{BANK}*.toml")), load_bank_orders, faults)
    paths = sorted(folder.glob(f"*/{REGION}"))
    regions = dict(zip((path.parent.name for path in paths), _each(paths, lambda path: read_toml(path, Region), faults), strict=False))
    with_days = sorted(folder.glob(f"*/{DAYS_OFF}"))
    days_off = dict(
        zip((path.parent.name for path in with_days), _each(with_days, lambda path: read_toml(path, DaysOff), faults), strict=False)
    )
    if faults:
        raise LoadError("\n".join(faults))
    cores = {path.stem.removeprefix(FORM): read_toml(path, FormFile) for path in folder.glob(f"{COMMON}/{FORM}*.toml")}
    return PolicyBook(policies, forms, regions, reports, contacts, days_off, orders, cores)


def _each(paths: Iterable[Path], load: Callable[[Path], Loaded], faults: list[str]) -> list[Loaded]:
    loaded = []
    for path in paths:
        try:
            loaded.append(load(path))
        except LoadError as error:
            faults.append(str(error))
    return loaded


def policy_files(folder: Path) -> Iterator[Path]:
    """The files of policies, in the order of their names."""
    return (path for path in sorted(folder.glob("*/*/*.toml")) if path.parent.name != CALLS and not path.name.startswith(FORM))


def form_files(folder: Path) -> list[Path]:
    """The files of forms, the common cores first."""
    return sorted(folder.glob(f"{COMMON}/{FORM}*.toml")) + sorted(folder.glob(f"*/*/{FORM}*.toml"))


def load_form(path: Path) -> FormDefinition:
    """One whole form, with the core that it extends. LoadError when it is not valid, or when its folders and name say another region,
    scheme or date."""
    file = read_toml(path, FormFile)
    parent, region = path.parent, path.parent if file.scheme is None else path.parent.parent
    place = (region.name, None if file.scheme is None else parent.name, path.stem.removeprefix(FORM))
    for field, inside, outside in zip(("region", "scheme", "effective_from"), _key(file), place, strict=True):
        if inside != outside:
            raise LoadError(f"{path}: {field}: is {inside!r}, but the file stands under {outside!r}")
    core = region.parent / COMMON / f"{FORM}{file.extends}.toml"
    if file.extends is not None and not core.exists():
        raise LoadError(f"{path}: extends: there is no {core}")
    try:
        return compose(file, None if file.extends is None else read_toml(core, FormFile))
    except ValueError as error:
        raise LoadError("\n".join(f"{path}: {fault}" for fault in str(error).splitlines())) from error


def load_report(path: Path) -> ReportForm:
    """The questions of the report at the end. LoadError when they are not valid, or when its name says another date."""
    file = read_toml(path, FormFile)
    if (file.region, file.effective_from.isoformat()) != (COMMON, path.stem.removeprefix(REPORT)):
        raise LoadError(f"{path}: region, effective_from: are {file.region!r}, {file.effective_from}, which the file's place does not say")
    try:
        return report_of(file)
    except ValueError as error:
        raise LoadError("\n".join(f"{path}: {fault}" for fault in str(error).splitlines())) from error


def load_contact(path: Path) -> Contact:
    """LoadError when it is not valid, or when its folder and name say another region or date."""
    contact = read_toml(path, Contact)
    if (contact.region, contact.effective_from.isoformat()) != (path.parent.name, path.stem.removeprefix(CONTACT)):
        raise LoadError(
            f"{path}: region, effective_from: are {contact.region!r}, {contact.effective_from}, which the file's place does not say"
        )
    return contact


def load_bank_orders(path: Path) -> BankOrders:
    """LoadError when it is not valid, or when its folder and name say another region or date."""
    orders = read_toml(path, BankOrders)
    if (orders.region, orders.effective_from.isoformat()) != (path.parent.name, path.stem.removeprefix(BANK)):
        raise LoadError(
            f"{path}: region, effective_from: are {orders.region!r}, {orders.effective_from}, which the file's place does not say"
        )
    return orders


def load_policy(path: Path) -> Policy:
    """One policy. LoadError when it is not valid, or when its folders and name say another region, scheme or date."""
    policy = read_toml(path, Policy)
    expected = (path.parent.parent.name, path.parent.name, path.stem)
    for field, inside, outside in zip(("region", "scheme", "effective_from"), _key(policy), expected, strict=True):
        if inside != outside:
            raise LoadError(f"{path}: {field}: is {inside!r}, but the file stands under {outside!r}")
    try:
        check_rules(policy)
    except ValueError as error:
        raise LoadError(f"{path}: {error}") from error
    return policy


def read_toml(path: Path, model: type[Model]) -> Model:
    """A file as a strict model. LoadError for each field at fault."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LoadError(f"{path}: {error}") from error
    return read_text(text, str(path), model)


def read_text(text: str, place: str, model: type[Model]) -> Model:
    """As `read_toml`, of a text that stands in no folder; `place` is how its faults name it."""
    try:
        content = _parsed(text)
    except (tomllib.TOMLDecodeError, TypeError, RecursionError) as error:
        raise LoadError(f"{place}: {error}") from error
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        raise LoadError("\n".join(f"{place}: {_field(fault['loc'])}{fault['msg']}" for fault in error.errors())) from error


@lru_cache(maxsize=200)
def _parsed(text: str) -> str:
    """By way of JSON, where strict models take lists for tuples and texts for dates, and nothing else. The core of the forms is read with
    each form that extends it, and takes longest."""
    return json.dumps(tomllib.loads(text), default=_iso)


def _field(location: tuple[int | str, ...]) -> str:
    return f"{'.'.join(map(str, location))}: " if location else ""


def _iso(value: object) -> str:
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    raise TypeError(f"{value!r} has no place in a data file")


def _key(file: Policy | FormFile) -> tuple[str, str | None, str]:
    return file.region, file.scheme, file.effective_from.isoformat()
