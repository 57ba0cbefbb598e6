"""What a ZIP download costs the API process: its memory against the size of the archive, and its pace.

50 pictures with ten formats, print among them; the archive is then checked by two unpackers.
"""

import asyncio
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from zipfile import ZipFile

import psutil

from bench.shop import customer, order, stack
from cli.follow import events
from cli.http import Api
from cli.up.stack import Stack

ITEMS = 50
FORMATS = [
    "instagram_story", "instagram_feed", "tiktok", "facebook_post", "twitter_post", "pinterest_pin",
    "shopee_product", "tokopedia_product", "web", "print_a4",
]  # fmt: skip
DOWNLOADS = {"all that was ordered": "", "two formats made on the way": "?formats=linkedin_post,print_4x6"}
MIB = 2**20


def main() -> None:
    with stack("--latency", "0.1") as up:
        asyncio.run(_measure(up))


async def _measure(up: Stack) -> None:
    api_pid = next(process.pid for process in up.processes if process.name == "api")
    async with customer() as api:
        body = await order(api, ITEMS, outputFormats=FORMATS)
        generation = (await api.post("/generate", body))["generationId"]
        async for _ in events(api, generation):
            pass
        with tempfile.TemporaryDirectory() as folder:
            for name, query in DOWNLOADS.items():
                file = Path(folder) / "all.zip"
                print(f"{name}: {await _download(api, api_pid, generation, query, file)}")
                print(f"  {_checked(file)}")


async def _download(api: Api, api_pid: int, generation: str, query: str, file: Path) -> str:
    process = psutil.Process(api_pid)
    before = peak = process.memory_info().rss
    path = f"/generations/{generation}/export-zip{query}"
    started, size_mib = time.perf_counter(), 0.0
    async with api.http.stream("GET", path, timeout=600) as answer:
        answer.raise_for_status()
        first_s = time.perf_counter() - started
        with file.open("wb") as out:
            async for chunk in answer.aiter_bytes():
                size_mib += out.write(chunk) / MIB
                peak = max(peak, process.memory_info().rss)
    wall_s = time.perf_counter() - started
    promised = answer.headers.get("content-length", "unknown")
    pace = f"{size_mib:.0f} MiB in {wall_s:.1f} s ({size_mib / wall_s:.0f} MiB/s), length {promised}"
    memory = f"API before {before / MIB:.0f} MiB, at most {peak / MIB:.0f}"
    return f"{pace}\n  first byte after {1000 * first_s:.0f} ms; {memory}"


def _checked(file: Path) -> str:
    with ZipFile(file) as opened:
        assert opened.testzip() is None
        said = f"zipfile: {len(opened.namelist())} files, sound"
    unzip = shutil.which("unzip")
    if unzip:
        subprocess.run([unzip, "-tq", file], check=True, stdout=subprocess.DEVNULL)
        said += "; unzip -t: sound"
    return said
