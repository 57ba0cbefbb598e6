"""How users come in: who may sign tokens, and does the API answer where links lead to?"""

import asyncio
from typing import Final

import httpx
import jwt

from adapters.http import is_loopback
from adapters.public.addresses import is_public, looked_up
from cli.doctor.examination import Broken, Doubtful
from schema.settings import DEVELOPMENT_SECRET, MIN_SECRET_LENGTH, Settings

ASK_S: Final = 5.0
ALIVE: Final = {"status": "ok"}
CORRECT: Final = "Correct PUBLIC_BASE_URL to the https address that the world uses."
DRAW_ONE: Final = 'python3 -c "import secrets; print(secrets.token_urlsafe(48))"'


async def is_guarded(settings: Settings) -> str:
    """Production refuses weak secrets by itself; without it the service may stand open to all."""
    secret, production = settings.jwt_secret.get_secret_value(), settings.environment == "production"
    fix = f"Set ENVIRONMENT=production and a JWT_SECRET of your own: {DRAW_ONE}"
    if not _is_local(settings) and not production:
        raise Doubtful(f"development mode, served at {settings.public_base_url}.", fix)
    if secret == DEVELOPMENT_SECRET or len(secret) < MIN_SECRET_LENGTH:
        raise Doubtful("JWT_SECRET is one that anybody can guess; good enough to try things.", fix)
    keys = f", users by {settings.jwt_jwks_url}" if settings.jwt_jwks_url else ""
    return f"{settings.environment} mode, a secret of {len(secret)} characters{keys}"


async def issuer_answers(settings: Settings) -> str:
    if not (url := settings.jwt_jwks_url):
        return "our own secret signs the tokens"
    fix = "Correct JWT_JWKS_URL; without its keys nobody can sign in."
    try:
        async with httpx.AsyncClient(timeout=ASK_S) as client:
            answer = (await client.get(url)).raise_for_status()
        found = jwt.PyJWKSet.from_dict(answer.json())
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, jwt.PyJWTError) as error:
        raise Broken(f"{url} gives no keys: {error or type(error).__name__}.", fix) from error
    return f"{len(found.keys)} keys at {url}"


async def api_answers(settings: Settings) -> str:
    """Links in answers, webhook messages and shares begin with PUBLIC_BASE_URL."""
    base = settings.public_base_url
    local = _is_local(settings)
    if httpx.URL(base).scheme not in {"http", "https"}:
        raise Broken(f"PUBLIC_BASE_URL is {base!r}.", CORRECT)
    if settings.environment == "production" and local:
        raise Broken(f"links lead to {base}, which only this machine can reach.", CORRECT)
    await _must_be_ours(base, local=local)
    if not local and not await _is_public(httpx.URL(base).host):
        raise Doubtful(f"{base} is at a private address, so receivers outside cannot use links.", CORRECT)
    if not local and not base.startswith("https:"):
        raise Doubtful(f"{base} is not https, so tokens travel in the open.", CORRECT)
    return f"it answers at {base}"


async def numbers_are_guarded(settings: Settings) -> str:
    """They hold no user's data, and say how much business is done."""
    if settings.metrics_token or settings.environment != "production":
        return "METRICS_TOKEN guards them" if settings.metrics_token else "open, to try things out"
    url = f"{settings.public_base_url.rstrip('/')}/metrics"
    try:
        async with httpx.AsyncClient(timeout=ASK_S, trust_env=not _is_local(settings)) as client:
            told = (await client.get(url)).is_success
    except httpx.TransportError:
        told = False
    if told:
        fix = "Keep /metrics inside at the proxy, or set METRICS_TOKEN."
        raise Doubtful(f"everybody can read {url}.", fix)
    return "not to be had from outside"


async def _must_be_ours(base: str, *, local: bool) -> None:
    fix = "Start it (posegen api), or correct PUBLIC_BASE_URL."
    try:
        async with httpx.AsyncClient(timeout=ASK_S, trust_env=not local) as client:
            answer = await client.get(f"{base.rstrip('/')}/livez")
            ours = answer.is_success and answer.json() == ALIVE
    except httpx.TransportError as error:
        raise Broken(f"nobody answers at {base} ({type(error).__name__}).", fix) from error
    except ValueError:
        ours = False
    if not ours:
        raise Broken(f"something else than posegen answers at {base}.", fix)


def _is_local(settings: Settings) -> bool:
    try:
        return is_loopback(httpx.URL(settings.public_base_url).host)
    except httpx.InvalidURL as error:
        raise Broken(f"PUBLIC_BASE_URL is no URL: {error}.", CORRECT) from error


async def _is_public(host: str) -> bool:
    """Where only a proxy knows the name, it is the proxy's to know."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None)
    except OSError:
        return True
    return all(map(is_public, looked_up([str(address[0]) for *_, address in found])))
