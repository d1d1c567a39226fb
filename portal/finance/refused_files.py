"""A refused file of the bank: it is read once more, dismissed with a reason, or opened again."""

from portal.client.payments import BankFileDetail, FileActInput
from portal.finance import words
from portal.finance.acts import Act, act
from portal.finance.parts import FILES
from portal.kit.routing import Personal
from portal.kit.texts import text
from portal.kit.visit import Visit

FILE = FILES + "/{sha256}"
RETRY, DISMISSAL, REOPENING = "/retry", "/dismissal", "/reopening"
_ACTS = {RETRY: "retried", DISMISSAL: "dismissed", REOPENING: "reopened"}


def file_states(language: str) -> dict[str, str]:
    return {"taken": text(language, "Read"), "refused": text(language, "Refused"), "dismissed": text(language, "File dismissed")}


def standing(found: object) -> str:
    """A refused file that nobody has to look at is dismissed."""
    return "dismissed" if getattr(found, "dismissed", False) else str(getattr(found, "state", ""))


def acts_of(language: str) -> dict[str, str]:
    """What a person decided."""
    return {
        "retried": text(language, "Read once more"),
        "dismissed": text(language, "File dismissed"),
        "reopened": text(language, "Opened again"),
    }


def reasons(language: str) -> dict[str, str]:
    return {
        "sent-again": text(language, "The bank has sent it again, in order"),
        "not-for-us": text(language, "It is no file for us"),
        "bank-asked": text(language, "The bank was asked and said so"),
        "can-be-read-now": text(language, "It can be read by now, or its fault was looked into"),
        "by-mistake": text(language, "The last decision was a mistake"),
    }


def sentence(found: BankFileDetail, language: str) -> str:
    """What became of a refused file, and what can be done."""
    why = {"why": words.file_reason(found.reason or "", language)}
    if found.retry_at is not None:
        return text(language, "The file was refused: %(why)s. It is about to be read once more. Read this page again in a minute.") % why
    if found.dismissed:
        return text(language, "The file was refused: %(why)s. It is dismissed, so nobody has to look at it.") % why
    return (
        text(
            language,
            "The file was refused, and nothing of it was applied: %(why)s. Ask the bank to send it again. If its fault was "
            "looked into, have it read once more. If nothing is missing, dismiss it.",
        )
        % why
    )


async def decision(visit: Visit) -> Act:
    """The end of the address says which."""
    sha256, services, language = str(visit.request.path_params["sha256"]), visit.services.payments, visit.language
    found = await services.get_bank_file(await visit.caller(), sha256)
    ending = "/" + visit.request.url.path.rpartition("/")[2]
    titles = {
        RETRY: text(language, "Read the file %(name)s once more"),
        DISMISSAL: text(language, "Dismiss the file %(name)s"),
        REOPENING: text(language, "Open the file %(name)s again"),
    }
    follows = {
        RETRY: text(language, "It is read like a file that comes now, with its signature. What it says is applied."),
        DISMISSAL: text(language, "Nothing of it is applied, and it waits for nobody. It can be opened again."),
        REOPENING: text(language, "It waits for a person again."),
    }
    here = f"{FILES}/{sha256}"
    return Act(
        title=titles[ending] % {"name": found.name},
        follows=[follows[ending]],
        button=acts_button(language)[ending],
        step=lambda caller, given: services.post_bank_file_decision(
            caller, sha256, FileActInput.model_validate({"act": _ACTS[ending], "reason": given})
        ),
        back=here,
        done=f"{here}?done={_ACTS[ending]}",
        reasons=reasons(language),
    )


def acts_button(language: str) -> dict[str, str]:
    return {RETRY: text(language, "Read it once more"), DISMISSAL: text(language, "Dismiss it"), REOPENING: text(language, "Open it again")}


ROUTES: list[Personal] = [act(FILE + ending, decision) for ending in _ACTS]
