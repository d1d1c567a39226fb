"""Help of the pages about what is kept: holds, retention, erasure, and applications from a file."""

from collections.abc import Mapping

from portal.kit.reader import mark as _

HELP: Mapping[str, str] = {
    "list/holds": _(
        "Legal holds of your regions. While one is in force, nothing of its cases is removed or erased. "
        "A hold is placed on the page of an application, and lifted by another officer."
    ),
    "list/retention-results": _(
        "Case by case what the daily runs did. A held case is removed by the first run after its hold is lifted. "
        "What could not be removed is tried again each day."
    ),
    "list/erasures": _(
        "Requests to erase what identifies an organisation. One officer requests it, another one confirms it. "
        "Choose one to read how far it is in each service."
    ),
    "officer/record-act.html": _(
        "One step that decides how long something is kept. Read what follows from it, then press the button. "
        "Where a second officer has to take it, the first one is refused with the reason."
    ),
    "officer/retention.html": _(
        "Which cases lose their content next, and what the daily runs removed, found held, or could not remove. "
        "The terms are rules of each scheme. A case that is needed for a proceeding is kept by a legal hold."
    ),
    "officer/organisation.html": _(
        "What the services keep about one organisation. Take the whole as a file, for instance when the organisation asks for it, "
        "or request its erasure, which another officer confirms."
    ),
    "officer/erasure.html": _(
        "One erasure: who requested and confirmed it, and whether each service has done it. What is erased cannot be brought back."
    ),
    "applicant/export.html": _(
        "All that the programme holds about your organisation, as one file. Only who acts for the organisation can take it."
    ),
    "officer/import.html": _(
        "Applications that came in another way, for instance on paper, from a list. "
        "Choose the file and read first what would become of each line."
    ),
    "officer/import-result.html": _(
        "What becomes of each line of the file. A refused line keeps no other. The same line is never imported twice."
    ),
}
