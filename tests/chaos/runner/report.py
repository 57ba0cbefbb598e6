"""What a run was and what came of it: in full, and as a row of the table in docs/reliability.md."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from schema.kinds import ItemStatus
from tests.chaos.runner.checks import provider
from tests.chaos.runner.facts import Facts
from tests.chaos.runner.plan import Plan

COLUMNS: Final = (
    "seed, provider", "minutes (to settle)", "generations", "items: delivered, failed, cancelled",
    "blows", "mischief",
    "submissions (bound)", "of these again (bound)", "streams (connections)", "violations",
)  # fmt: skip


def row(plan: Plan, facts: Facts, violations: list[str]) -> str:
    items = Counter(item.status for item in facts.items)
    connections = sum(len(stream.connections) for stream in facts.records.streams)
    cells = (
        f"{plan.seed}, {plan.provider}",
        f"{plan.minutes:g} ({facts.settled_after_s:.0f} s)",
        len(facts.generations),
        ", ".join(f"{items[status]:,}" for status in ItemStatus),
        len(facts.struck),
        len(facts.hits),
        f"{len(facts.submissions):,} ({provider.bound(facts):,})",
        f"{provider.repeats(facts)} ({provider.repeats_allowed(facts)})",
        f"{len(facts.records.streams)} ({connections})",
        len(violations),
    )
    return _cells(cells)


def heading() -> str:
    return f"{_cells(COLUMNS)}\n|{'---|' * len(COLUMNS)}"


def full(plan: Plan, facts: Facts, violations: list[str]) -> str:
    return "\n".join(_lines(plan, facts, violations))


def _cells(cells: Iterable[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _lines(plan: Plan, facts: Facts, violations: list[str]) -> Iterator[str]:
    changes = Counter(change.status for change in facts.changes)
    refunded = sum(each.credit_refunded for each in facts.generations.values())
    refunded += sum(change.credit_refunded for change in facts.changes)
    placed = facts.records.placed
    yield f"orders      {_counted(_operations(plan))}"
    yield f"            {sum(len(each.accepted) for each in placed)} answers 202, refusals " + (
        _counted(Counter(str(status) for each in placed for status in each.refused)) or "none"
    )
    yield f"blows       {_counted(Counter(struck.blow.kind for struck in facts.struck))}"
    yield f"mischief    {_counted(Counter(f'{hit.kind}@{hit.stage}' for hit in facts.hits))}"
    yield f"ends        {_counted(Counter(each.status for each in facts.generations.values()))}"
    yield f"items       {_counted(Counter(item.status for item in facts.items))}"
    yield f"reasons     {_counted(Counter(item.error_code for item in facts.items if item.error_code))}"
    yield f"backgrounds {_counted(changes)}; {refunded} credits refunded in all"
    yield f"files       {len(facts.files)}, {sum(each.size for each in facts.files.values()) / 2**20:.1f} MiB"
    yield ""
    yield heading()
    yield row(plan, facts, violations)
    if violations:
        yield f"\n{len(violations)} violations:"
        yield from (f"- {violation}" for violation in violations)


def _operations(plan: Plan) -> Counter[str]:
    counts = Counter({"placed": len(plan.orders)})
    for order in plan.orders:
        counts["repeated at once"] += order.repeats > 0
        counts["in words"] += order.in_words
        counts["hang-ups"] += len(order.hang_ups)
        counts.update([order.control.action] if order.control else [])
        counts.update([order.background] if order.background else [])
        counts.update(f"{wish} afterwards" for wish in order.afterwards)
    return counts


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{number} {what}" for what, number in sorted(counts.items()) if number)
