"""`posegen reconcile`: one round now, as the schedule runs it every quarter of an hour."""

import asyncio

from cli.context import AsJson, DataDir, application, printed, settings
from schema.reconciling import Reconcile, Reconciled
from schema.settings import Settings
from workflows import rounds
from workflows.client import connect

app = application()

GRACE_S = 5
"""Whoever asks wants it now; Temporal's answer decides all the same."""


@app.command()
def reconcile(data: DataDir = None, *, as_json: AsJson = False) -> None:
    """Settle what has lost its workflow, and look through the whole storage for what nobody needs."""
    done = asyncio.run(_round(settings(data)))
    printed(done.model_dump(mode="json") | {"repaired": done.repaired}, _words(done), as_json=as_json)


async def _round(of: Settings) -> Reconciled:
    return await rounds.run_now(await connect(of, lazy=False), Reconcile(grace_s=GRACE_S, whole_storage=True))


def _words(done: Reconciled) -> str:
    swept = done.objects
    lines = [
        f"Asked Temporal about {done.asked} open workflows.",
        f"Settled {done.generations} generations, gave back {done.backgrounds} backgrounds.",
        f"Refunded {done.credits_refunded} credits for these.",
        f"Messages: {done.messages_restarted} sent again, {done.messages_failed} failed.",
        f"Told {done.ends_told} ends of generations.",
        f"Storage: {swept.seen} objects, {swept.deleted} deleted ({swept.deleted_bytes / 2**20:.1f} MiB).",
        f"Without a use so far: {swept.orphans} objects.",
        *(f"Deleted {rows} rows of {name}." for name, rows in done.rows.items()),
        *(f"  {name}" for name in done.named),
    ]
    if done.not_repaired:
        lines.append(f"{done.not_repaired} could not be ended; the log says why, the next round tries again.")
    return "\n".join(lines)
