"""One picture in all export formats, and its thumbnail: CPU, bytes and likeness beside libvips and Pillow.

Likeness is SSIM with the lossless rendering. All three start from the decoded picture; decoding comes last.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from statistics import median

from PIL import Image

from bench import peers
from bench.shop import header, row
from imaging import library, mannequin
from imaging.checks import decode
from imaging.exports import THUMBNAIL, encode, target
from imaging.formats import FORMATS, ExportFormat
from tests.ssim import ssim

ROUNDS, SIDE, THREADS = 3, 1024, 2
POSE, SEED = "standing-doa", 7
WAYS = ("ours", "libvips", "Pillow")
COLUMNS = [*(f"{way} ms" for way in WAYS), *(f"{way} KiB" for way in WAYS), "ours SSIM", "libvips SSIM"]

Make = Callable[[], bytes]


class Scene:
    """One generated picture, as each of the three has it before it."""

    def __init__(self) -> None:
        self.keypoints = library.drafts().built(POSE).keypoints
        out = BytesIO()
        mannequin.draw(self.keypoints, SIDE, SIDE, seed=SEED).save(out, "PNG")
        self.data = out.getvalue()
        self.image, self.vips = decode(self.data), peers.vips_decoded(self.data)

    def plain(self, format_: ExportFormat) -> Image.Image:
        return peers.plain(self.image, self.keypoints, target(self.image.size, format_))

    def ways(self, format_: ExportFormat) -> tuple[Make, Make, Make]:
        size = target(self.image.size, format_)
        return (
            lambda: encode(self.image, self.keypoints, format_).data,
            lambda: peers.libvips(self.vips, self.keypoints, format_, size),
            lambda: peers.pillow(self.plain(format_), format_),
        )


def main() -> None:
    scene = Scene()
    decoded = _in_turns(
        (lambda: decode(scene.data).tobytes(), lambda: peers.vips_decoded(scene.data).write_to_memory())
    )
    print(f"CPU ms, medians of {ROUNDS}\n\n{header('format', *COLUMNS)}")
    rows = [_measured(scene, format_) for format_ in _formats()]
    sums = [sum(column) for column in zip(*rows, strict=True)][: 2 * len(WAYS)]
    print(row("all", *sums, "", ""))
    print(f"\ndecoding: ours {decoded[0][0]:.0f} ms, libvips {decoded[1][0]:.0f}")
    print(f"CPU: {sums[0] / sums[1]:.2f} x libvips, {sums[0] / sums[2]:.2f} x Pillow; ", end="")
    print(f"bytes: {sums[3] / sums[4]:.2f} x libvips, {sums[3] / sums[5]:.2f} x Pillow")
    ours, vips = (_wall_s(scene, number) for number in (0, 1))
    print(f"all in {THREADS} threads: ours {ours:.2f} s, libvips {vips:.2f} s, {ours / vips:.2f} x")


def _formats() -> Iterator[ExportFormat]:
    """Each file once, and none that is the picture as it came."""
    distinct = {format_.encoding: format_ for format_ in (*FORMATS.values(), THUMBNAIL)}
    return (format_ for format_ in distinct.values() if not format_.is_original)


def _measured(scene: Scene, format_: ExportFormat) -> list[float]:
    made = _in_turns(scene.ways(format_))
    plain = scene.plain(format_)
    likeness = [ssim(plain, Image.open(BytesIO(data))) for _, data in made[:2]]
    figures = [*(cpu_ms for cpu_ms, _ in made), *(len(data) / 1024 for _, data in made)]
    print(row(format_.name, *figures, *(f"{share:.4f}" for share in likeness)), flush=True)
    return [*figures, *likeness]


def _in_turns(ways: Sequence[Make]) -> list[tuple[float, bytes]]:
    """Taking turns, they share what else the machine does."""
    timed = [[_timed(way) for way in ways] for _ in range(ROUNDS)]
    return [(median(cpu_ms for cpu_ms, _ in runs), runs[0][1]) for runs in zip(*timed, strict=True)]


def _timed(make: Make) -> tuple[float, bytes]:
    started = time.process_time()
    data = make()
    return 1000 * (time.process_time() - started), data


def _wall_s(scene: Scene, way: int) -> float:
    """The largest first, so that no thread is left with it at the end."""
    makes = [
        scene.ways(format_)[way] for format_ in sorted(_formats(), key=lambda each: -each.estimated_bytes)
    ]
    with ThreadPoolExecutor(THREADS) as threads:
        started = time.perf_counter()
        for made in [threads.submit(make) for make in makes]:
            made.result()
        return time.perf_counter() - started
