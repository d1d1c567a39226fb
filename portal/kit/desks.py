"""The desks of the agency: which there are, who has one, and what waits at each."""

from dataclasses import dataclass

from portal.kit.texts import text


@dataclass(frozen=True)
class Desk:
    """`role`: of who works at it, as tokens name it. `path`: of its first page."""

    role: str
    path: str

    def name(self, language: str) -> str:
        """In the menu."""
        names = {
            "evaluator": text(language, "Evaluation"),
            "officer": text(language, "Calls and cases"),
            "finance": text(language, "Payments"),
            "auditor": text(language, "Audit"),
            "administrator": text(language, "People and roles"),
        }
        return names[self.role]


DESKS = (
    Desk("evaluator", "/evaluator"),
    Desk("officer", "/officer"),
    Desk("finance", "/finance"),
    Desk("auditor", "/audit"),
    Desk("administrator", "/administration"),
)


@dataclass(frozen=True)
class Task:
    """Something that waits: `text` says what, in the reader's language, `count` how many. `exact`: False where there are more. `link`: to
    the list of them. `hint`: a sentence below, for instance how long the oldest waits."""

    text: str
    count: int
    link: str
    exact: bool = True
    hint: str = ""
