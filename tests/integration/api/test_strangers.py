"""Ids of strangers do not exist: on every route and in every field they answer as invented ones do.

The routes are read from the document, so that none is forgotten.
"""

from dataclasses import dataclass
from typing import Any, Final

import httpx
import pytest

from api.app import PREFIX
from schema.database import Database
from schema.models.custom_poses import STANDING
from schema.tables import WebhookDelivery
from tests.integration.api.conftest import Clients, gallery
from tests.integration.api.darkroom import Darkroom, photograph
from tests.integration.api.test_roles import ADMIN, DOCUMENT

PUBLIC: Final = {
    "voteForPoseRequest": "wishes are everybody's",
    "changePoseRequest": "wishes are everybody's, and decided on by administrators",
    "getShared": "the token is the permission",
    "getFile": "the signature is the permission",
}
POSE: Final = {"name": "Mine", "openpose": {"pose_keypoints_2d": STANDING, "width": 512, "height": 512}}
BODIES: Final[dict[str, dict[str, Any]]] = {
    "createCustomPose": POSE,
    "changeItem": {"isFavorite": True},
    "regenerateExport": {"formatName": "web"},
    "changeBackground": {"backgroundMode": "solid_color", "backgroundColor": "#FFFFFF"},
}
"""Good ones, for operations that refuse an empty one first."""

ORDER: Final = {"generationType": "GALLERY_REFERENCE", "selectedPoseIds": ["pose_arms"], "batchSize": 1}
BACKGROUND: Final = {"useBackgroundChanger": True, "backgroundMode": "upload"}
FIELDS: Final[dict[str, tuple[str, dict[str, Any], str]]] = {
    "projectId": ("/generate", ORDER, "project_id"),
    "avatarId": ("/generate", ORDER, "avatar_id"),
    "selectedPoseIds": ("/generate", ORDER, "pose_id"),
    "backgroundImageUrl": ("/generate", ORDER | BACKGROUND, "upload_id"),
    "imageUrl": ("/avatars", {"name": "Me"}, "upload_id"),
    "avatarImageUrl": ("/projects", {"projectName": "Mine"}, "upload_id"),
    "avatarId of a project": ("/projects", {"projectName": "Mine"}, "avatar_id"),
    "referenceImageUrl": ("/requests", {"poseName": "Bow", "description": "bowing deeply"}, "upload_id"),
    "itemIds": ("/generations/{generation}/share", {}, "item_id"),
}


LETTERS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
OTHERS: Final = str.maketrans(LETTERS, LETTERS[1:] + LETTERS[0])


def operations() -> dict[str, tuple[str, str]]:
    """Those that name something by an id."""
    return {
        operation["operationId"]: (method.upper(), path)
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
        if "{" in path and operation["operationId"] not in PUBLIC
    }


@dataclass
class Belongings:
    ids: dict[str, str]

    @property
    def invented(self) -> dict[str, str]:
        """As long, and of the same kind."""
        return {name: value[:-4] + value[-4:].translate(OTHERS) for name, value in self.ids.items()}


@pytest.fixture
async def anas(darkroom: Darkroom, poses: list[str]) -> Belongings:
    """One of everything that a user can have."""
    ana, project = darkroom.client, darkroom.project
    generation = await darkroom.order(poses[:1])
    await darkroom.deliver(generation, [0], "web")
    made = {
        "avatar_id": (await ana.post("/avatars", json={"name": "Me"})).json()["avatar"]["id"],
        "upload_id": (await ana.post("/uploads", files={"file": photograph(1)})).json()["upload"]["id"],
        "pose_id": (await ana.post(f"/projects/{project}/poses", json=POSE)).json()["pose"]["id"],
        "share_id": (await ana.post(f"/generations/{generation}/share")).json()["share"]["id"],
        "item_id": (await darkroom.item(generation)).id,
    }
    delivery = await told(darkroom.database, generation)
    return Belongings(made | {"project_id": project, "generation_id": generation, "delivery_id": delivery})


async def told(database: Database, generation: str) -> str:
    delivery = WebhookDelivery(
        id="msg_of_ana_generation_completed",
        user_id="ana",
        generation_id=generation,
        event="generation.completed",
        url="https://shop.example/hook",
        host="shop.example",
        body="{}",
    )
    async with database.transaction() as session:
        session.add(delivery)
    return delivery.id


async def asked(
    client: httpx.AsyncClient, operation: str, method: str, path: str, ids: dict[str, str]
) -> tuple[int, str]:
    place = path.removeprefix(PREFIX).format(**ids)
    body = BODIES.get(operation, {}) if method in ("POST", "PUT", "PATCH") else None
    async with client.stream(method, place, json=body) as answer:
        if answer.status_code == 200 and "event-stream" in answer.headers["Content-Type"]:
            return 200, "a stream"
        await answer.aread()
        return answer.status_code, shape(answer)


def shape(answer: httpx.Response) -> str:
    error = answer.json()["error"] if answer.content else {}
    return str((error.get("code"), error.get("message"), error.get("details")))


def test_every_route_that_names_something_is_asked() -> None:
    assert len(operations()) > 40
    assert set(PUBLIC) <= {
        o["operationId"] for methods in DOCUMENT["paths"].values() for o in methods.values()
    }


async def test_a_strangers_id_is_as_good_as_an_invented_one(as_user: Clients, anas: Belongings) -> None:
    ben, boss = as_user("ben"), as_user("boss", role="admin")
    for operation, (method, path) in operations().items():
        for client in (boss,) if f"{method} {path}" in ADMIN else (ben, boss):
            theirs = await asked(client, operation, method, path, anas.ids)
            invented = await asked(client, operation, method, path, anas.invented)
            assert theirs == invented, operation
            assert theirs[0] == 404, f"{operation}: {theirs}"


async def test_the_owner_finds_all_of_it(as_user: Clients, anas: Belongings) -> None:
    """Else the test above would be content with routes that find nothing at all. Harmless questions only."""
    for operation, (method, path) in operations().items():
        of_the_library = "/library/" in path
        if method == "GET" and not of_the_library:
            status, _ = await asked_owner(as_user("ana"), path, anas.ids)
            assert status == 200, operation


async def asked_owner(client: httpx.AsyncClient, path: str, ids: dict[str, str]) -> tuple[int, str]:
    async with client.stream("GET", path.removeprefix(PREFIX).format(**ids)) as answer:
        return answer.status_code, ""


async def test_nothing_of_anas_has_changed(as_user: Clients, anas: Belongings, database: Database) -> None:
    ana, ben = as_user("ana"), as_user("ben")
    before = await seen(ana, anas)
    for operation, (method, path) in operations().items():
        await asked(ben, operation, method, path, anas.ids)
    assert await seen(ana, anas) == before


async def seen(client: httpx.AsyncClient, anas: Belongings) -> list[Any]:
    places = [
        f"/projects/{anas.ids['project_id']}",
        f"/projects/{anas.ids['project_id']}/poses",
        f"/avatars/{anas.ids['avatar_id']}",
        f"/uploads/{anas.ids['upload_id']}",
        f"/generations/{anas.ids['generation_id']}/results",
        f"/generations/{anas.ids['generation_id']}/shares",
        f"/poses/{anas.ids['item_id']}/backgrounds",
        "/webhooks/deliveries",
        "/credits",
    ]
    return [without_signatures((await client.get(place)).json()) for place in places]


def without_signatures(value: Any) -> Any:
    match value:
        case dict():
            return {key: without_signatures(inner) for key, inner in value.items()}
        case list():
            return [without_signatures(inner) for inner in value]
        case str():
            return value.partition("?")[0]
    return value


async def test_nor_do_they_exist_inside_bodies(
    as_user: Clients, darkroom: Darkroom, anas: Belongings, poses: list[str]
) -> None:
    ben = as_user("ben")
    project = (await ben.post("/projects", json={"projectName": "Ben's"})).json()["project"]["id"]
    order = await ben.post("/generate", json=gallery(project, poses[:1], batchSize=1))
    generation = order.json()["generationId"]
    await darkroom.gateway.deliver(generation, 0)
    for field, (path, body, kind) in FIELDS.items():
        name = field.partition(" ")[0]
        answers = []
        for ids in (anas.ids, anas.invented):
            value = [ids[kind]] if name.endswith("Ids") else ids[kind]
            wanted = ({"projectId": project} if path == "/generate" else {}) | body | {name: value}
            answers.append(await ben.post(path.format(generation=generation), json=wanted))
        theirs, invented = answers
        assert theirs.status_code in (400, 404), f"{field}: {theirs.text}"
        assert (theirs.status_code, shape(theirs)) == (invented.status_code, shape(invented)), field
