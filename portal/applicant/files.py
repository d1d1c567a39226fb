"""The files of an application, on a page of their own: given, several at once, removed, downloaded."""

from dataclasses import dataclass

from starlette.responses import JSONResponse, Response, StreamingResponse

from portal.applicant.applications import APPLICATION, files_asked, identity_of, may_change, words_for
from portal.client.applications import ApplicationDetail, CallFormView, FileView, QuestionView, SectionView
from portal.client.base import ApiProblem, NewFile
from portal.kit.forms import BadForm
from portal.kit.pages import go, page
from portal.kit.routing import personal
from portal.kit.texts import text
from portal.kit.uploads import SentFile
from portal.kit.visit import Visit
from shared.kernel.ids import new_id

MIB = 1024 * 1024
Wrong = list[tuple[str, str]]
"""Id of a question, and a sentence about a file."""


async def show(visit: Visit) -> Response:
    return (await _Files.load(visit)).page(visit, [])


async def give(visit: Visit) -> Response:
    """Stores each file that can be stored, and says of each other one why not. `key`: of the page, so that a double click gives a file
    once. A script sends one file at a time, and gets JSON."""
    shown = await _Files.load(visit)
    question, said = shown.question(visit.form.get("question")), list[dict[str, str]]()
    if visit.files is None:
        raise BadForm("no files")
    async for file in visit.files.files((question.largest_mib or 0) * MIB):
        said.append({"name": file.name, "error": await _give_one(visit, question, file, f"{visit.form.get('key')}-{len(said)}")})
    if visit.request.headers.get("accept") == "application/json":
        return JSONResponse({"files": said})
    wrong = [(question.id, f"{one['name']}: {one['error']}") for one in said if one["error"]]
    if not said:
        wrong = [(question.id, text(visit.language, "Choose a file"))]
    return (await _Files.load(visit)).page(visit, wrong) if wrong else go(f"{visit.request.url.path}?done=stored#{question.id}")


async def _give_one(visit: Visit, question: QuestionView, file: SentFile, key: str) -> str:
    """What is wrong with it; empty when it is stored."""
    if not file.whole:
        return text(visit.language, "The file is larger than %(most)s MB.") % {"most": question.largest_mib}
    applications, caller, new = visit.services.applications, await visit.caller(), NewFile(file.name, file.content)
    try:
        await applications.post_application_file(caller, identity_of(visit), new, key, question=question.id)
    except ApiProblem as problem:
        if problem.status not in (409, 413, 422):
            raise
        return problem.detail
    return ""


async def download(visit: Visit) -> Response:
    found = await visit.services.applications.get_application_file(await visit.caller(), identity_of(visit), _file_id(visit))
    return StreamingResponse(found.content, headers=found.headers)


async def ask(visit: Visit) -> Response:
    """Whether it is to be removed, and what follows from that."""
    shown = await _Files.load(visit)
    return page(visit, "applicant/remove-file.html", application=shown.application, file=shown.file(_file_id(visit)))


async def remove(visit: Visit) -> Response:
    await visit.services.applications.delete_application_file(await visit.caller(), identity_of(visit), _file_id(visit))
    return go(f"/applications/{identity_of(visit)}/files?done=removed")


@dataclass(frozen=True)
class _Files:
    """`files` are those that are part of an answer."""

    application: ApplicationDetail
    form: CallFormView
    sections: list[SectionView]
    files: list[FileView]

    @classmethod
    async def load(cls, visit: Visit) -> "_Files":
        """`ApiProblem` 404 for an application whose form asks for no files."""
        caller, applications = await visit.caller(), visit.services.applications
        found = await applications.get_application(caller, identity_of(visit))
        await visit.at(found.region)
        form = await visit.call_form(found.call_id)
        sections = await applications.list_application_sections(caller, found.id)
        files = [file for file in await applications.list_application_files(caller, found.id) if file.removed_at is None]
        shown = cls(found, form, sections, files)
        if not shown.questions:
            raise ApiProblem(404, {"code": "no-files"})
        return shown

    @property
    def questions(self) -> list[QuestionView]:
        return files_asked(self.form, self.sections)

    def question(self, name: str) -> QuestionView:
        found = next((one for one in self.questions if one.id == name), None)
        if found is None:
            raise ApiProblem(404, {"code": "unknown-question"})
        return found

    def file(self, file_id: str) -> FileView:
        found = next((one for one in self.files if str(one.id) == file_id and may_change(self.application, one.question)), None)
        if found is None:
            raise ApiProblem(404, {"code": "unknown-file"})
        return found

    def page(self, visit: Visit, wrong: Wrong) -> Response:
        return page(
            visit,
            "applicant/files.html",
            status=422 if wrong else 200,
            application=self.application,
            questions=self.questions,
            files={one.id: [file for file in self.files if file.question == one.id] for one in self.questions},
            words={one.id: words_for(self.application, one.id) for one in self.questions},
            may_change={one.id: may_change(self.application, one.id) for one in self.questions},
            wrong=wrong,
            key=str(new_id()),
        )


def _file_id(visit: Visit) -> str:
    return str(visit.request.path_params["file_id"])


FILES = APPLICATION + "/files"
ROUTES = [
    personal(FILES, show, give),
    personal(FILES + "/{file_id:uuid}", download),
    personal(FILES + "/{file_id:uuid}/removal", ask, remove),
]
