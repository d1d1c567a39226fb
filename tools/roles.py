"""`python -m tools.roles [--check]`: roles, permissions and duties, from `shared/identity` into `docs/roles.md`."""

import sys
from collections.abc import Iterable
from pathlib import Path

from shared.identity.actor import Role
from shared.identity.duties import SECOND, Duty, incompatible
from shared.identity.permissions import FRESH, FRESH_SECONDS, ROLES, Permission
from tools.written import NOTE, ROOT, write_or_check

PAGE = ROOT / "docs/roles.md"
_SECOND = ", ".join(f"`{duty}`" for duty in Duty if duty in SECOND)
INTRODUCTION = f"""\
A role is what a person does in the programme. A person has it by region: the token names the roles of each region, and a role in one
region opens nothing in another. A person may have several roles; a token has those of the agency or those of one organisation, and
`triptych whoami TOKEN` shows what it holds. An administrator of the region proposes a role, another one confirms it; `people` puts the
roles in force into the token, whatever the identity provider says.

A **machine** acts for the person who registered it: its steps are that person's. It has roles that two administrators gave it, and never
`administrator`. It has never just signed in, so no permission marked fresh, and it never is the second person who confirms: {_SECOND}.

A role's permission is the first condition of a step. The second is about one case: a person who took a certain step in it does not take
certain others ([decision 0022](decisions/0022-separation-of-duties.md)).

## What each role may do

● the role has the permission; fresh: it also needs a sign-in of the last {FRESH_SECONDS // 60} minutes. An applicant has it for the own
organisation only, an evaluator for the own assignments only.
"""
DUTIES = """\
## Steps that one person does not take

CASE: not in the same case. A case is one application with its voucher, claims and payments, or one account of a payee.
CALL: not in the same call either, also when the cases are different ones.
`apply` is everything on the applicant's side, from the draft to the last claim; each other word is a step of the agency.
Who tries is refused with `incompatible-step`; another person with the same role takes the step.
"""


def page() -> str:
    return "\n".join([NOTE, "", "# Roles and duties", "", INTRODUCTION, *_permissions(), "", DUTIES, *_duties()]) + "\n"


def _permissions() -> Iterable[str]:
    yield _row(["permission", *Role, "fresh"])
    yield _row(["---", *[":---:"] * (len(Role) + 1)])
    for permission in Permission:
        roles = ["●" if role in ROLES[permission] else "" for role in Role]
        yield _row([f"`{permission}`", *roles, "fresh" if permission in FRESH else ""])


def _duties() -> Iterable[str]:
    yield _row(["who took this step", "takes none of these: CASE", "takes none of these: CALL"])
    yield _row(["---"] * 3)
    for duty in Duty:
        in_case, in_call = incompatible(duty)
        yield _row([f"`{duty}`", _words(in_case - in_call), _words(in_call)])


def _words(duties: frozenset[Duty]) -> str:
    """The duties; when they are most of all, those that are missing."""
    named = [f"`{duty}`" for duty in Duty if duty in duties]
    others = [f"`{duty}`" for duty in Duty if duty not in duties]
    return ", ".join(named) if len(named) < len(Duty) / 2 else f"all but {', '.join(others)}"


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def documents() -> dict[Path, str]:
    """Path to content of the page."""
    return {PAGE: page()}


if __name__ == "__main__":
    sys.exit(write_or_check(documents(), sys.argv[1:]))
