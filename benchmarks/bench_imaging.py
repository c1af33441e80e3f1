"""Pictures to bytes and back, at 3840 × 2160, beside Pillow with its defaults. Ratios of best times, in one run.

The baseline gets its pixels as bytes already; ours begin with the float tensor. Pillow decodes the very files that ours
decodes.
"""

from __future__ import annotations

import base64
import io
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import torch
from PIL import Image
from verdict import Figure, conclude

from datasete.config import LimitSettings
from datasete.imaging.deflate import CODEC
from datasete.imaging.png import decode_image, decode_mask, encode_image, encode_mask
from datasete.imaging.previews import preview_bytes, render_preview
from datasete.imaging.seal import Seal, read_seal, seal

HEIGHT, WIDTH = 2160, 3840
LIMITS = LimitSettings()
MEMORY = """
import pathlib, re, torch
from datasete.imaging.png import encode_image
def peak():
    return 1024 * int(re.search(r"VmHWM:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1])
frame = torch.rand(2160, 3840, 3)
encode_image(frame[:200])
before = peak()
data = encode_image(frame)
print((peak() - before) / frame.numel())
"""
IMPORT = "import time; started = time.process_time(); import datasete.imaging.image_header, datasete.imaging.seal; \
print(1000 * (time.process_time() - started))"


def photograph() -> torch.Tensor:
    """Slopes, soft detail and sensor noise [H,W,3], in 256ths."""
    random = np.random.default_rng(0)
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    slopes = [0.5 + 0.24 * np.sin(columns / 700 + shift) + 0.16 * np.cos(rows / 500 - shift) for shift in range(3)]
    detail = random.normal(0, 0.02, (HEIGHT // 4, WIDTH // 4, 3)).repeat(4, 0).repeat(4, 1)
    noise = random.normal(0, 0.008, (HEIGHT, WIDTH, 3))
    pixels = np.clip(np.stack(slopes, -1) + detail + noise, 0, 1)
    return torch.from_numpy((np.rint(pixels * 255) / 255).astype(np.float32))


def painted() -> torch.Tensor:
    """A mask [H,W] with one soft stroke."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    distance = np.abs(rows - HEIGHT / 2 - 400 * np.sin(columns / 600))
    return torch.from_numpy(np.clip((260 - distance) / 60, 0, 1))


def race(rounds: int, **works: Callable[[], object]) -> dict[str, float]:
    """The best time of each in seconds; they take turns, so that a busy moment does not strike one alone."""
    best = dict.fromkeys(works, float("inf"))
    for _ in range(rounds):
        for name, work in works.items():
            started = time.perf_counter()
            work()
            best[name] = min(best[name], time.perf_counter() - started)
    return best


def pillow_png(pixels: np.ndarray) -> bytes:
    """Pillow's default."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def shown_whole(pixels: np.ndarray) -> bytes:
    """What a plain implementation sends to a browser."""
    return base64.b64encode(pillow_png(pixels))


def pillow_floats(data: bytes) -> np.ndarray:
    """Pillow's pixels as float32 0..1."""
    return np.asarray(Image.open(io.BytesIO(data))).astype(np.float32) / np.float32(255)


def in_fresh_process(program: str) -> float:
    """What a program prints."""
    return float(subprocess.run([sys.executable, "-c", program], check=True, capture_output=True).stdout)


def main() -> int:
    """Measure, and check on the way that what is fast is also right."""
    frame, mask = photograph(), painted()
    pixels, grey = ((part.numpy() * 255).round().astype(np.uint8) for part in (frame, mask))
    plain, plain_mask = encode_image(frame), encode_mask(mask)
    ours, our_mask = seal(plain, Seal("t")), seal(plain_mask, Seal("t"))
    assert torch.equal(decode_image(ours, LIMITS), frame)
    assert np.array_equal(pillow_floats(ours), frame.numpy())
    assert read_seal(ours).kind == "sealed"

    whole, small = shown_whole(pixels), render_preview(frame, 512)[0]
    slow = race(3, encode=lambda: (pillow_png(pixels), pillow_png(grey)), show=lambda: shown_whole(pixels))
    fast = race(
        15,
        publish=lambda: (seal(encode_image(frame), Seal("t")), seal(encode_mask(mask), Seal("t"))),
        encode_picture=lambda: encode_image(frame),
        encode_mask=lambda: encode_mask(mask),
        seal_picture=lambda: seal(plain, Seal("t")),
        check_seal=lambda: read_seal(ours),
        decode=lambda: (decode_image(ours, LIMITS), decode_mask(our_mask, LIMITS)),
        pillow_decode=lambda: (pillow_floats(ours), pillow_floats(our_mask)),
        show=lambda: render_preview(frame, 512),
        show_file=lambda: preview_bytes(ours, 512, LIMITS),
    )
    print(f"{CODEC.name}, {len(ours) / 1e6:.1f} MB; Pillow {len(whole) * 3 / 4e6:.1f} MB. Milliseconds:")
    for name, took in {**fast, **{f"Pillow's {name}": took for name, took in slow.items()}}.items():
        print(f"    {name:<26} {1000 * took:7.0f}")
    return conclude(
        Figure(
            "encode and seal picture and mask, against Pillow's default",
            slow["encode"] / fast["publish"],
            30,
            "×",
            at_least=True,
        ),
        Figure("decode both to float32, against Pillow", fast["pillow_decode"] / fast["decode"], 4, "×", at_least=True),
        Figure("preview, against a base64 PNG: time", slow["show"] / fast["show"], 30, "×", at_least=True),
        Figure("preview, against a base64 PNG: bytes", len(whole) / len(small), 100, "×", at_least=True),
        Figure("memory of an encode of noise, in 8-bit pictures", in_fresh_process(MEMORY), 1.5, "×"),
        Figure("importing header and seal", min(in_fresh_process(IMPORT) for _ in range(5)), 50, "ms"),
    )


if __name__ == "__main__":
    sys.exit(main())
