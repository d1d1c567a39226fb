"""Errors as RFC 9457 problems, in the language of the request: a stable code, the field at fault and the facts.

No problem shows internals or repeats what was typed.
"""

import traceback
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError, NoResultFound
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException

from shared.kernel.errors import Conflict, Malformed, NotFound, NotYet, Refused, Transient, Unauthenticated, Unavailable
from shared.texts import translate
from shared.web.language import language_headers, preferred_language
from shared.web.validation import message_of

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5

# SQLSTATE classes after which the same request may succeed: connection lost, rolled back by the server (deadlock,
# serialization), out of resources, lock not available, stopped by an operator.
_RETRYABLE_SQLSTATES = ("08", "40", "53", "55", "57")
_UNIQUE_VIOLATION, _EXCLUSION_VIOLATION, _OUT_OF_RANGE = "23505", "23P01", "22003"


class FieldProblem(BaseModel):
    """One field at fault: `field` is a dotted path such as 'answers.0.text', `reason` a sentence for people."""

    field: str
    reason: str
    code: str


class Problem(BaseModel):
    """The body of every error. `detail` is a sentence for people, in the language of Content-Language; `facts` has its values.

    `instance` is the request's id, by which the log is searched.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str
    errors: list[FieldProblem] = []
    facts: dict[str, Any] = {}


def _documented(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status.value: {"description": status.phrase, "content": content} for status in statuses}


PROBLEM_RESPONSES = _documented(
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
"""For `responses=` of a route or an app: the errors that any route may answer with."""


class Unanswered(Refused):
    """The request was in order; a component did not answer."""

    status = 503


class Incident(Refused):
    """A defect of ours."""

    status = 500


class MalformedRequest(Refused):
    status = 400


class MethodNotAllowed(Refused):
    status = 405


_HTTP_ERRORS: Mapping[int, Refused] = {
    error.status: error
    for error in (
        MalformedRequest("bad-request", "The request cannot be read."),
        NotFound("not-found", "There is no such thing."),
        MethodNotAllowed("method-not-allowed", "This address does not take this method."),
    )
}
"""Errors that the framework finds before a route does."""


def install(app: FastAPI) -> None:
    """Maps each kind of error once. Any other exception is a defect, for which the middleware of `app.py` answers 500."""
    handlers: dict[type[Exception], Any] = {
        Refused: problem,
        NotYet: lambda request, _: problem(request, Conflict("not-yet", "An earlier event has not arrived yet. Try again shortly.")),
        NoResultFound: lambda request, _: problem(request, NotFound("not-found", "There is no such thing.")),
        StaleDataError: lambda request, _: problem(request, _changed()),
        Unavailable: _unavailable,
        Transient: _unavailable,
        PoolTimeout: _unavailable,
        ConnectionError: _unavailable,
        DBAPIError: _database_error,
        RequestValidationError: _invalid_input,
        Malformed: _invalid_input,
        HTTPException: _http_error,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, _as_coroutine(handler))


def problem(
    request: Request, error: Refused, errors: list[FieldProblem] | None = None, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The answer to a refusal, in the language that the request asks for."""
    language = preferred_language(request)
    request.state.problem_code = error.code
    detail = translate(error.message, error.facts, language)
    if error.field:
        errors = [FieldProblem(field=error.field, reason=detail, code=error.code)]
    body = Problem(
        type=f"urn:triptych:problem:{error.code}",
        title=HTTPStatus(error.status).phrase,
        status=error.status,
        detail=detail,
        code=error.code,
        instance=f"urn:uuid:{request.state.request_id}",
        errors=errors or [],
        facts=jsonable_encoder(error.facts),
    )
    challenge = {"WWW-Authenticate": error.challenge} if isinstance(error, Unauthenticated) else {}
    wait = {"Retry-After": str(error.facts["seconds"])} if error.status == HTTPStatus.TOO_MANY_REQUESTS else {}
    headers = {**language_headers(language), **challenge, **wait, **(headers or {})}
    return JSONResponse(body.model_dump(exclude_defaults=True), error.status, headers, MEDIA_TYPE)


def log_incident(error: Exception) -> None:
    """Kind and place of a defect, but not its message, which may hold personal input."""
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)[-8:]]
    structlog.get_logger().error("incident", error=type(error).__qualname__, places=places)


def incident(request: Request, error: Exception) -> JSONResponse:
    """500 for a defect."""
    log_incident(error)
    identity = request.state.request_id
    return problem(
        request, Incident("internal-error", "This is a fault of ours. It is recorded as incident {incident}.", incident=identity)
    )


def _as_coroutine(handler: Any) -> Any:
    """Starlette runs a plain function in a thread, which an error answer does not need."""

    async def handle(request: Request, error: Exception) -> JSONResponse:
        answer: JSONResponse = handler(request, error)
        return answer

    return handle


def _unavailable(request: Request, error: Exception) -> JSONResponse:
    structlog.get_logger().warning("unavailable", error=type(error).__name__)
    refusal = Unanswered("unavailable", "A part of the platform does not answer at the moment. Try again shortly.")
    return problem(request, refusal, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


def _changed() -> Conflict:
    return Conflict("concurrent-change", "Another request changed this at the same moment. Read it again and repeat your request.")


def _database_error(request: Request, error: DBAPIError) -> JSONResponse:
    state = getattr(error.orig, "sqlstate", None) or ""
    if state in (_UNIQUE_VIOLATION, _EXCLUSION_VIOLATION):  # two requests at once; each alone is checked by its command
        return problem(request, _changed())
    if state == _OUT_OF_RANGE or "value out of int" in str(error.orig):  # asyncpg finds it before it has sent anything
        return problem(request, Refused("unusable-number", "A number is out of range."))
    if error.connection_invalidated or state.startswith(_RETRYABLE_SQLSTATES):
        return _unavailable(request, error)
    return incident(request, error)


def _http_error(request: Request, error: HTTPException) -> JSONResponse:
    return problem(request, _HTTP_ERRORS.get(error.status_code, _HTTP_ERRORS[400]), headers=error.headers)


def _invalid_input(request: Request, error: RequestValidationError | Malformed) -> JSONResponse:
    language = preferred_language(request)
    errors = [_field_problem(fault, language) for fault in error.errors()]
    return problem(request, Refused("invalid-input", "Some of the input is not acceptable."), errors)


def _field_problem(fault: Mapping[str, Any], language: str) -> FieldProblem:
    source, *path = fault["loc"]
    field = ".".join(str(part) for part in path) or str(source)
    reason = translate(*message_of(fault), language)
    return FieldProblem(field=field[:200], reason=reason, code=str(fault["type"]).replace("_", "-"))
