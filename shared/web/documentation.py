"""The documentation page of an API: Swagger UI from an installed package, so that a browser loads nothing from another origin.

The gateway lets a page run scripts from files only, so what starts Swagger UI is a file too.
"""

from html import escape

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

SCRIPT, STYLE, ICON, START = "swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png", "start.js"

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="{path}/{icon}">
<link rel="stylesheet" href="{path}/{style}">
</head>
<body>
<div id="swagger-ui" data-document="{document}"></div>
<script src="{path}/{script}"></script>
<script src="{path}/{start}"></script>
</body>
</html>
"""
_START = """SwaggerUIBundle({
  dom_id: "#swagger-ui",
  url: document.getElementById("swagger-ui").dataset.document,
  deepLinking: true,
  showExtensions: true,
  showCommonExtensions: true,
  validatorUrl: null
})
"""


def install(app: FastAPI, path: str) -> None:
    """Serves the page at `path` and its files below it, without a token. The routes that it lists stay guarded."""
    html = _PAGE.format(
        title=escape(f"{app.title}: API"), path=path, document=app.openapi_url, script=SCRIPT, style=STYLE, icon=ICON, start=START
    )
    files = StaticFiles(packages=[("fastapi_swagger", "resources")])

    async def page(_: Request) -> HTMLResponse:
        return HTMLResponse(html)

    async def start(_: Request) -> Response:
        return Response(_START, media_type="text/javascript")

    async def file(request: Request) -> Response:
        return await files.get_response(request.url.path.removeprefix(f"{path}/"), request.scope)

    app.add_route(path, page, include_in_schema=False)
    app.add_route(f"{path}/{START}", start, include_in_schema=False)
    for name in (SCRIPT, STYLE, ICON):  # by name: the package's folder also holds code
        app.add_route(f"{path}/{name}", file, include_in_schema=False)
