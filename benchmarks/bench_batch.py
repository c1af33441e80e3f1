"""What batches cost: listing a large folder, a step in it, the ledger's size, memory, and the saver's formats."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from statistics import median

import numpy as np
import torch
from PIL import Image
from verdict import Figure, conclude

from datasete.batch.ledger import Ledger
from datasete.batch.service import Batches
from datasete.batch.state import CONTINUE, STOP, Batch, Entry, ItemState, Progress
from datasete.config import LimitSettings, PluginSettings
from datasete.hooks.manager import build_hooks
from datasete.imaging.png import decode_image, encode_image
from datasete.nodes.encoding import encode
from datasete.testing.runs import MemoryRuns, memory_host

MANY_FILES, FEW_FILES, MILLION_FILES = 100_000, 100, 1_000_000
TIMED_ROUNDS = 5


def best(call: Callable[[], object], rounds: int = TIMED_ROUNDS) -> float:
    """Seconds of the quickest of some calls: what the machine's other work adds is left out."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def fill(root: Path, count: int) -> Path:
    """A folder of `count` empty pictures."""
    folder = root / "input" / "photos"
    folder.mkdir(parents=True)
    for number in range(count):
        os.close(os.open(folder / f"IMG_{number}.jpg", os.O_CREAT | os.O_WRONLY))
    return folder


@contextmanager
def batches_in_memory(root: Path) -> Iterator[tuple[Batches, MemoryRuns]]:
    """Batches on a host in memory."""
    host, runs = memory_host(root)
    hooks = build_hooks(PluginSettings(only=("datasete_queue",)))
    batches = Batches(host, hooks, root / "user" / "batches.sqlite")
    yield batches, runs
    batches.close()
    hooks.close()


def take(batches: Batches) -> None:
    """What a loader does in a run, without the picture."""
    loaders = batches.loaders
    source, call = loaders.source("photos"), loaders.current_call(CONTINUE, STOP, 0)
    loaders.fingerprint(source, call)
    loaders.begin(source, call)


def first_item(folder: Path, root: Path) -> Figure:
    """From nothing to the first file of a large folder, against a bare listing with a plain sort."""

    def bare() -> None:
        with os.scandir(folder) as entries:
            sorted([entry.name for entry in entries])

    def first() -> float:
        shutil.rmtree(root / "user", ignore_errors=True)
        with batches_in_memory(root) as (batches, runs):
            runs.press({"1": {"class_type": "BatchImageLoader", "inputs": {}}})
            start = time.perf_counter()
            runs.run_next(lambda _: take(batches))
            return time.perf_counter() - start

    ratio = min(first() for _ in range(TIMED_ROUNDS)) / best(bare)
    return Figure(f"first file of {MANY_FILES:,}, against a bare listing and sort", ratio, 4, "x")


def steps(root: Path, count: int) -> list[float]:
    """Seconds of each of `count` steps: IS_CHANGED, begin, settle, trigger."""
    took = []
    with batches_in_memory(root) as (batches, runs):
        runs.press({"1": {"class_type": "BatchImageLoader", "inputs": {}}}, client_id="tab")
        runs.run_next(lambda _: take(batches))
        for _ in range(count):
            start = time.perf_counter()
            runs.run_next(lambda _: take(batches))
            took.append(time.perf_counter() - start)
            runs.history.clear()
    return took


def ledger_size(root: Path) -> Figure:
    """Bytes in the ledger for each of a million files that are done."""
    ledger = Ledger(root / "million.sqlite")
    entry = ledger.add("k", "", "/photos", "*.jpg", 1)
    with ledger.writing():
        ledger.replace_names(entry, [f"holiday_photograph_{number:07d}.jpeg" for number in range(MILLION_FILES)])
        ledger.save(entry, Batch(progress=Progress(total=MILLION_FILES)), 1)
        for number in range(MILLION_FILES):
            ledger.record(entry, number, ItemState.DONE, "0b4f9d84-6a52-4f6c-8f5e-2f1d0f6f0f6f", 1_700_000_000_000)
    ledger.close()
    return Figure("ledger, each of 1,000,000 files", (root / "million.sqlite").stat().st_size / MILLION_FILES, 300, "B")


def memory(root: Path) -> Figure:
    """The most memory that a pass over a large folder takes, from its start to its end."""
    shutil.rmtree(root / "user", ignore_errors=True)
    with batches_in_memory(root) as (batches, runs):
        runs.press({"1": {"class_type": "BatchImageLoader", "inputs": {"start": 0}}})
        tracemalloc.start()
        runs.run_next(lambda _: take(batches))
        for _ in range(200):
            runs.run_next(lambda _: take(batches))
        move_to_the_end(root, batches.all()[0])  # what lies between is the same
        runs.run_next(lambda _: take(batches))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return Figure(f"memory of a pass over {MANY_FILES:,} files", peak / 2**20, 64, "MiB")


def move_to_the_end(root: Path, entry: Entry) -> None:
    """Leave only the last file of a batch to do, in its ledger."""
    ledger = Ledger(root / "user" / "batches.sqlite")
    progress = replace(entry.batch.progress, position=entry.batch.progress.total - 1)
    ledger.save(entry, replace(entry.batch, progress=progress), entry.updated)
    ledger.close()


def photograph() -> torch.Tensor:
    """Two megapixels that compress about as a photograph does."""
    rng = np.random.default_rng(5)
    coarse = rng.integers(0, 256, (36, 48, 3), np.uint8)
    smooth = np.asarray(Image.fromarray(coarse).resize((1632, 1224), Image.Resampling.BICUBIC), np.int16)
    return torch.from_numpy(np.clip(smooth + rng.integers(-6, 7, smooth.shape), 0, 255).astype(np.uint8)).float() / 255


def formats(frame: torch.Tensor) -> list[Figure]:
    """The saver's formats against what they stand on."""

    def pillow(kind: str, **options: object) -> Callable[[], None]:
        def call() -> None:
            pixels = np.clip(255.0 * frame.numpy(), 0, 255).astype(np.uint8)  # as ComfyUI's own saver does
            Image.fromarray(pixels).save(BytesIO(), kind, **options)

        return call

    own = {
        "png": (lambda: encode(frame, "png", 100, {}), lambda: encode_image(frame)),
        "jpg": (lambda: encode(frame, "jpg", 90, {}), pillow("JPEG", quality=90)),
        "webp": (lambda: encode(frame, "webp", 90, {}), pillow("WEBP", quality=90)),
        "lossless webp": (lambda: encode(frame, "webp", 100, {}), pillow("WEBP", lossless=True, exact=True)),
    }
    names = {"png": "our encoder"}
    return [
        Figure(f"saver's {kind}, against {names.get(kind, 'Pillow')}", best(ours) / best(theirs), 1.1, "x")
        for kind, (ours, theirs) in own.items()
    ]


def main() -> int:
    """Measure everything."""
    root = Path(tempfile.mkdtemp(prefix="datasete-bench-"))
    try:
        folder = fill(root / "many", MANY_FILES)
        fill(root / "few", FEW_FILES)
        figures = [first_item(folder, root / "many")]
        shutil.rmtree(root / "many" / "user")
        many, few = median(steps(root / "many", FEW_FILES - 20)), median(steps(root / "few", FEW_FILES - 20))
        figures.append(Figure(f"a step at {MANY_FILES:,} files, against one at {FEW_FILES}", many / few, 1.2, "x"))
        file = BytesIO()
        frame = photograph()
        Image.fromarray((frame * 255).round().to(torch.uint8).numpy()).save(file, "JPEG", quality=90)
        load = best(lambda: decode_image(file.getvalue(), LimitSettings()))
        figures.append(Figure("a step, of loading a 2-megapixel JPEG", 100 * many / load, 5, "%"))
        figures += [ledger_size(root), memory(root / "many"), *formats(frame)]
        return conclude(*figures)
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    sys.exit(main())
