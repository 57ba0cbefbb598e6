"""`python -m bench [name …]`: each benchmark answers one question with a table. Without a name, all."""

import importlib
import sys

from bench.shop import machine
from cli import exit as way_out

BENCHMARKS = {
    "start": "POST /generate to 202, alone and with 20 and 100 clients, against an empty workflow",
    "stream": "item stored to event, 1 to 200 generations at once; 2,000 open streams beside other routes",
    "fairness": "orders of 1 and 5 pictures, alone and behind another user's 5 x 50 and 500",
    "receivers": "POST /generate while 50 receivers of webhooks hang",
    "batch": "50 items at 1 s provider latency against the ideal, stored to seen; 20 orders of 5 at once",
    "matrix": "batches of many sizes, latencies and parallelisms: wall time, first picture, CPU, memory",
    "fleet": "one worker, two, and two that are replaced in turn under load: pictures a second, CPU, memory",
    "growth": "what a picture costs as orders, users, watchers and the past grow",
    "upstart": "posegen up until it is ready, by phase, first and later starts",
    "library": "lists and searches with 100,000 poses, with their query plans",
    "million": "every list and count among a million pictures, with their query plans",
    "pictures": "all export formats of one picture against libvips and Pillow: CPU time, bytes, likeness",
    "sealing": "what PAYLOAD_KEYS costs: CPU and bytes of a payload",
    "zip": "50 items with 10 formats as one ZIP: memory of the API, pace, and whether unpackers like it",
}


def main() -> None:
    chosen = sys.argv[1:] or list(BENCHMARKS)
    for name in chosen:
        if name not in BENCHMARKS:
            raise SystemExit(f"there are only: {', '.join(BENCHMARKS)}")
        print(f"\n# {name}: {BENCHMARKS[name]}\n{machine()}\n", flush=True)
        importlib.import_module(f"bench.{name}").main()


way_out.run(main)
