"""Pools on the local disk: edits of a small pool beside those of one with 10,000 pictures; profiles out and in beside a
plain copy of the same files; thumbnails beside Pillow's PNG. Ratios of medians, all sides taking turns, in one run;
what a turn left behind is removed, and the disk at rest, before the next one is timed.
"""

from __future__ import annotations

import io
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import numpy as np
from bench_imaging import photograph
from PIL import Image
from verdict import Figure, conclude

from datasete.config import PluginSettings
from datasete.hooks.manager import Hooks, build_hooks
from datasete.imaging.png import encode_image
from datasete.plugin import Space
from datasete.pools import Pools, Upload, commands, view
from datasete.profiles import Profiles
from datasete.profiles.transfer import ProfileTransfer
from datasete.storage import Storage
from datasete_fsspec.local import LocalStore

SMALL, LARGE = 10, 10_000
TURNS = 25
CARRIED, UNLIKE, ROUNDS = 60, 6, 9
TINY = (8, 8)

MEMORY = """
import pathlib, re, sys
sys.path.insert(0, {here!r})
from bench_pools import services
def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1]) / 1024
*_, transfer = services({folder!r})
transfer.formats()
source = transfer.source({profile!r}, "x")
idle = peak()
with open({file!r}, "wb") as file:
    transfer.export(source, "datasete-zip", file)
out = peak() - idle
with open({file!r}, "rb") as file:
    transfer.import_(file)
print(out, peak() - idle)
"""


def services(folder: str) -> tuple[Pools, Profiles, ProfileTransfer]:
    """Everything over a folder."""
    hooks: Hooks = build_hooks(PluginSettings())
    pools = Pools(Storage(LocalStore(folder), Space("pools", folder)))
    profiles = Profiles(pools)
    return pools, profiles, ProfileTransfer(profiles, hooks)


def png(number: int, size: tuple[int, int]) -> bytes:
    """Noise, which no compressor makes small."""
    pixels = np.random.default_rng(number).integers(0, 256, (*size, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=1)
    return file.getvalue()


@dataclass(frozen=True)
class Side:
    """What is timed, and what clears the way for it and is not."""

    call: Callable[[], object]
    before: Callable[[], object] = lambda: None


def medians(calls: int, *sides: Side) -> list[float]:
    """Seconds of each side's median call, taking turns; none pays for what another has left to the disk."""
    times: list[list[float]] = [[] for _ in sides]
    for _ in range(calls):
        for side, kept in zip(sides, times, strict=True):
            side.before()
            os.sync()
            started = time.perf_counter()
            side.call()
            kept.append(time.perf_counter() - started)
    return [statistics.median(kept) for kept in times]


def editing(folder: str) -> list[Figure]:
    """Adding a picture and writing a label, few beside many."""
    pools, *_ = services(folder)
    tiny = png(0, TINY)
    for name, pictures in (("small", SMALL), ("large", LARGE)):
        pools.add(name, [Upload(tiny)] * pictures)
    usual, numbers = png(1, (1024, 1024)), count()

    def label(pool: str) -> Side:
        image = pools.name_at(pool, SMALL // 2)
        return Side(lambda: pools.edit(pool, commands.label(image, f"label {next(numbers)}")))

    labels = medians(TURNS, label("small"), label("large"))
    shown = medians(TURNS, *(Side(lambda pool=pool: view(pools.manifest(pool), 0, 50)) for pool in ("small", "large")))
    added = medians(TURNS, *(Side(lambda pool=pool: pools.add(pool, [Upload(usual)])) for pool in ("small", "large")))
    print(
        f"label {1000 * labels[0]:.1f} and {1000 * labels[1]:.1f} ms, add a picture of {len(usual) / 1e6:.1f} MB "
        f"{1000 * added[0]:.1f} and {1000 * added[1]:.1f} ms, first page {1000 * shown[1]:.1f} ms"
    )
    return [
        Figure(f"adding a picture, at {LARGE:,} beside {SMALL}", added[1] / added[0], 1.5, "×"),
        Figure(f"writing a label, at {LARGE:,} beside {SMALL}", labels[1] / labels[0], 3, "×"),
    ]


def carrying(folder: str, elsewhere: str) -> list[Figure]:
    """A profile out and in, beside copying its folder and syncing every file of the copy."""
    pools, profiles, transfer = services(folder)
    profile = profiles.create("carried")
    unlike = [Upload(png(number, (1080, 1920))) for number in range(UNLIKE)]
    pools.add(profile.id, [unlike[number % UNLIKE] for number in range(CARRIED)])
    source, file, target = str(Path(folder, profile.id)), Path(elsewhere, "profile.zip"), Path(elsewhere, "copy")
    size = sum(path.stat().st_size for path in Path(source).iterdir())

    def copy() -> None:
        subprocess.run(["cp", "-r", source, str(target)], check=True)
        for path in (*target.iterdir(), target):
            sync(path)

    def export() -> None:
        with file.open("wb") as sink:
            transfer.export(transfer.source(profile.id, "carried"), "datasete-zip", sink)
            sink.flush()
            os.fsync(sink.fileno())

    made = []

    def import_() -> None:
        with file.open("rb") as packed:
            made.append(transfer.import_(packed).id)

    def tidy() -> None:
        for profile_id in made:
            profiles.delete(profile_id)
        made.clear()

    copied, exported, imported = medians(
        ROUNDS,
        Side(copy, before=lambda: shutil.rmtree(target, ignore_errors=True)),
        Side(export, before=lambda: file.unlink(missing_ok=True)),
        Side(import_, before=tidy),
    )
    memory = subprocess.run(
        [
            sys.executable,
            "-c",
            MEMORY.format(here=str(Path(__file__).parent), folder=folder, profile=profile.id, file=str(file)),
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    rate = size / 1e6
    print(f"copy {rate / copied:.0f}, export {rate / exported:.0f}, import {rate / imported:.0f} MB/s of {rate:.0f} MB")
    return [
        Figure("export, of the speed of a copy with fsync", 100 * copied / exported, 80, "%", at_least=True),
        Figure("import, of the speed of a copy with fsync", 100 * copied / imported, 60, "%", at_least=True),
        Figure("memory of an export, above idle", float(memory[0]), 64, "MB"),
        Figure("memory of an import, above idle", float(memory[1]), 64, "MB"),
    ]


def sync(path: Path) -> None:
    """Wait for the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def looking(folder: str) -> list[Figure]:
    """A thumbnail of a 4K picture, new and kept, beside Pillow's PNG of the whole."""
    pools, *_ = services(folder)
    frame = photograph()
    pools.add("p", [Upload(encode_image(frame))])
    pixels = np.rint(frame.numpy() * 255).astype(np.uint8)
    (slow,) = medians(2, Side(lambda: Image.fromarray(pixels).save(io.BytesIO(), "PNG")))
    sizes = count(128)  # a size that was not asked for before is rendered
    (fresh,) = medians(5, Side(lambda: pools.thumbnail("p", "img_0001.png", next(sizes))))
    kept = []
    for _ in range(200):
        started = time.perf_counter()
        pools.thumbnail("p", "img_0001.png", 128)
        kept.append(time.perf_counter() - started)
    print(f"thumbnail {1000 * fresh:.0f} ms, Pillow's PNG {1000 * slow:.0f} ms")
    return [
        Figure("thumbnail of a 4K picture, of Pillow's PNG of it", 100 * fresh / slow, 5, "%"),
        Figure("thumbnail from the cache, median", 1000 * statistics.median(kept), 5, "ms"),
    ]


def main() -> int:
    """Measure everything in folders of its own on the local disk."""
    with (
        tempfile.TemporaryDirectory() as one,
        tempfile.TemporaryDirectory() as two,
        tempfile.TemporaryDirectory() as three,
    ):
        return conclude(*editing(one), *carrying(two, three), *looking(two))


if __name__ == "__main__":
    sys.exit(main())
