"""What users describe with a picture: avatars, projects, pose requests.

The picture is fetched and kept first, so no transaction waits for somebody's server; a picture whose owner
then is refused stays among the user's uploads.
"""

from dataclasses import dataclass
from typing import Any

from pydantic.alias_generators import to_camel

from adapters.intake import Intake
from adapters.providers import prompt
from schema import prompts
from schema.database import Database
from schema.kinds import UploadPurpose
from schema.models.avatars import AvatarChange, AvatarDraft, Traits
from schema.models.pose_requests import PoseRequestDraft
from schema.models.projects import ProjectChange, ProjectDraft
from schema.queries import avatars, pose_requests, projects
from schema.tables import Avatar, Project


@dataclass(frozen=True)
class Likeness:
    database: Database
    intake: Intake

    async def add_avatar(self, user_id: str, draft: AvatarDraft) -> Avatar:
        _check_traits(draft)
        async with self.database.transaction() as session:
            await avatars.require_room(session, user_id)
        values = await self._kept(user_id, draft.model_dump(), "image_url")
        async with self.database.transaction() as session:
            return await avatars.create(session, user_id, values)

    async def change_avatar(self, avatar_id: str, user_id: str, wanted: AvatarChange) -> Avatar:
        _check_traits(wanted)
        async with self.database.transaction() as session:
            await avatars.owned(session, avatar_id, user_id)
        values = await self._kept(user_id, wanted.values, "image_url")
        async with self.database.transaction() as session:
            return await avatars.change(session, avatar_id, user_id, values)

    async def add_project(self, user_id: str, draft: ProjectDraft) -> Project:
        async with self.database.transaction() as session:
            await projects.require_avatar(session, draft.avatar_id, user_id)
        values = await self._kept(user_id, draft.model_dump(), "avatar_image_url")
        async with self.database.transaction() as session:
            return await projects.create(session, user_id, values)

    async def change_project(self, project_id: str, user_id: str, wanted: ProjectChange) -> Project:
        async with self.database.transaction() as session:
            await projects.owned(session, project_id, user_id)
            await projects.require_avatar(session, wanted.avatar_id, user_id)
        values = await self._kept(user_id, wanted.values, "avatar_image_url")
        async with self.database.transaction() as session:
            return await projects.change(session, project_id, user_id, values)

    async def add_request(self, user_id: str, draft: PoseRequestDraft) -> pose_requests.Row:
        for text in (draft.pose_name, draft.description):
            prompts.check_content(text)
        async with self.database.transaction() as session:
            await pose_requests.require_room(session, user_id, draft.category_id)
        values = await self._kept(user_id, draft.model_dump(), "reference_image_url", UploadPurpose.REFERENCE)
        async with self.database.transaction() as session:
            return await pose_requests.create(session, user_id, values)

    async def _kept(
        self,
        user_id: str,
        values: dict[str, Any],
        field: str,
        purpose: UploadPurpose = UploadPurpose.AVATAR,
    ) -> dict[str, Any]:
        """In place of what the field was given, the id of the upload that it names or became."""
        if field not in values:
            return values
        given = values.pop(field)
        upload = await self.intake.named(user_id, purpose, given, to_camel(field)) if given else None
        return values | {field.replace("_url", "_id"): upload.id if upload else None}


def _check_traits(traits: Traits) -> None:
    """As they will stand in a prompt."""
    prompts.check_content(prompt.subject(traits.model_dump(include=set(prompt.TRAITS))))
