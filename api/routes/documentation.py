"""The documentation as a page: Swagger UI, in the one version that we have looked at.

It is somebody else's program on the origin where the Studio keeps a token, so browsers run it only if its
hash is right, and let it speak to nobody but us.
"""

from base64 import b64encode
from hashlib import sha256
from typing import Final

from fastapi import APIRouter
from starlette.responses import HTMLResponse

router = APIRouter(include_in_schema=False)

PATH: Final = "/docs"
PLACE: Final = "https://cdn.jsdelivr.net/npm/swagger-ui-dist@5.32.6/"
SCRIPT: Final = (
    "swagger-ui-bundle.js",
    "sha384-EYdOaiRwn44zNjrw+Tfs06qYz9BGQVo2f4/pLY5i7VorbjnZNhdplAbTBk8FXHUJ",
)
STYLE: Final = ("swagger-ui.css", "sha384-9Q2fpS+xeS4ffJy6CagnwoUl+4ldAYhOs9pgZuEKxypVModhmZFzeMlvVsAjf7uT")
"""With their hashes, which change with the version: `openssl dgst -sha384 -binary FILE | base64`."""

BEGIN: Final = 'SwaggerUIBundle({url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true})'
PAGE: Final = f"""\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Pose Generator: the API</title>
<link rel="icon" href="/studio/icon.svg">
<link rel="stylesheet" href="{PLACE}{STYLE[0]}" integrity="{STYLE[1]}" crossorigin="anonymous">
<div id="swagger-ui"></div>
<script src="{PLACE}{SCRIPT[0]}" integrity="{SCRIPT[1]}" crossorigin="anonymous"></script>
<script>{BEGIN}</script>
</html>
"""
POLICY: Final = (
    f"default-src 'none'; script-src {PLACE} 'sha256-{b64encode(sha256(BEGIN.encode()).digest()).decode()}'; "
    f"style-src {PLACE} 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
)


@router.get(PATH)
async def page() -> HTMLResponse:
    return HTMLResponse(PAGE, headers={"Content-Security-Policy": POLICY})
