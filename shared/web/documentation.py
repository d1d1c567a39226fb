"""The documentation page of an API: Swagger UI from an installed package, so that a browser loads nothing from another origin."""

from fastapi import FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

SCRIPT, STYLE, ICON = "swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png"

# FastAPI starts Swagger UI by an inline script; Swagger UI sets inline styles and draws its icons from data.
_ONLY_FROM_HERE = {"Content-Security-Policy": "default-src 'self' 'unsafe-inline'; img-src 'self' data:"}


def install(app: FastAPI, path: str) -> None:
    """Serves the page at `path` and its files below it, without a token. The routes that it lists stay guarded."""
    template = get_swagger_ui_html(
        openapi_url=str(app.openapi_url),
        title=f"{app.title}: API",
        swagger_js_url=f"{path}/{SCRIPT}",
        swagger_css_url=f"{path}/{STYLE}",
        swagger_favicon_url=f"{path}/{ICON}",
    )
    html = bytes(template.body).replace(b"<html>", b'<html lang="en">')  # FastAPI sets no language
    files = StaticFiles(packages=[("fastapi_swagger", "resources")])

    async def page(_: Request) -> HTMLResponse:
        return HTMLResponse(html, headers=_ONLY_FROM_HERE)

    async def file(request: Request) -> Response:
        return await files.get_response(request.url.path.removeprefix(f"{path}/"), request.scope)

    app.add_route(path, page, include_in_schema=False)
    for name in (SCRIPT, STYLE, ICON):  # by name: the package's folder also holds code
        app.add_route(f"{path}/{name}", file, include_in_schema=False)
