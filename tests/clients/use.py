"""A shop's script on the generated Python client: `python use.py URL TOKEN PROJECT` prints what it saw."""

import json
import sys
from typing import Any

from pose_client import ApiClient, Configuration
from pose_client.api import EventsApi, GenerationsApi, LibraryApi, ProjectsApi
from pose_client.exceptions import ApiException
from pose_client.models import (
    DryRunAnswer,
    GalleryOrder,
    GenerateAnswer,
    GenerateOrder,
    PoseView,
    Sort,
    TextOrder,
)


def main(url: str, token: str, project_id: str) -> None:
    with ApiClient(Configuration(host=url, access_token=token)) as client:
        sys.stdout.write(json.dumps(visit(client, project_id)))


def visit(client: ApiClient, project_id: str) -> dict[str, Any]:
    generations = GenerationsApi(client)
    poses = LibraryApi(client).list_poses(limit=3, premium=False, sort=Sort.NAME).poses
    order = gallery(project_id, poses, variations=2)
    price = generations.start_generation(order, dry_run=True).actual_instance
    assert isinstance(price, DryRunAnswer)
    started = generations.start_generation_with_http_info(order, idempotency_key="one")
    again = generations.start_generation_with_http_info(order, idempotency_key="one")
    generation = started.data.actual_instance
    assert isinstance(generation, GenerateAnswer)
    assert again.data == started.data
    status = generations.get_generation(generation.generation_id)
    return {
        "keypoints": len(LibraryApi(client).get_pose(poses[0].id).pose.keypoints),
        "price": price.credit_cost,
        "charged": generation.credit_charged,
        "replayed": again.headers["idempotency-replayed"],
        "status": status.generation.status.value,
        "history": [seen.id for seen in generations.list_generations().generations],
        "first event": first_event(client, generation.generation_id),
        "errors": [error_of(call) for call in refused(client, project_id, poses)],
        "started": generation.generation_id,
    }


def first_event(client: ApiClient, generation_id: str) -> str:
    stream = EventsApi(client).follow_generation_without_preload_content(generation_id)
    said = b""
    while b"\n\r\n" not in said and b"\n\n" not in said:
        said += stream.read(1)
    stream.release_conn()
    return next(line[6:].strip() for line in said.decode().splitlines() if line.startswith("event:"))


def gallery(project_id: str, poses: list[PoseView], variations: int) -> GenerateOrder:
    wanted = GalleryOrder(
        project_id=project_id,
        generation_type="GALLERY_REFERENCE",
        selected_pose_ids=[pose.id for pose in poses],
        batch_size=variations,
    )
    return GenerateOrder(wanted)


def refused(client: ApiClient, project_id: str, poses: list[PoseView]) -> list[Any]:
    start = GenerationsApi(client).start_generation
    no_pose = TextOrder(project_id=project_id, generation_type="TEXT_DESCRIPTION", text_prompt="a red shirt")
    return [
        lambda: ProjectsApi(client).get_project("proj_of_nobody"),
        lambda: start(GenerateOrder(no_pose)),
        lambda: start(gallery(project_id, poses, variations=10)),
    ]


def error_of(call: Any) -> tuple[str, int]:
    try:
        call()
    except ApiException as error:
        return error.data.error.code, error.data.error.status_code
    raise AssertionError("this should have been refused")


if __name__ == "__main__":
    main(*sys.argv[1:])
