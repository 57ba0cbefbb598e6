"""Whose pictures a generation makes: of the order's avatar, of the project's, or as on its picture."""

import asyncio
from typing import Any

import httpx
import pytest

from schema.database import Database
from schema.errors import NotFound
from schema.messages.orders import GenerationInput
from schema.queries import ledger
from tests.integration.api.conftest import Clients, gallery
from tests.integration.api.handing_in import error, kept, looked_at, picture
from tests.integration.api.sitters import created, site
from tests.integration.api.stand_in import StandIn
from tests.integration.api.test_pose_requests_api import WISH
from tests.servers.site import Site

__all__ = ["site"]


async def project_of(client: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    answer = await client.post("/projects", json={"projectName": "Spring"} | fields)
    assert answer.status_code == 201, answer.text
    return dict(answer.json()["project"])


async def ordered(client: httpx.AsyncClient, gateway: StandIn, order: dict[str, Any]) -> GenerationInput:
    answer = await client.post("/generate", json=order | {"batchSize": 1})
    assert answer.status_code == 202, answer.text
    return gateway.orders[answer.json()["generationId"]]


async def test_a_project_with_a_picture(
    ana: httpx.AsyncClient, site: Site, base_url: str, as_user: Clients
) -> None:
    project = await project_of(ana, avatarSource="UPLOAD", avatarImageUrl=site.url("/me.png"))
    assert (await looked_at(project["avatarImageUrl"], base_url)).size == (120, 90)
    assert project["avatarImageUrl"].split("?")[0] != site.url("/me.png")
    path = f"/projects/{project['id']}"
    assert (await ana.get(path)).json()["project"] == project
    assert (await ana.get("/projects")).json()["projects"] == [project]
    upload = await kept(ana, picture("blue"))
    changed = (await ana.put(path, json={"avatarImageUrl": upload["id"]})).json()["project"]
    assert (changed["avatarImageId"], changed["avatarImageUrl"]) == (upload["id"], upload["url"])
    assert error(await ana.delete(f"/uploads/{upload['id']}")) == (409, "CONFLICT")
    assert (await ana.put(path, json={"description": "x"})).json()["project"]["avatarImageId"] == upload["id"]
    await ana.delete(path)
    assert (await ana.delete(f"/uploads/{upload['id']}")).status_code == 204
    assert len(site.requests) == 1


async def test_bad_pictures_make_no_project(ana: httpx.AsyncClient, site: Site) -> None:
    for url in (site.show("/bad", b"<html>"), "https://10.0.0.1/me.png", "http://shop.example/me.png"):
        answer = await ana.post("/projects", json={"projectName": "x", "avatarImageUrl": url})
        assert error(answer) == (400, "VALIDATION_ERROR")
        assert [detail["path"] for detail in answer.json()["error"]["details"]] == ["avatarImageUrl"]
    assert (await ana.get("/projects")).json()["projects"] == []


async def test_nothing_is_fetched_for_what_is_refused_anyway(ana: httpx.AsyncClient, site: Site) -> None:
    url = site.url("/me.png")
    for answer in (
        await ana.post("/projects", json={"projectName": "x", "avatarId": "avt_x", "avatarImageUrl": url}),
        await ana.put("/projects/proj_x", json={"avatarImageUrl": url}),
        await ana.put("/avatars/avt_x", json={"imageUrl": url}),
    ):
        assert error(answer) == (404, "NOT_FOUND")
    assert site.requests == []


async def test_who_is_in_the_pictures(ana: httpx.AsyncClient, gateway: StandIn, poses: list[str]) -> None:
    red, blue = await kept(ana, picture("red")), await kept(ana, picture("blue"))
    faced = await created(ana, imageUrl=red["id"])
    plain = await created(ana)
    uploaded = {"avatarSource": "UPLOAD", "avatarImageUrl": blue["id"]}
    cases: list[tuple[dict[str, Any], dict[str, Any], tuple[str | None, str | None]]] = [
        ({}, {}, (None, None)),
        ({"avatarId": faced["id"]}, {}, (faced["id"], red["id"])),
        ({"avatarId": plain["id"]}, {}, (plain["id"], None)),
        ({"avatarId": plain["id"]}, {"avatarId": faced["id"]}, (faced["id"], red["id"])),
        (uploaded, {}, (None, blue["id"])),
        (uploaded, {"avatarId": faced["id"]}, (faced["id"], red["id"])),
        (uploaded, {"avatarId": plain["id"]}, (plain["id"], None)),
        (
            uploaded | {"avatarSource": "AVATAR_CREATOR", "avatarId": faced["id"]},
            {},
            (faced["id"], red["id"]),
        ),
        ({"avatarSource": "UPLOAD", "avatarId": faced["id"]}, {}, (None, None)),
    ]
    for project, order, sitter in cases:
        made = await project_of(ana, **project)
        sent = await ordered(ana, gateway, gallery(made["id"], poses[:1], **order))
        assert (sent.avatar_id, sent.avatar_image_id) == sitter, (project, order)


async def test_a_retry_is_of_the_same_person(
    ana: httpx.AsyncClient, gateway: StandIn, poses: list[str]
) -> None:
    upload = await kept(ana, picture())
    project = await project_of(ana, avatarSource="UPLOAD", avatarImageUrl=upload["id"])
    first = await ordered(ana, gateway, gallery(project["id"], poses[:1]))
    await gateway.settle(first.generation_id, "CANCELLED")
    await ana.put(f"/projects/{project['id']}", json={"avatarImageUrl": None})
    again = await ana.post(f"/generations/{first.generation_id}/retry")
    assert gateway.orders[again.json()["generationId"]].avatar_image_id == upload["id"]


async def test_a_running_generation_holds_on_to_its_picture(
    ana: httpx.AsyncClient, gateway: StandIn, project: str, poses: list[str]
) -> None:
    upload = await kept(ana, picture())
    avatar = await created(ana, imageUrl=upload["id"])
    sent = await ordered(ana, gateway, gallery(project, poses[:1], avatarId=avatar["id"]))
    await ana.delete(f"/avatars/{avatar['id']}")
    assert error(await ana.delete(f"/uploads/{upload['id']}")) == (409, "CONFLICT")
    await gateway.settle(sent.generation_id, "CANCELLED")
    assert (await ana.delete(f"/uploads/{upload['id']}")).status_code == 204
    assert (await ana.get(f"/generations/{sent.generation_id}")).status_code == 200


async def test_nothing_is_charged_for_somebody_deleted_meanwhile(
    ana: httpx.AsyncClient, gateway: StandIn, database: Database, project: str, poses: list[str]
) -> None:
    upload = await kept(ana, picture())
    avatar = await created(ana, imageUrl=upload["id"])
    sent = await ordered(ana, gateway, gallery(project, poses[:1], avatarId=avatar["id"]))
    await gateway.settle(sent.generation_id, "CANCELLED")
    await ana.delete(f"/avatars/{avatar['id']}")
    await ana.delete(f"/uploads/{upload['id']}")
    balance = (await ana.get("/credits")).json()["balance"]
    late = sent.model_copy(update={"generation_id": "gen_late"})
    for order in (late, late.model_copy(update={"avatar_id": None})):
        with pytest.raises(NotFound):
            async with database.transaction() as session:
                await ledger.charge(session, order)
    assert (await ana.get("/credits")).json()["balance"] == balance


async def test_ordering_and_deleting_at_once(
    ana: httpx.AsyncClient, gateway: StandIn, project: str, poses: list[str]
) -> None:
    for n in range(5):
        upload = await kept(ana, picture(f"#0000{n}1"))
        avatar = await created(ana, imageUrl=upload["id"])
        order = gallery(project, poses[:1], avatarId=avatar["id"], batchSize=1)
        answer, *_ = await asyncio.gather(
            ana.post("/generate", json=order),
            ana.delete(f"/avatars/{avatar['id']}"),
            ana.delete(f"/uploads/{upload['id']}"),
        )
        assert answer.status_code in (202, 404), answer.text
        if answer.status_code == 202:
            await gateway.settle(answer.json()["generationId"], "CANCELLED")


async def test_a_requested_pose_with_a_picture(
    ana: httpx.AsyncClient, as_user: Clients, site: Site, base_url: str
) -> None:
    wish = WISH | {"referenceImageUrl": site.url("/me.png")}
    answer = await ana.post("/requests", json=wish)
    assert answer.status_code == 201, answer.text
    seen = (await as_user("ben").get("/requests")).json()["requests"][0]["referenceImageUrl"]
    assert str(site.port) not in seen.split("?")[0], "nobody is sent to a stranger's server"
    assert (await looked_at(seen, base_url)).size == (120, 90)
    (upload,) = (await ana.get("/uploads", params={"purpose": "reference"})).json()["uploads"]
    assert error(await ana.delete(f"/uploads/{upload['id']}")) == (409, "CONFLICT")
    refused = await ana.post("/requests", json=WISH | {"referenceImageUrl": site.show("/bad", b"x")})
    assert error(refused) == (400, "VALIDATION_ERROR")
    assert [detail["path"] for detail in refused.json()["error"]["details"]] == ["referenceImageUrl"]
