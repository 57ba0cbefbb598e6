"""Pictures that the worker made, taken home: as a ZIP, and one by one."""

import asyncio
import hashlib
import json
from io import BytesIO
from zipfile import ZipFile

import httpx

from tests.integration.front_door import Customer
from tests.integration.shop import Shop


async def test_a_zip_has_the_very_files_of_the_results(ann: Customer, open_shop: Shop) -> None:
    generation = await ann.start(await open_shop.poses(3), outputFormats=["instagram_story", "shopee"])
    await ann.finished(generation)
    results = (await ann.get(f"/generations/{generation}/results"))["results"]
    answers = await asyncio.gather(
        *(ann.ask("GET", f"/generations/{generation}/export-zip") for _ in range(2))
    )
    for answer in answers:
        assert answer.status_code == 200
        with ZipFile(BytesIO(answer.content)) as opened:
            manifest = json.loads(opened.read("manifest.json"))
            hashes = {
                (file["index"], file["format"]): hashlib.sha256(opened.read(file["name"])).hexdigest()
                for file in manifest["files"]
            }
        assert manifest["missing"] == []
        assert len(hashes) == 9
        for item in results:
            for name, export in item["exports"].items():
                assert hashes[item["index"], name] == export["sha256"]
    [one] = [item for item in results if item["index"] == 1]
    link = (await ann.ask("POST", f"/poses/{one['id']}/download")).json()
    assert link["downloadCount"] == 3, "twice in a ZIP, once by itself"
    async with httpx.AsyncClient() as browser:
        got = await browser.get(link["url"])
    assert hashlib.sha256(got.content).hexdigest() == hashes[1, "original"]
    assert link["fileName"] in got.headers["Content-Disposition"]
    await open_shop.books_agree()
