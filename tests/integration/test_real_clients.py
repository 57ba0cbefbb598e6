"""The providers' own client libraries against the simulator: it speaks what they speak."""

from collections.abc import Iterator
from typing import Any

import fal_client
import httpx
import pytest
from fal_client import Completed, InProgress, Queued
from huggingface_hub import HfApi, InferenceClient, constants, get_token
from huggingface_hub.errors import HfHubHTTPError, InferenceTimeoutError
from huggingface_hub.inference._providers import _common
from huggingface_hub.utils._http import close_session

from tests.servers.simulator import simulator as a_simulator

KEY = "hf_simulated"
DEV = "black-forest-labs/FLUX.1-dev"
ASKED: dict[str, Any] = {"width": 256, "height": 320, "seed": 5}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with a_simulator("--latency-s", "0.05", "--key", KEY) as address:
        yield address


@pytest.fixture
def sim(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url) as client:
        yield client
        client.delete("/_sim/faults")
        client.delete("/_sim/log")


@pytest.fixture(autouse=True)
def pointed(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Both libraries take hosts from constants; fal's would put https before the one of its environment."""
    monkeypatch.setattr(constants, "INFERENCE_PROXY_TEMPLATE", url + "/huggingface/{provider}")
    monkeypatch.setattr(constants, "ENDPOINT", f"{url}/huggingface")
    _common._fetch_inference_provider_mapping.cache_clear()
    monkeypatch.setattr(fal_client.client, "QUEUE_URL_FORMAT", f"{url}/")
    yield
    close_session()


@pytest.fixture
def fal() -> Iterator[fal_client.SyncClient]:
    client = fal_client.SyncClient(key=KEY)
    yield client
    client._client.close()


def hf_inference(url: str, token: str = KEY) -> InferenceClient:
    """A model given as its URL needs no provider."""
    model = f"{url}/huggingface/hf-inference/models/{DEV}"
    return InferenceClient(base_url=model, token=token, timeout=20)


def test_hugging_faces_client_gets_a_picture_from_hf_inference(url: str, sim: httpx.Client) -> None:
    image = hf_inference(url).text_to_image("a woman waving", **ASKED)
    assert image.size == (256, 320)
    (job,) = sim.get("/_sim/log").json()
    assert (job["prompt"], job["seed"], job["delivered"]) == ("a woman waving", 5, True)


def test_hugging_faces_client_gets_a_picture_from_fal_by_the_hubs_mapping(sim: httpx.Client) -> None:
    client = InferenceClient(provider="fal-ai", api_key=KEY)
    assert client.text_to_image("a woman waving", model=DEV, **ASKED).size == (256, 320)
    (job,) = sim.get("/_sim/log").json()
    assert (job["endpoint"], job["seed"]) == ("fal-ai/flux/dev", 5)


def test_hugging_faces_client_understands_the_hub() -> None:
    hub = HfApi(token=KEY)
    assert hub.whoami()["name"] == "simulator"
    mapping = hub.model_info(DEV, expand=["inferenceProviderMapping"]).inference_provider_mapping
    assert {entry.provider for entry in mapping or []} == {"fal-ai", "hf-inference"}


@pytest.mark.parametrize(
    ("kind", "status", "said"),
    [
        ("rate_limited", 429, "Retry after 7 seconds"),
        ("out_of_credits", 402, "monthly included credits"),
        ("error_500", 500, "500 Internal Server Error"),
        ("error_503", 503, "503"),
        ("loading", 503, "currently loading"),
        ("error_422", 422, "Invalid"),
    ],
)
def test_hugging_faces_client_reads_the_refusals(
    url: str, sim: httpx.Client, kind: str, status: int, said: str
) -> None:
    sim.post("/_sim/faults", json=[{"kind": kind, "stage": "submit", "seconds": 7}])
    with pytest.raises(HfHubHTTPError, match=said) as caught:
        hf_inference(url).text_to_image("a woman waving", **ASKED)
    assert caught.value.response.status_code == status


def test_hugging_faces_client_is_refused_without_the_key(url: str) -> None:
    with pytest.raises(HfHubHTTPError) as caught:
        hf_inference(url, token="hf_wrong").text_to_image("a woman waving", **ASKED)
    assert caught.value.response.status_code == 401
    assert get_token() != KEY


def test_hugging_faces_client_gives_up_on_silence(url: str, sim: httpx.Client) -> None:
    sim.post("/_sim/faults", json=[{"kind": "silence", "stage": "submit"}])
    client = hf_inference(url)
    client.timeout = 0.5
    with pytest.raises(InferenceTimeoutError):
        client.text_to_image("a woman waving", **ASKED)


def test_fals_client_follows_the_queue_to_the_picture(fal: fal_client.SyncClient) -> None:
    size = {"image_size": {"width": 256, "height": 320}, "seed": 5}
    handle = fal.submit("fal-ai/flux-general", {"prompt": "a woman waving", **size})
    seen = list(handle.iter_events(with_logs=True, interval=0.01))
    assert {type(status) for status in seen} <= {Queued, InProgress, Completed}
    assert isinstance(seen[-1], Completed)
    result = handle.get()
    assert (result["seed"], result["images"][0]["width"]) == (5, 256)
    assert httpx.get(result["images"][0]["url"]).content.startswith(b"\x89PNG")


def test_fals_client_cancels(fal: fal_client.SyncClient, sim: httpx.Client) -> None:
    sim.post("/_sim/faults", json=[{"kind": "never_ends"}])
    handle = fal.submit("fal-ai/flux-general", {"prompt": "a woman waving"})
    handle.cancel()
    assert sim.get("/_sim/stats").json()["cancelled"] == 1


def test_fals_client_reads_a_models_refusal(fal: fal_client.SyncClient, sim: httpx.Client) -> None:
    sim.post("/_sim/faults", json=[{"kind": "moderated"}])
    handle = fal.submit("fal-ai/flux-general", {"prompt": "a woman waving"})
    with pytest.raises(fal_client.FalClientHTTPError) as caught:
        handle.get()
    assert caught.value.status_code == 422
