"""Pages of the portal: each says what it is for, and one about something of a region says how to reach the region's office."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from portal.kit.help import HELP

PORTAL = Path(__file__).parents[2] / "portal"
ROOMS = ("public", "applicant", "provider", "evaluator", "officer", "finance", "programme")
KINDS = {"public", "personal", "staff", "act", "decisions"}
SPEAKS = "at"
"""The method of a visit that says of which region the page is."""
OF_NO_REGION = {
    "/organisations/": "an organisation may apply in every region",
    "/finance/files/{sha256}": "a file of the bank may have lines of several regions",
    "/administration/people/{person_id:uuid}": "a person may have roles in several regions",
    "/administration/people/{person_id:uuid}/sign-out": "of a person",
    "/administration/people/{person_id:uuid}/close": "of a person",
    "/administration/invitations/": "of a person",
    "/audit/accesses/{service}": "the log of a service",
}
NO_PAGE = {"agreement", "receipt", "download", "document", "file", "codes", "begin", "remove"}
"""Functions that answer with a file, with data for a script, or with another page."""
EXPLAIN_THEMSELVES = {
    "kit/problem.html", "kit/list.html", "public/calls.html", "public/contact.html", "public/developers.html",
    "public/open-data.html", "public/start.html",
}  # fmt: skip
"""Of no region, and their whole content says what they are for."""
REACHED_OTHERWISE = {
    "/evaluator", "/officer", "/finance", "/audit", "/administration",  # in the menu: `kit/desks.py`
    "/finance/accounts/proposals", "/officer/evaluation/late",  # where something waits there
    "/account-closed", "/signed-in", "/signed-out",  # after what was done
    "/redeem",  # in the code that the provider reads from the voucher
}  # fmt: skip


@dataclass(frozen=True)
class Module:
    """`functions`: also classes, by name. `imports`: name → module and name there. `constants`: name → its expression."""

    name: str
    functions: dict[str, ast.AST] = field(default_factory=dict)
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)
    constants: dict[str, ast.expr] = field(default_factory=dict)


def read(path: Path) -> Module:
    module = Module(".".join(path.relative_to(PORTAL.parent).with_suffix("").parts))
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                module.functions[node.name] = node
            case ast.ImportFrom(module=str(source)):
                module.imports.update({one.asname or one.name: (source, one.name) for one in node.names})
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                module.constants[name] = value
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                module.constants.update((name.id, value) for name, value in zip(names, values, strict=True) if isinstance(name, ast.Name))
            case _:
                pass
    return module


MODULES = {module.name: module for module in (read(path) for path in PORTAL.glob("*/*.py"))}
ROOM_MODULES = {name for name in MODULES if name.split(".")[1] in ROOMS}


def address_of(module: Module, written: ast.expr) -> str:
    """The address of a page, of texts and of constants that are one."""
    match written:
        case ast.Constant(value=str(words)):
            return words
        case ast.Name(id=name):
            source, there = module.imports.get(name, (module.name, name))
            return address_of(MODULES[source], MODULES[source].constants[there])
        case ast.BinOp(left=left, right=right):
            return address_of(module, left) + address_of(module, right)
        case ast.JoinedStr(values=parts):
            return "".join(address_of(module, part.value if isinstance(part, ast.FormattedValue) else part) for part in parts)
    raise AssertionError(ast.unparse(written))


def routes() -> Iterator[tuple[Module, str, str]]:
    """Each function of a page, and the address that leads to it."""
    for module in MODULES.values():
        for call in (node for value in module.constants.values() for node in ast.walk(value) if isinstance(node, ast.Call)):
            if isinstance(call.func, ast.Name) and call.func.id in KINDS:
                for page in call.args[1:]:
                    if isinstance(page, ast.Name):
                        yield module, page.id, address_of(module, call.args[0])


def says_its_region(module: Module, function: str, seen: frozenset[tuple[str, str]] = frozenset()) -> bool:
    """The function, or one of the rooms that it names, calls `visit.at`."""
    if (module.name, function) in seen or function not in module.functions:
        return False
    seen |= {(module.name, function)}
    for node in ast.walk(module.functions[function]):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == SPEAKS:
            return True
        if isinstance(node, ast.Name):
            source, name = module.imports.get(node.id, (module.name, node.id))
            if source in ROOM_MODULES and says_its_region(MODULES[source], name, seen):
                return True
    return False


def test_page_of_something_says_how_to_reach_its_region() -> None:
    pages = [
        (module, function, address)
        for module, function, address in routes()
        if "{" in address
        and function not in NO_PAGE
        and not any(address == one or (one.endswith("/") and address.startswith(one)) for one in OF_NO_REGION)
    ]
    assert len(pages) > 90, "the pages are not found any more"
    assert [f"{module.name}.{function}: {address}" for module, function, address in pages if not says_its_region(module, function)] == []


def test_page_says_what_it_is_for() -> None:
    """By its template; a list without a template of its own by its name."""
    silent = []
    for module in MODULES.values():
        room = module.name.split(".")[1]
        for node in ast.walk(ast.Module([*module.functions.values()], [])):  # type: ignore[list-item]
            match node:
                case ast.Constant(value=str(name)) if name.endswith(".html") and room in (*ROOMS, "kit"):
                    silent += [name] * (name.startswith(ROOMS) or name.startswith("kit/")) * (name not in HELP)
                case ast.AsyncFunctionDef() if room in ROOMS:
                    silent += [f"list/{name}" for name in plain_lists(node) if f"list/{name}" not in HELP]
                case _:
                    pass
    assert sorted(set(silent) - EXPLAIN_THEMSELVES) == []


def plain_lists(function: ast.AST) -> list[str]:
    """Names of the lists of a function that have no template of their own."""
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    if not any(call.func.id == "listed" and len(call.args) == 2 for call in calls):  # type: ignore[attr-defined]
        return []
    named = [keyword.value for call in calls for keyword in call.keywords if call.func.id == "Listing" and keyword.arg == "name"]  # type: ignore[attr-defined]
    return [value.value for value in named if isinstance(value, ast.Constant) and isinstance(value.value, str)]


def test_page_is_reached_by_a_link() -> None:
    """Each first page of its kind: in a template, but for the way back from the pages below it, or in code that makes its address."""
    back = re.compile(r"govukBackLink\(\{.*?\}\)")
    templates = "".join(back.sub("", path.read_text(encoding="utf-8")) for path in PORTAL.glob("*/templates/*/*.html"))
    pages = {address for _, _, address in routes() if "{" not in address} - REACHED_OTHERWISE
    assert len(pages) > 40, "the pages are not found any more"
    assert [page for page in sorted(pages) if not re.search(re.escape(page) + r"""["'?#&]""", templates)] == []


def test_layout_hides_no_name_of_a_page() -> None:
    """What the layout sets is seen in the blocks of every page: as `path` it led the links of the open data to the page itself."""
    names = re.findall(r"{%-? set (\w+)", (PORTAL / "kit/templates/kit/layout.html").read_text(encoding="utf-8"))
    assert len(names) > 3, "the names are not found any more"
    assert [name for name in names if not name.startswith(("menu_", "_ignored"))] == []


def test_page_of_a_case_leads_on() -> None:
    """To the record of the case, and from a call to what came of it."""
    onward = {
        "officer/case.html": ("/audit/case?ref=", "/evaluation"), "officer/voucher.html": ("/audit/case?ref=", "/officer/applications/"),
        "officer/claim.html": ("/officer/applications/", "/officer/vouchers/"), "officer/evaluation-case.html": ("/officer/applications/",),
        "officer/call.html": ("/officer/evaluation/", "/ranking", "/officer/vouchers?call_id="),
        "officer/ranking.html": ("/draw",), "public/call.html": ("/draw",), "finance/payment.html": ("/audit/case?ref=",),
    }  # fmt: skip
    texts = {name: (PORTAL / name.partition("/")[0] / "templates" / name).read_text(encoding="utf-8") for name in onward}
    assert [(name, link) for name, links in onward.items() for link in links if link not in texts[name]] == []
