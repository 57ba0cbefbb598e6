"""`posegen generate`: start a generation from the terminal and follow it to its files."""

import asyncio
import json
from typing import Annotated, Any

import typer

from cli.context import AsJson, DataDir, application, settings
from cli.demo import USER
from cli.exit import Exit
from cli.follow import show
from cli.http import Api
from schema.settings import Settings

app = application()

PROJECT = "Command line"
MOST_POSES = 100


@app.command()
def generate(
    *,
    poses: Annotated[int, typer.Option(min=1, max=MOST_POSES, help="How many poses of the library.")] = 3,
    pose: Annotated[list[str] | None, typer.Option(help="A certain pose; may be repeated.")] = None,
    text: Annotated[str | None, typer.Option(help="Describe the pose instead.")] = None,
    variations: Annotated[int, typer.Option(min=1, help="Pictures of each pose.")] = 1,
    formats: Annotated[str, typer.Option(metavar="A,B", help="Export formats.")] = "",
    prompt: Annotated[str | None, typer.Option(help="Style, clothes, surroundings.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="For the same pictures again.")] = None,
    user: Annotated[str, typer.Option(help="Who pays.")] = USER,
    key: Annotated[str | None, typer.Option(help="Idempotency key: repeated, it is one generation.")] = None,
    follow: Annotated[bool, typer.Option(help="Stay until it is done.")] = True,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Start a generation and follow it."""
    order: dict[str, Any] = {
        "batchSize": variations,
        "outputFormats": [name for name in formats.split(",") if name],
        "seed": seed,
    }
    if text:
        order |= {"generationType": "TEXT_DESCRIPTION", "textPrompt": text}
    else:
        order |= {"generationType": "GALLERY_REFERENCE", "selectedPoseIds": pose, "prompt": prompt}
    run = _generate(settings(data), user, order, poses, key, follow=follow, as_json=as_json)
    raise typer.Exit(asyncio.run(run))


async def _generate(
    of: Settings,
    user: str,
    order: dict[str, Any],
    poses: int,
    key: str | None,
    *,
    follow: bool,
    as_json: bool,
) -> Exit:
    async with Api(of, user) as api:
        order["projectId"] = await _project(api)
        if order.get("selectedPoseIds", ...) is None:
            order["selectedPoseIds"] = await _some_poses(api, poses)
        headers = {"Idempotency-Key": key} if key else {}
        started = await api.post("/generate", order, **headers)
        print(json.dumps(started) if as_json else f"{started['generationId']}: {started['message']}")
        return await show(api, started["generationId"], as_json=as_json) if follow else Exit.OK


async def _project(api: Api) -> str:
    """The project that the command line's generations go to, made at the first one."""
    for project in (await api.get("/projects", limit=100))["projects"]:
        if project["projectName"] == PROJECT:
            return str(project["id"])
    made = await api.post("/projects", {"projectName": PROJECT, "avatarSource": "AVATAR_CREATOR"})
    return str(made["project"]["id"])


async def _some_poses(api: Api, count: int) -> list[str]:
    page = await api.get("/library", limit=count, premium=False)
    return [pose["id"] for pose in page["poses"]]
