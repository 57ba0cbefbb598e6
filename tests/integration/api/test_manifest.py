"""The card for the host says what is so: its addresses lead somewhere, its numbers are the real ones."""

from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from adapters.providers.factory import open_provider
from api.app import create_app
from imaging.formats import FORMATS
from schema.kinds import BackgroundMode, GenerationType
from schema.settings import Settings
from tests.integration.api.conftest import gallery, token
from tests.integration.api.stand_in import StandIn
from tests.servers.http import serving


async def card_of(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.get("/manifest")
    assert answer.status_code == 200, answer.text
    card: dict[str, Any] = answer.json()
    return card


async def test_it_names_the_app_and_where_its_parts_are(ana: httpx.AsyncClient, base_url: str) -> None:
    card = await card_of(ana)
    health = (await ana.get("/health")).json()
    assert (card["id"], card["version"]) == (health["app"], health["version"])
    assert card["name"] == "Pose Generator"
    assert card["description"]
    async with httpx.AsyncClient(base_url=base_url) as anyone:
        for name in ("iconUrl", "dashboardUrl", "docsUrl", "openapiUrl"):
            assert card[name].startswith("http://127.0.0.1:8000/")
            assert (await anyone.get(urlsplit(card[name]).path)).status_code == 200, name
        assert (await anyone.get(urlsplit(card["apiUrl"]).path + "/manifest")).status_code == 401


@pytest.mark.usefixtures("rich")
async def test_its_prices_are_those_that_are_charged(
    ana: httpx.AsyncClient, project: str, poses: list[str]
) -> None:
    prices = (await card_of(ana))["prices"]
    background = {"useBackgroundChanger": True, "backgroundMode": "solid_color", "backgroundColor": "#FFFFFF"}
    for more, price in (({}, prices["picture"]), (background, prices["picture"] + prices["background"])):
        order = gallery(project, poses[:1], batchSize=2, **more)
        charged = (await ana.post("/generate", json=order)).json()["creditCharged"]
        assert charged == 2 * price


async def test_its_limits_are_those_that_hold(
    ana: httpx.AsyncClient, gateway: StandIn, project: str, poses: list[str]
) -> None:
    """What is allowed passes, one more does not."""
    limits = (await card_of(ana))["limits"]
    text = {"projectId": project, "generationType": "TEXT_DESCRIPTION"}
    sentence = "standing with arms crossed "
    for field, most, order in (
        ("variationsGallery", 10, lambda n: gallery(project, poses[:1], batchSize=n)),
        ("variationsText", 20, lambda n: text | {"textPrompt": sentence, "batchSize": n}),
        ("formats", 10, lambda n: gallery(project, poses[:1], outputFormats=list(FORMATS)[:n])),
        ("promptCharacters", 500, lambda n: gallery(project, poses[:1], prompt=("blue " * n)[: n - 1] + "x")),
    ):
        assert limits[field] == most
        for number, status in ((most, 200), (most + 1, 400)):
            answer = await ana.post("/generate?dryRun=true", json=order(number))
            assert answer.status_code == status, (field, number, answer.text)
    started = (await ana.post("/generate", json=gallery(project, poses[:1], batchSize=1))).json()
    await gateway.deliver(started["generationId"], 0)
    for hours, status in ((limits["shareHours"], 201), (limits["shareHours"] + 1, 400)):
        path = f"/generations/{started['generationId']}/share"
        assert (await ana.post(path, json={"expiresInHours": hours})).status_code == status
    large = await ana.post("/projects", content=b"x" * (limits["bodyBytes"] + 1))
    assert large.status_code == 413


@pytest.mark.parametrize(
    ("changed", "guided"),
    [
        ({"flux_provider": "fal", "fal_key": "key"}, True),
        ({"flux_provider": "comfyui"}, True),
        ({"flux_provider": "huggingface", "huggingface_api_key": "key"}, False),
        (
            {
                "flux_provider": "huggingface",
                "huggingface_api_key": "key",
                "huggingface_route": "hf-inference",
            },
            False,
        ),
    ],
    ids=str,
)
async def test_its_features_follow_the_deployment(
    *, settings: Settings, gateway: StandIn, changed: dict[str, str], guided: bool
) -> None:
    """Also in an API process that has no key of the provider."""
    values = settings.model_dump() | {"flux_width": 512, "rate_limit_items_per_minute": 77}
    without_key = {name: value for name, value in changed.items() if not name.endswith("_key")}
    deployed = Settings(_env_file=None, **values | without_key)
    async with serving(create_app(deployed, gateway=gateway)) as url, httpx.AsyncClient(timeout=30) as client:
        headers = {"Authorization": f"Bearer {token()}"}
        card = (await client.get(f"{url}{urlsplit(deployed.api_url).path}/manifest", headers=headers)).json()
    features = card["features"]
    assert (features["provider"], features["poseGuidance"]) == (changed["flux_provider"], guided)
    assert (features["pictureWidth"], features["pictureHeight"]) == (512, 1024)
    assert card["limits"]["picturesPerMinute"] == 77
    assert features["formats"] == list(FORMATS)
    assert features["generationTypes"] == list(GenerationType)
    assert features["backgroundModes"] == list(BackgroundMode)
    provider = open_provider(Settings(_env_file=None, **values | changed))
    assert provider.capabilities.pose_map is guided
    assert features["referenceImage"] is provider.capabilities.reference_image
    await provider.close()
