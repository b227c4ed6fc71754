"""The page at `/`: the built editor when there is one, else a few lines that say where things are."""

from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse
from starlette.exceptions import HTTPException

from archwright.api.services import Services

SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_PLAIN = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Archwright</title>
<h1>Archwright</h1>
<p>The REST API is at <code>/api/v1</code>, described by <a href="/openapi.json">/openapi.json</a>.</p>
</html>
"""


def mount_pages(app: FastAPI) -> None:
    """Answer every GET that no route of the API takes."""

    @app.get("/{path:path}", include_in_schema=False)
    async def page(path: str, request: Request) -> Response:
        services: Services = request.app.state.services
        if path.startswith("api/"):
            raise HTTPException(404, "Not Found")
        if services.pages is None:
            if path:
                raise HTTPException(404, "Not Found")
            return Response(_PLAIN, media_type="text/html", headers=SECURITY)
        return _file(services.pages, path)


def _file(root: Path, path: str) -> Response:
    """A file of the editor, or its page for every address that the editor itself understands."""
    wanted = (root / path).resolve()
    if path and wanted.is_relative_to(root.resolve()) and wanted.is_file():
        lasting = {"Cache-Control": "public, max-age=31536000, immutable"} if path.startswith("assets/") else {}
        return FileResponse(wanted, headers={**SECURITY, **lasting})
    if "." in path.rsplit("/", 1)[-1]:
        raise HTTPException(404, "Not Found")
    return FileResponse(root / "index.html", headers={**SECURITY, "Cache-Control": "no-cache"})
