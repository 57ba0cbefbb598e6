"""What a round has done so far: added up, and shown to the operator."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from schema.reconciling import MOST_NAMED, Reconciled, SweptObjects

COUNTS = ("seen", "orphans", "deleted", "deleted_bytes")


def added(done: Reconciled, more: Reconciled, named: str | None = None) -> Reconciled:
    counts = {
        name: getattr(done, name) + getattr(more, name)
        for name in Reconciled.model_fields
        if isinstance(getattr(done, name), int)
    }
    names = (*done.named, named) if named and len(done.named) < MOST_NAMED else done.named
    return done.model_copy(update=counts | {"named": names, "rows": done.rows | more.rows})


def swept(done: Reconciled, more: SweptObjects) -> Reconciled:
    counts = {name: getattr(done.objects, name) + getattr(more, name) for name in COUNTS}
    return done.model_copy(update={"objects": SweptObjects(**counts, after=more.after)})


def table(done: Reconciled) -> str:
    """For the run's page."""
    objects = done.objects
    rows = {
        "workflows asked about": str(done.asked),
        "generations settled": str(done.generations),
        "backgrounds given back": str(done.backgrounds),
        "credits refunded": str(done.credits_refunded),
        "messages": f"{done.messages_restarted} sent again, {done.messages_failed} failed",
        "ends told": str(done.ends_told),
        "not repaired": str(done.not_repaired),
        "objects": f"{objects.seen} seen, {objects.deleted} deleted ({objects.deleted_bytes} bytes), "
        f"{objects.orphans} without a use so far",
        "rows swept": ", ".join(f"{count} {name}" for name, count in done.rows.items()) or "none",
        "named": ", ".join(done.named) or "none",
    }
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows.items())])
