"""`posegen storage migrate`: from the folder to the bucket. Afterwards STORAGE_MODE may be changed."""

import asyncio
from collections.abc import Callable

from rich.progress import Progress

from adapters.storage.factory import open_storage
from adapters.storage.migration import Migrated, migrate
from cli.context import AsJson, DataDir, application, printed, settings
from schema.settings import Settings

app = application("Move between storages.")


@app.callback()
def _storage() -> None:
    """There may be more to do with a storage than one thing."""


@app.command("migrate")
def to_bucket(data: DataDir = None, *, as_json: AsJson = False) -> None:
    """Copy all local files to the S3 bucket of the settings and compare them. It may be repeated."""
    with Progress(disable=as_json) as progress:
        task = progress.add_task("files", total=None)
        done = asyncio.run(
            _migrate(settings(data), lambda done: progress.update(task, completed=done.objects))
        )
    printed(
        {"objects": done.objects, "copied": done.copied, "bytes": done.size_bytes},
        f"{done.objects} files ({done.size_bytes / 2**20:.1f} MiB) are in the bucket, {done.copied} of them "
        "new. Set STORAGE_MODE=s3 to use it.",
        as_json=as_json,
    )


async def _migrate(of: Settings, tell: Callable[[Migrated], object]) -> Migrated:
    bucket = of.storage_mode if of.storage_mode != "local" else "s3"
    source = open_storage(of.model_copy(update={"storage_mode": "local"}))
    target = open_storage(of.model_copy(update={"storage_mode": bucket}))
    try:
        return await migrate(source, target, tell)
    finally:
        await target.close()
        await source.close()
