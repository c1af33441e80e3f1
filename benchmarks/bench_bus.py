"""The bus on the local disk: one 3840 × 2160 picture with its mask, beside Pillow; and a list of 10,000 slots.

Every publish replaces a picture, keeps it in the history and waits for the disk. Times are the best of some, with both
sides taking turns; listing is measured warm.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from bench_imaging import painted, photograph
from PIL import Image
from verdict import Figure, best, conclude

from datasete.bus import Bus
from datasete.config import LimitSettings
from datasete.imaging.batches import decode_batch, encode_batch
from datasete.imaging.png import encode_mask
from datasete.plugin import Space
from datasete.storage import Storage
from datasete_fsspec.local import LocalStore

ROUNDS = 3
TURNS = 6
SLOTS = 10_000
LIMITS = LimitSettings()

MEMORY = """
import pathlib, re, sys, tempfile, torch
sys.path.insert(0, {here!r})
from bench_bus import bus_in, publish
def peak():
    return 1024 * int(re.search(r"VmHWM:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1])
frame, mask = torch.load({pictures!r})
with tempfile.TemporaryDirectory() as folder:
    bus = bus_in(folder)
    publish(bus, frame[:200], mask[:200])
    bus.flush()
    before = peak()
    publish(bus, frame, mask)
    publish(bus, frame, mask)
    bus.close()
    print((peak() - before) / frame.numel())
"""


def bus_in(folder: str) -> Bus:
    """A bus on the local disk."""
    return Bus(Storage(LocalStore(folder), Space("bus", folder)))


def publish(bus: Bus, frame: torch.Tensor, mask: torch.Tensor) -> None:
    """What a gate does with a picture that passes."""
    bus.publish("slot", *encode_batch(frame[None], mask[None]))


def load(bus: Bus) -> tuple[torch.Tensor, torch.Tensor]:
    """What a gate does with a slot."""
    slot = bus.load("slot")
    (frame,), (mask,) = decode_batch(slot.images, slot.masks, LIMITS)
    return frame, mask


def pillow_files(frame: torch.Tensor, mask: torch.Tensor) -> tuple[bytes, bytes]:
    """The same two files by Pillow with its defaults, without any disk."""
    return tuple(_pillow(np.rint(part.numpy() * 255).astype(np.uint8)) for part in (frame, mask))


def published_files(bus: Bus) -> tuple[bytes, bytes]:
    """What lies in the slot."""
    slot = bus.load("slot")
    return slot.images[0], slot.masks[0]


def pillow_load(files: tuple[bytes, bytes]) -> list[torch.Tensor]:
    """Both files to float tensors by Pillow."""
    return [torch.from_numpy(np.asarray(Image.open(io.BytesIO(data)), dtype=np.float32) / 255) for data in files]


def publishing(folder: str) -> list[Figure]:
    """How many times Pillow's encoder a publish is, and Pillow's decoder a load."""
    bus, frame, mask = bus_in(folder), photograph(), painted()
    publish(bus, frame, mask)
    files = published_files(bus)
    (slow,) = best(lambda: pillow_files(frame, mask), turns=ROUNDS)
    (ours,) = best(lambda: (publish(bus, frame, mask), bus.flush())[0], turns=TURNS)
    _, settled = best(bus.flush, lambda: publish(bus, frame, mask), turns=TURNS)
    decoded, loaded = best(lambda: pillow_load(files), lambda: load(bus), turns=TURNS)
    assert torch.equal(load(bus)[0], (frame * 255).round() / 255)
    bus.close()
    print(f"publish {settled:.0f} ms ({ours:.0f} ms with what follows), load {loaded:.0f} ms")
    return [
        Figure("publish, as many times as fast as Pillow's encoder", slow / settled, 20, "×", at_least=True),
        Figure("load, as many times as fast as Pillow's decoder", decoded / loaded, 4, "×", at_least=True),
    ]


def remembering() -> Figure:
    """Memory of a publish over a previous one, above the tensors, in sizes of the 8-bit picture."""
    with tempfile.TemporaryDirectory() as folder:
        pictures = str(Path(folder, "pictures"))
        torch.save((photograph(), painted()), pictures)
        program = MEMORY.format(here=str(Path(__file__).parent), pictures=pictures)
        run = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    return Figure("memory of a publish, above the tensor", float(run.stdout), 2.5, "×")


def listing(folder: str) -> Figure:
    """A list of many slots, each with a version, beside a bare scan of their folders."""
    picture = encode_mask(torch.zeros(8, 8))
    for number in range(SLOTS):
        for place in (Path(folder, f"slot {number}"), Path(folder, ".versions", f"slot {number}", "0" * 32)):
            place.mkdir(parents=True)
            for name in ("image.png", "mask.png"):
                (place / name).write_bytes(picture)
    bus = bus_in(folder)
    assert len(bus.list()) == SLOTS
    bare, ours = best(lambda: bare_scan(folder), bus.list, turns=TURNS)
    print(f"list of {SLOTS:,} slots {ours:.0f} ms, bare scan {bare:.0f} ms")
    return Figure("list, in bare two-level scans of the same folders", ours / bare, 3, "×")


def bare_scan(folder: str) -> int:
    """How many files there are two levels deep."""
    with os.scandir(folder) as slots:
        return sum(len(list(os.scandir(slot.path))) for slot in slots if not slot.name.startswith("."))


def main() -> int:
    """Measure everything in folders of its own on the local disk."""
    with tempfile.TemporaryDirectory() as pictures, tempfile.TemporaryDirectory() as slots:
        return conclude(*publishing(pictures), remembering(), listing(slots))


def _pillow(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


if __name__ == "__main__":
    sys.exit(main())
