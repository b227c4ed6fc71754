"""The page at `/`: the built editor when there is one, else a few lines that say where things are.

Every address in a page is written from the root (`="/…"`); under a path of a proxy it begins with that path.
"""

from collections.abc import Mapping
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse
from starlette.exceptions import HTTPException

from archwright.access.forwarded import Place
from archwright.api.doors import PLACE
from archwright.api.services import Services

_POLICY = (
    "default-src 'none'; script-src 'self'{scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data: "
    "blob:{pictures}; font-src 'self'; connect-src 'self'{calls}; worker-src 'self' blob:; manifest-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'{frames}"
)
_CHALLENGES, _PROTECTION = "https://challenges.cloudflare.com", "https://*.protect.clerk.com"
"""Where Clerk asks whether a person is there: https://clerk.com/docs/guides/secure/best-practices/csp-headers"""


def security(issuer: str | None = None) -> dict[str, str]:
    """Return the headers of a page; with a sign-in's address the page may load that too."""
    allowed = {
        "scripts": f" {issuer} {_CHALLENGES} {_PROTECTION}", "pictures": " https://img.clerk.com",
        "calls": f" {issuer} {_PROTECTION}:*", "frames": f"; frame-src {_CHALLENGES} {_PROTECTION}",
    }  # fmt: skip
    policy = _POLICY.format_map(allowed if issuer else dict.fromkeys(allowed, ""))
    return {"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


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
        headers = security(services.sign_in.issuer if services.sign_in else None)
        where: Place = request.scope[PLACE]
        if path.startswith("api/"):
            raise HTTPException(404, "Not Found")
        if services.pages is None:
            if path:
                raise HTTPException(404, "Not Found")
            return _page(_PLAIN, where, headers)
        return _file(services.pages, path, where, headers)


def _file(root: Path, path: str, where: Place, headers: Mapping[str, str]) -> Response:
    """A file of the editor, or its page for every address that the editor itself understands."""
    wanted = (root / path).resolve()
    if path and wanted.is_relative_to(root.resolve()) and wanted.is_file():
        lasting = {"Cache-Control": "public, max-age=31536000, immutable"} if path.startswith("assets/") else {}
        return FileResponse(wanted, headers={**headers, **lasting})
    if "." in path.rsplit("/", 1)[-1]:
        raise HTTPException(404, "Not Found")
    return _page((root / "index.html").read_text(encoding="utf-8"), where, {**headers, "Cache-Control": "no-cache"})


def _page(html: str, where: Place, headers: Mapping[str, str]) -> Response:
    """A page whose addresses lead to where the product lies for whoever asks."""
    return Response(html.replace('="/', f'="{where.prefix}/'), media_type="text/html", headers=headers)
