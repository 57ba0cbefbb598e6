"""ComfyUI has few refusals of its own: aiohttp's plain text, or the page of a proxy in front of it."""

from http import HTTPStatus

from starlette.responses import PlainTextResponse, Response

from simulator.faults.wording import Refusal


def page(refusal: Refusal) -> Response:
    title = f"{refusal.status} {HTTPStatus(refusal.status).phrase}"
    wait_s = refusal.wait_s if refusal.wait_s is not None else refusal.loading_s
    headers = {} if wait_s is None else {"Retry-After": f"{wait_s:g}"}
    return PlainTextResponse(f"{title}\n\n{refusal.message}", refusal.status, headers)
