"""One run of schemathesis over a served API, as a program of its own."""

import asyncio
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import httpx

from api.app import PREFIX
from tests.fuzz import belongings, rules

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Verdict:
    ok: bool
    report: str


async def fuzz(url: str, token: str, *options: str, signed_in: bool = True) -> Verdict:
    """Stderr and stdout together, as seen. Who is not signed in knows the ids all the same."""
    async with httpx.AsyncClient(
        base_url=url + PREFIX, headers={"Authorization": f"Bearer {token}"}, timeout=60
    ) as user:
        ids = await belongings.gathered(user)
        document = (await user.get(f"{url}/openapi.json")).text
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "schemathesis.toml"
        config.write_text(rules.written(ids, signed_in=signed_in))
        api = Path(folder) / "openapi.json"
        api.write_text(document)
        words = ("--no-color", "--config-file", str(config), "run", str(api), "--url", url, *options)
        process = await asyncio.create_subprocess_exec(
            Path(sys.executable).with_name("st"),
            *words,
            cwd=folder,
            env=os.environ | {"FUZZ_TOKEN": token, "PYTHONPATH": str(ROOT), "COLUMNS": "120"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            said, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    return Verdict(process.returncode == 0, said.decode())
