"""This process's numbers for Prometheus. Asks nobody anything: all of them are known before."""

import hmac

from fastapi import APIRouter, Response
from fastapi.security import HTTPAuthorizationCredentials
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from pydantic import SecretStr

from api.dependencies import Credentials, Parts
from api.openapi import failures
from schema.errors import Unauthenticated
from telemetry.metrics import REGISTRY

router = APIRouter(tags=["operations"])


@router.get(
    "/metrics",
    operation_id="getProcessMetrics",
    summary="Numbers of this process, for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **failures()},
    openapi_extra={"security": [{}]},  # or without, as long as no token is set
)
async def numbers(parts: Parts, credentials: Credentials) -> Response:
    """Open unless METRICS_TOKEN is set, which is then asked for as a bearer token."""
    if (token := parts.settings.metrics_token) and not _knows(credentials, token):
        raise Unauthenticated("Send the METRICS_TOKEN: Authorization: Bearer …")
    return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_PLAIN_0_0_4)


def _knows(credentials: HTTPAuthorizationCredentials | None, token: SecretStr) -> bool:
    given = credentials.credentials if credentials else ""
    return hmac.compare_digest(given.encode(), token.get_secret_value().encode())
