"""Errors as RFC 9457 problems: a stable code, the field at fault, and nothing of our insides or of what was typed."""

import traceback
from collections.abc import Iterator, Mapping
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

from shared.kernel.errors import Conflict, NotFound, NotYet, Refused, Transient, Unavailable

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5

# SQLSTATE classes after which the same request may well succeed: connection lost, rolled back by the server (deadlock,
# serialization), out of resources, lock not available, stopped by an operator.
_PASSING_SQLSTATES = ("08", "40", "53", "55", "57")
_UNIQUE_VIOLATION, _EXCLUSION_VIOLATION, _OUT_OF_RANGE = "23505", "23P01", "22003"


class FieldProblem(BaseModel):
    """One input at fault: `field` is a dotted path such as 'answers.0.text'."""

    field: str
    reason: str
    code: str


class Problem(BaseModel):
    """The body of every error. `instance` carries the request's id, under which the log has more."""

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
    HTTPStatus.SERVICE_UNAVAILABLE,
)
"""For `responses=` of a route or an app: what may come besides the answer."""


def problem(
    request: Request,
    status: int,
    code: str,
    detail: str,
    errors: list[FieldProblem] | None = None,
    facts: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    body = Problem(
        type=f"urn:triptych:problem:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        instance=f"urn:uuid:{request.state.request_id}",
        errors=errors or [],
        facts=jsonable_encoder(facts or {}),
    )
    return JSONResponse(body.model_dump(exclude_defaults=True), status, headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Maps every kind of error once; what is left over is a defect, and the middleware of `app.py` answers 500 for it."""
    handlers: dict[type[Exception], Any] = {
        Refused: _refused,
        NotYet: lambda request, _: _refused(request, Conflict("not-yet", "Something that comes first has not arrived yet.")),
        NoResultFound: lambda request, _: _refused(request, NotFound("not-found", "There is no such thing.")),
        StaleDataError: lambda request, _: _refused(request, _changed()),
        Unavailable: _unavailable,
        Transient: _unavailable,
        PoolTimeout: _unavailable,
        ConnectionError: _unavailable,
        DBAPIError: _database_error,
        RequestValidationError: _invalid_input,
        HTTPException: _http_error,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, _as_coroutine(handler))


def _as_coroutine(handler: Any) -> Any:
    """Starlette runs a plain function in a thread, which an error answer does not need."""

    async def handle(request: Request, error: Exception) -> JSONResponse:
        answer: JSONResponse = handler(request, error)
        return answer

    return handle


def _refused(request: Request, error: Refused) -> JSONResponse:
    errors = [FieldProblem(field=error.field, reason=error.detail, code=error.code)] if error.field else []
    headers = {"WWW-Authenticate": "Bearer"} if error.status == HTTPStatus.UNAUTHORIZED else None
    return problem(request, error.status, error.code, error.detail, errors, error.facts, headers)


def _unavailable(request: Request, error: Exception) -> JSONResponse:
    structlog.get_logger().warning("unavailable", error=type(error).__name__)
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return problem(request, 503, "unavailable", "Something this needs does not answer just now. Try again shortly.", headers=headers)


def _changed() -> Conflict:
    return Conflict("concurrent-change", "Somebody changed this at the same moment. Look at it again and repeat.")


def _database_error(request: Request, error: DBAPIError) -> JSONResponse:
    state = getattr(error.orig, "sqlstate", None) or ""
    if state in (_UNIQUE_VIOLATION, _EXCLUSION_VIOLATION):  # two requests at once; each alone is checked by its command
        return _refused(request, _changed())
    if state == _OUT_OF_RANGE or "value out of int" in str(error.orig):  # asyncpg finds it before it has sent anything
        return _refused(request, Refused("unusable-number", "A number is out of range."))
    if error.connection_invalidated or state.startswith(_PASSING_SQLSTATES):
        return _unavailable(request, error)
    return incident(request, error)


def incident(request: Request, error: Exception) -> JSONResponse:
    """500 for a defect. Logged are the kind and the place, not the message, which may hold what somebody typed."""
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)[-8:]]
    structlog.get_logger().error("incident", error=type(error).__qualname__, places=places)
    detail = f"This is a fault of ours. It is recorded as incident {request.state.request_id}."
    return problem(request, 500, "internal-error", detail)


def _http_error(request: Request, error: HTTPException) -> JSONResponse:
    phrase = HTTPStatus(error.status_code).phrase
    return problem(request, error.status_code, phrase.lower().replace(" ", "-"), f"{phrase}.", headers=error.headers)


def _invalid_input(request: Request, error: RequestValidationError) -> JSONResponse:
    errors = [_field_problem(fault) for fault in error.errors()]
    return problem(request, 422, "invalid-input", "Some of the input is not acceptable.", errors)


def _field_problem(fault: Mapping[str, Any]) -> FieldProblem:
    source, *path = fault["loc"]
    field = ".".join(str(part) for part in path) or str(source)
    reason = str(fault["msg"])
    if any(leaf in reason for leaf in _texts(fault.get("input"))):  # a validator's message may quote what was typed
        reason = "This value is not acceptable."
    return FieldProblem(field=field[:200], reason=reason, code=str(fault["type"]).replace("_", "-"))


def _texts(value: Any) -> Iterator[str]:
    """Every text within an input, the single letters left out."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _texts(part)
    elif value is not None and len(str(value)) > 1:
        yield str(value)
