"""What the imaging tests share: limits, pictures, and a builder for PNGs that need not obey the rules."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
import torch

from datasete.config import LimitSettings

SIGNATURE = b"\x89PNG\r\n\x1a\n"
SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


class PngBuilder:
    """Makes PNGs chunk by chunk, written without any of the code under test."""

    signature = SIGNATURE

    def chunk(self, kind: bytes, body: bytes = b"", *, crc: int | None = None, length: int | None = None) -> bytes:
        crc = zlib.crc32(kind + body) if crc is None else crc
        return struct.pack(">I", len(body) if length is None else length) + kind + body + struct.pack(">I", crc)

    def header(self, width=2, height=2, bits=8, color=2, compression=0, filtering=0, interlace=0) -> bytes:
        body = struct.pack(">IIBBBBB", width, height, bits, color, compression, filtering, interlace)
        return self.chunk(b"IHDR", body)

    def file(self, *chunks: bytes) -> bytes:
        return SIGNATURE + b"".join(chunks)

    def rows(self, array: np.ndarray, filters: list[int] | None = None) -> bytes:
        """The filtered stream of 8- or 16-bit pixels [H,W,C], with the given filter for each row in turn."""
        step = array.shape[2] * array.dtype.itemsize
        lines = array.astype(array.dtype.newbyteorder(">")).view(np.uint8).reshape(len(array), -1)
        above, out = np.zeros(lines.shape[1], np.uint8), []
        for number, line in enumerate(lines):
            kind = filters[number % len(filters)] if filters else 0
            out.append(bytes([kind]) + self._filtered(kind, line, above, step))
            above = line
        return b"".join(out)

    def picture(self, array: np.ndarray, color: int, *before: bytes, filters: list[int] | None = None) -> bytes:
        """A whole picture of 8- or 16-bit pixels [H,W,C]; `before` are chunks between header and pixels."""
        height, width, _ = array.shape
        header = self.header(width, height, array.dtype.itemsize * 8, color)
        pixels = self.chunk(b"IDAT", zlib.compress(self.rows(array, filters)))
        return self.file(header, *before, pixels, self.chunk(b"IEND"))

    def _filtered(self, kind: int, line: np.ndarray, above: np.ndarray, step: int) -> bytes:
        left = np.concatenate((np.zeros(step, np.uint8), line[:-step])).astype(int)
        corner = np.concatenate((np.zeros(step, np.uint8), above[:-step])).astype(int)
        up = above.astype(int)
        guess = left + up - corner
        distances = np.stack([abs(guess - left), abs(guess - up), abs(guess - corner)])
        paeth = np.stack([left, up, corner])[distances.argmin(0), np.arange(len(line))]
        return ((line - [0 * up, left, up, (left + up) // 2, paeth][kind]) % 256).astype(np.uint8).tobytes()


@pytest.fixture(scope="session")
def build() -> PngBuilder:
    return PngBuilder()


@pytest.fixture(scope="session")
def limits() -> LimitSettings:
    return LimitSettings()


@pytest.fixture(scope="session")
def make_frame() -> Callable[..., torch.Tensor]:
    """Pictures [H,W,C] whose values are exact 256ths, as they come from 8-bit files: a gradient with noise."""

    def make(height: int, width: int, channels: int, seed: int = 0) -> torch.Tensor:
        random = np.random.default_rng(seed)
        slope = np.linspace(20, 200, height)[:, None, None] + np.linspace(0, 40, width)[None, :, None]
        noise = random.normal(0, 3, (height, width, channels))
        return torch.from_numpy(np.clip(np.rint(slope + noise), 0, 255).astype(np.float32) / np.float32(255))

    return make
