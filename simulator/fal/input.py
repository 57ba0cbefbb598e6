"""What fal's endpoints take; a wrong field fails the job in the form of fal's own validation errors."""

import random
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, Field, model_validator

from simulator.looks import Look
from simulator.pictures import Order

CONTROLLED: Final = "fal-ai/flux-general"

SIZES: Final = {
    "square_hd": (1024, 1024),
    "square": (512, 512),
    "portrait_4_3": (768, 1024),
    "portrait_16_9": (576, 1024),
    "landscape_4_3": (1024, 768),
    "landscape_16_9": (1024, 576),
}
Preset = Literal["square_hd", "square", "portrait_4_3", "portrait_16_9", "landscape_4_3", "landscape_16_9"]
Mode = Literal["canny", "tile", "depth", "blur", "pose", "gray", "low-quality"]


class ImageSize(BaseModel):
    width: int = Field(512, ge=64, le=4096)
    height: int = Field(512, ge=64, le=4096)


class Control(BaseModel):
    control_image_url: str
    conditioning_scale: float = Field(1, ge=0, le=2)
    start_percentage: float = Field(0, ge=0, le=1)
    end_percentage: float = Field(1, ge=0, le=1)


class ControlNet(Control):
    path: str


class UnionControl(Control):
    control_mode: Mode


class ControlNetUnion(BaseModel):
    path: str
    controls: list[UnionControl] = Field(min_length=1)


class FluxInput(BaseModel):
    prompt: str = Field(min_length=1)
    negative_prompt: str = ""
    image_size: Preset | ImageSize = "landscape_4_3"
    num_inference_steps: int = Field(28, ge=1, le=50)
    guidance_scale: float = Field(3.5, ge=0, le=20)
    seed: int | None = None
    num_images: int = Field(1, ge=1, le=4)
    enable_safety_checker: bool = True
    output_format: Literal["png", "jpeg"] = "png"
    sync_mode: bool = False
    controlnets: list[ControlNet] = []
    controlnet_unions: list[ControlNetUnion] = []
    reference_image_url: str | None = None
    reference_strength: float = Field(0.65, ge=-3, le=3)
    reference_start: float = Field(0, ge=0, le=1)
    reference_end: float = Field(1, ge=0, le=1)

    @model_validator(mode="after")
    def _one_controlnet(self) -> Self:
        if len(self.controlnets) + len(self.controlnet_unions) > 1:
            raise ValueError("only one controlnet is supported at present")
        return self

    def order(self, endpoint: str, seed: int) -> Order:
        size = self.image_size
        width, height = (size.width, size.height) if isinstance(size, ImageSize) else SIZES[size]
        controls: list[Control] = [
            *self.controlnets,
            *(c for union in self.controlnet_unions for c in union.controls),
        ]
        # Other endpoints do not know these fields, and fal ignores what it does not know.
        url = controls[0].control_image_url if controls and endpoint == CONTROLLED else None
        return Order(
            prompt=self.prompt,
            seed=seed,
            width=width,
            height=height,
            media_type="image/jpeg" if self.output_format == "jpeg" else "image/png",
            pictures=self.num_images,
            inline=self.sync_mode,
            control_url=url,
            reference_url=self.reference_image_url if endpoint == CONTROLLED else None,
        )


class BirefnetInput(BaseModel):
    image_url: str
    model: Literal["General Use (Light)", "General Use (Heavy)", "Portrait"] = "General Use (Light)"
    operating_resolution: Literal["1024x1024", "2048x2048"] = "1024x1024"
    output_format: Literal["webp", "png", "gif"] = "png"
    output_mask: bool = False
    refine_foreground: bool = True
    sync_mode: bool = False

    def order(self, _endpoint: str, _seed: int) -> Look:
        """Always as PNG, and without the mask: nobody of ours asks for others."""
        return Look(self.image_url, cut=True, inline=self.sync_mode)


class NsfwInput(BaseModel):
    image_url: str

    def order(self, _endpoint: str, _seed: int) -> Look:
        return Look(self.image_url, cut=False)


ENDPOINTS: Final[dict[str, type[FluxInput | BirefnetInput | NsfwInput]]] = {
    **dict.fromkeys((CONTROLLED, "fal-ai/flux/dev", "fal-ai/flux/schnell"), FluxInput),
    "fal-ai/birefnet": BirefnetInput,
    "fal-ai/imageutils/nsfw": NsfwInput,
}


def seed_of(body: dict[str, Any]) -> int:
    """The seed asked for; one is drawn when none is, as fal does."""
    seed = body.get("seed")
    return seed if isinstance(seed, int) else random.getrandbits(31)
