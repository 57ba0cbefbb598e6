"""The pose library: what the YAML files beside say, checked, posed and photographed.

A wrong file never loads: every refusal names the pose and the joint, so a designer knows what to mend.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml
from pydantic import BaseModel, Field, ValidationError, computed_field

from imaging.body import Impossible, describe
from imaging.camera import Camera, photograph
from imaging.posture import Posture, adapted
from imaging.skeleton import build
from imaging.soundness import faults, out_of_frame
from schema.pose import Keypoints

try:
    from yaml import CSafeLoader as SafeLoader  # six times as fast
except ImportError:  # PyYAML was built without libyaml
    from yaml import SafeLoader  # type: ignore[assignment]  # the same loader, slower

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"


class LibraryError(ValueError):
    """A pose or category is wrong; the message begins with its slug."""


class Category(BaseModel, frozen=True, extra="forbid"):
    slug: str = Field(pattern=SLUG, max_length=60)
    name: str = Field(min_length=2, max_length=60)
    parent: str | None = None
    position: int = 0
    """Its place among its siblings."""


class PoseText(BaseModel, frozen=True, extra="forbid"):
    """All of a pose but its body: as the files and the library's readers have it."""

    slug: str = Field(pattern=SLUG, max_length=80)
    name: str = Field(min_length=3, max_length=80)
    description: str = Field(min_length=20, max_length=400)
    """In words a text-to-image model understands."""
    category: str
    tags: tuple[str, ...] = Field(min_length=2, max_length=20)
    difficulty: Literal["beginner", "intermediate", "advanced"] = "beginner"
    gender_suitability: Literal["male", "female", "unisex"] = "unisex"
    premium: bool = False
    featured: bool = False
    source_credit: str = "Pose Generator's own figure"
    license_type: str = "CC0-1.0"
    camera: Camera = Camera()


class PoseFile(PoseText, frozen=True, extra="forbid"):
    pose: Posture


class LibraryPose(PoseText, frozen=True, extra="forbid"):
    keypoints: Keypoints

    @computed_field  # type: ignore[prop-decorator] # mypy knows no decorated properties; pydantic documents this form
    @property
    def id(self) -> str:
        return "pose_" + self.slug.replace("-", "_")


class Library(BaseModel, frozen=True):
    categories: tuple[Category, ...]
    poses: tuple[LibraryPose, ...]


@dataclass(frozen=True)
class Drafts:
    """The poses as they are written: read in a tenth of the time, and none of them built."""

    categories: tuple[Category, ...]
    by_slug: Mapping[str, dict[str, Any]]

    def built(self, slug: str) -> LibraryPose:
        known = {category.slug for category in self.categories}
        return _posed(self.by_slug[slug], self.by_slug, known)


@cache
def load() -> Library:
    return _all_built(drafts())


@cache
def drafts() -> Drafts:
    folder = files("imaging") / "poses"
    return _drafted(
        {file.name: file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".yaml")}
    )


def read(texts: Mapping[str, str]) -> Library:
    """A library from its files: `categories.yaml`, and any others in the order of their names."""
    return _all_built(_drafted(texts))


def _all_built(drafted: Drafts) -> Library:
    return Library(categories=drafted.categories, poses=tuple(map(drafted.built, drafted.by_slug)))


def _drafted(texts: Mapping[str, str]) -> Drafts:
    categories = tuple(_categories(_parsed("categories.yaml", texts["categories.yaml"]), None))
    _refuse_twice("category", [category.slug for category in categories])
    raw = [
        _entry(name, item)
        for name in sorted(texts)
        if name != "categories.yaml"
        for item in _parsed(name, texts[name])
    ]
    _refuse_twice("pose", [item["slug"] for item in raw])
    return Drafts(categories, {item["slug"]: item for item in raw})


def _parsed(name: str, text: str) -> list[Any]:
    try:
        items = yaml.load(text, Loader=SafeLoader)
    except yaml.YAMLError as error:
        raise LibraryError(f"{name}: {error}") from None
    if not isinstance(items, list):
        raise LibraryError(f"{name}: should be a list")
    return items


def _entry(name: str, item: Any) -> dict[str, Any]:
    if not isinstance(item, dict) or not isinstance(item.get("slug"), str):
        raise LibraryError(f"{name}: an entry without a slug")
    return item


def _categories(items: list[Any], parent: str | None) -> Iterator[Category]:
    for position, item in enumerate(items):
        entry = dict(_entry("categories.yaml", item))
        children = entry.pop("children", [])
        try:
            yield Category.model_validate({**entry, "parent": parent, "position": position})
        except ValidationError as error:
            raise LibraryError(f"{entry['slug']}: {describe(error)}") from None
        yield from _categories(children, entry["slug"])


def _refuse_twice(kind: str, slugs: list[str]) -> None:
    twice = next((slug for slug in slugs if slugs.count(slug) > 1), None)
    if twice:
        raise LibraryError(f"{twice}: this {kind} is there twice")


def _posed(item: dict[str, Any], by_slug: Mapping[str, dict[str, Any]], categories: set[str]) -> LibraryPose:
    try:
        return _photographed(PoseFile.model_validate(_inherited(item, by_slug)), categories)
    except ValidationError as error:
        raise LibraryError(f"{item['slug']}: {describe(error)}") from None
    except (Impossible, LibraryError) as error:
        raise LibraryError(f"{item['slug']}: {error}") from None


def _photographed(entry: PoseFile, categories: set[str]) -> LibraryPose:
    if entry.category not in categories:
        raise LibraryError(f"category: {entry.category!r} is not in categories.yaml")
    keypoints = sound_keypoints(entry.pose, entry.camera)
    return LibraryPose(**entry.model_dump(exclude={"pose"}), keypoints=keypoints)


def sound_keypoints(posture: Posture, camera: Camera) -> Keypoints:
    """What the camera sees of the posture, if nothing of it is wrong."""
    skeleton = build(posture)
    keypoints = photograph(skeleton, camera)
    found = [*faults(skeleton.points, posture.stands_on), *out_of_frame(keypoints)]
    if found:
        raise LibraryError("; ".join(found))
    return keypoints


def _inherited(item: dict[str, Any], by_slug: Mapping[str, dict[str, Any]], depth: int = 0) -> dict[str, Any]:
    """`like: other-pose` takes that pose's joints, except those given anew."""
    like = item.get("like")
    if like is None:
        return {"pose": {}, **item}
    if like not in by_slug or depth > 4:
        raise LibraryError(f"like: {like!r} is no other pose, or too long a chain")
    base = _inherited(by_slug[like], by_slug, depth + 1)
    own = {name: value for name, value in item.items() if name != "like"}
    return {**own, "pose": adapted(base["pose"], item.get("pose") or {})}
