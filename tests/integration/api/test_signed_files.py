"""Files by their signed addresses: who gets them, as what, and under which name."""

import httpx
import pytest

from adapters.storage.factory import open_storage
from schema import ids
from schema.settings import Settings
from tests.integration.api.ordering import started
from tests.integration.api.stand_in import StandIn
from tests.servers.disk import out_of_order


@pytest.fixture
async def picture(ana: httpx.AsyncClient, gateway: StandIn, project: str, poses: list[str]) -> str:
    """The id of a delivered item."""
    generation = await started(ana, project, poses)
    await gateway.deliver(generation, 0)
    return ids.item_id(generation, 0)


async def test_files_by_signature_only(
    ana: httpx.AsyncClient, settings: Settings, base_url: str, picture: str
) -> None:
    url = httpx.URL((await ana.get(f"/poses/{picture}")).json()["pose"]["outputImageUrl"])
    storage, key, data = open_storage(settings), url.path.removeprefix("/files/"), b"<script>no picture"
    await storage.put(key, data)
    here = httpx.URL(base_url)
    url = url.copy_with(host=here.host, port=here.port)
    async with httpx.AsyncClient() as anyone:
        got = await anyone.get(url)
        assert (got.status_code, got.content) == (200, data)
        assert got.headers["Content-Type"] == "image/png"
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        assert "private" in got.headers["Cache-Control"]
        assert "sandbox" in got.headers["Content-Security-Policy"]
        assert (await anyone.head(url)).headers["Content-Length"] == str(len(data))
        part = await anyone.get(url, headers={"Range": "bytes=0-6"})
        assert (part.status_code, part.content) == (206, b"<script")
        for forged in (
            url.copy_remove_param("sig"),
            url.copy_set_param("exp", "9999999999"),
            url.copy_set_param("dl", "evil.html"),
            url.copy_with(path=url.path.replace("_000", "_001")),
            url.copy_with(raw_path=b"/files/..%2f..%2fetc/passwd?" + url.query),
        ):
            refused = await anyone.get(forged)
            assert (refused.status_code, refused.json()["error"]["code"]) == (403, "FORBIDDEN")
        await storage.delete(key)
        assert (await anyone.get(url)).status_code == 404


async def test_a_file_on_a_disk_in_trouble_is_not_there_now(settings: Settings, base_url: str) -> None:
    storage = open_storage(settings)
    await storage.put("generated/gen_x/item_y.png", b"picture")
    path = httpx.URL(storage.url("generated/gen_x/item_y.png")).raw_path.decode()
    async with httpx.AsyncClient(base_url=base_url) as anyone:
        with out_of_order(settings.storage_local_path):
            got = await anyone.get(path)
        assert (got.status_code, got.json()["error"]["code"]) == (503, "UNAVAILABLE")
        assert (await anyone.get(path)).content == b"picture"


async def test_a_download_name_is_part_of_the_signature(settings: Settings, base_url: str) -> None:
    storage = open_storage(settings)
    await storage.put("generated/gen_x/item_y.png", b"picture")
    url = httpx.URL(storage.url("generated/gen_x/item_y.png", download_name="my pose.png"))
    async with httpx.AsyncClient(base_url=base_url) as anyone:
        got = await anyone.get(url.raw_path.decode())
    assert (got.status_code, got.content) == (200, b"picture")
    assert got.headers["Content-Disposition"].startswith("attachment;")
    assert "my%20pose.png" in got.headers["Content-Disposition"]
