"""The background that a request asks for, checked.

A picture that it names is fetched and kept before anything is charged, so what cannot be had costs nothing.
"""

from dataclasses import dataclass

from adapters.intake import Intake
from adapters.public import PublicClient
from schema import ids, prompts
from schema.database import Database
from schema.errors import ValidationFailed
from schema.kinds import BackgroundMode, UploadPurpose
from schema.messages.orders import Background
from schema.models.backgrounds import BackgroundFields
from schema.queries import uploads

IMAGE_FIELD = "backgroundImageUrl"


@dataclass(frozen=True)
class Backgrounds:
    database: Database
    intake: Intake
    public: PublicClient

    async def chosen(self, user_id: str, wanted: BackgroundFields, *, only_check: bool = False) -> Background:
        """`only_check` fetches and keeps nothing."""
        match wanted.background_mode:
            case BackgroundMode.SOLID_COLOR:
                colour = _needed("backgroundColor", wanted.background_color)
                return Background(mode=BackgroundMode.SOLID_COLOR, color=colour)
            case BackgroundMode.AI_GENERATE:
                prompt = _needed("backgroundPrompt", wanted.background_prompt)
                prompts.check_content(prompt)
                return Background(mode=BackgroundMode.AI_GENERATE, prompt=prompt)
            case BackgroundMode.UPLOAD:
                named = _needed(IMAGE_FIELD, wanted.background_image_url)
                return await (self._checked(user_id, named) if only_check else self._kept(user_id, named))
            case None:
                raise ValidationFailed.at("backgroundMode", f"Say how: {', '.join(BackgroundMode)}.")

    async def _kept(self, user_id: str, named: str) -> Background:
        upload = await self.intake.named(user_id, UploadPurpose.BACKGROUND, named, IMAGE_FIELD)
        return Background(mode=BackgroundMode.UPLOAD, image=upload.id, image_key=upload.key)

    async def _checked(self, user_id: str, named: str) -> Background:
        if ids.is_file_id(named):
            async with self.database.transaction() as session:
                await uploads.owned(session, named, user_id)
        else:
            try:
                await self.public.check(named)
            except ValidationFailed as error:
                raise ValidationFailed.at(IMAGE_FIELD, error.message) from error
        return Background(mode=BackgroundMode.UPLOAD)


def _needed(field: str, value: str | None) -> str:
    if not value:
        raise ValidationFailed.at(field, f"This background mode needs {field}.")
    return value
