"""Who may do what, for every route there is: read from the OpenAPI document, so that none is forgotten."""

from typing import Any

import httpx

from api.app import PREFIX, create_app
from schema.kinds import Role
from schema.settings import Settings
from tests.integration.api.conftest import Clients
from tests.integration.api.test_api_edges import OPEN

DOCUMENT = create_app(Settings(_env_file=None)).openapi()


def operations() -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
        if path.startswith(PREFIX) and path.removeprefix(PREFIX) not in OPEN
    }


def for_admins(operation: dict[str, Any]) -> bool:
    return any(Role.ADMIN in roles for scheme in operation["security"] for roles in scheme.values())


GUARDED = operations()
ADMIN = {name: operation for name, operation in GUARDED.items() if for_admins(operation)}


async def status(client: httpx.AsyncClient, name: str) -> int:
    """Asked with ids of nothing and an empty body: rights come before all else."""
    method, _, path = name.partition(" ")
    path = path.removeprefix(PREFIX).replace("{", "").replace("}", "")
    async with client.stream(method, path, json={} if method in ("POST", "PUT", "PATCH") else None) as answer:
        return answer.status_code


async def test_rights(base_url: str, as_user: Clients) -> None:
    ana, owner, boss = as_user("ana"), as_user("ana", role="owner"), as_user("boss", role="admin")
    async with httpx.AsyncClient(base_url=base_url + PREFIX) as nobody:
        for name in GUARDED:
            assert await status(nobody, name) == 401, name
    for name in ADMIN:
        assert await status(ana, name) == 403, name
        assert await status(owner, name) == 403, name
        assert await status(boss, name) not in (401, 403), name


def test_what_is_said_to_be_for_administrators_is_for_them_only() -> None:
    """A route that forgets to ask for the role would still be found by its words, its tag or its path."""
    tags = {tag["name"] for tag in DOCUMENT["tags"] if "administrators" in tag["description"]}
    words = {
        name
        for name, operation in GUARDED.items()
        if "administrators" in operation.get("description", "").lower()
        or tags & set(operation["tags"])
        or name.startswith(f"GET {PREFIX}/metrics")
    }
    assert words == set(ADMIN)
    assert {f"GET {PREFIX}/metrics", f"PATCH {PREFIX}/requests/{{request_id}}"} <= words
