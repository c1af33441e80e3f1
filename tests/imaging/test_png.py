"""Tensors to PNG and back: lossless, readable by anyone, within memory."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import textwrap
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from datasete.config import LimitSettings
from datasete.errors import InvalidInput, TooLarge
from datasete.imaging.deflate import CODEC, ZLIB, Codec
from datasete.imaging.image_header import check_size
from datasete.imaging.png import decode_image, decode_mask, encode_image, encode_mask, mask_from_alpha, read_pixels

LIMITS = LimitSettings()
CODECS = pytest.mark.parametrize("codec", [CODEC, ZLIB], ids=lambda codec: codec.name)


class Counting:
    """zlib, counting what it is asked for: the codec of a machine without ISA-L, and proof that it is used."""

    error = zlib.error

    def __init__(self) -> None:
        self.packed = self.unpacked = 0

    def compressobj(self, *args):
        self.packed += 1
        return zlib.compressobj(*args)

    def decompressobj(self, *args):
        self.unpacked += 1
        return zlib.decompressobj(*args)

    def adler32(self, data):
        return zlib.adler32(data)


def pillow(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image)


def saved(array: np.ndarray, mode: str | None = None) -> bytes:
    file = io.BytesIO()
    image = Image.fromarray(array)
    (image.convert(mode) if mode else image).save(file, "PNG")
    return file.getvalue()


def check_strictly(data: bytes) -> list[bytes]:
    """Every rule of the format that a writer can break; returns the kinds of the chunks."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    position, kinds, stream = 8, [], b""
    while position < len(data):
        size, kind = struct.unpack_from(">I4s", data, position)
        body = data[position + 8 : position + 8 + size]
        assert struct.unpack_from(">I", data, position + 8 + size) == (zlib.crc32(kind + body),)
        kinds.append(kind)
        stream += body if kind == b"IDAT" else b""
        position += 12 + size
    width, height, bits, color, *rest = struct.unpack_from(">IIBBBBB", data, 16)
    inflater = zlib.decompressobj()
    rows = inflater.decompress(stream)
    assert (bits, rest) == (8, [0, 0, 0])
    assert inflater.eof
    assert not inflater.unused_data
    assert len(rows) == height * (1 + width * {0: 1, 2: 3, 6: 4}[color])
    assert (kinds[0], kinds[-1], position) == (b"IHDR", b"IEND", len(data))
    return kinds


@CODECS
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_all_256_values_come_back_bit_for_bit(channels, codec):
    values = np.arange(256 * channels, dtype=np.uint8).reshape(16, 16, channels)
    frame = torch.from_numpy(values.astype(np.float32) / np.float32(255))
    data = encode_image(frame, codec=codec)
    assert torch.equal(decode_image(data, LIMITS), frame)
    assert (pillow(data).reshape(values.shape) == values).all()


@CODECS
@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize(
    ("height", "width"), [(1, 1), (1, 5000), (5000, 1), (2, 3), (719, 1281), (1200, 2), (1100, 511), (3, 400_000)]
)
def test_sizes_of_every_kind_round_trip_and_open_elsewhere(height, width, channels, codec, make_frame):
    frame = make_frame(height, width, channels)
    data = encode_image(frame, codec=codec)
    check_strictly(data)
    assert torch.equal(decode_image(data, LIMITS), frame)
    expected = (frame.numpy() * 255).round().astype(np.uint8)
    assert (pillow(data).reshape(expected.shape) == expected).all()


@settings(max_examples=60)
@given(
    st.integers(1, 70),
    st.integers(1, 70),
    st.sampled_from([1, 3, 4]),
    st.integers(0, 2**32 - 1),
    st.sampled_from([CODEC, ZLIB]),
    st.sampled_from([CODEC, ZLIB]),
)
def test_any_picture_round_trips_between_any_two_codecs(height, width, channels, seed, writer, reader):
    values = np.random.default_rng(seed).integers(0, 256, (height, width, channels), dtype=np.uint8)
    frame = torch.from_numpy(values.astype(np.float32) / np.float32(255))
    data = encode_image(frame, codec=writer)
    check_strictly(data)
    assert torch.equal(decode_image(data, LIMITS, codec=reader), frame)
    assert (pillow(data).reshape(values.shape) == values).all()


def test_a_picture_of_several_strips_is_read_without_pillow(make_frame):
    engine = Counting()
    data = encode_image(make_frame(900, 1500, 3), codec=Codec("counting", engine))
    strips = data.count(b"IDAT") - 1
    assert engine.packed == strips > 3
    decode_image(data, LIMITS, codec=Codec("counting", engine))
    assert engine.unpacked == strips


@CODECS
def test_values_are_rounded_clamped_and_never_nan(codec):
    values = [0.499, 0.501, 1.49, 1.51, 254.49, 254.51, 255.4, 300.0, -3.0, float("inf"), float("-inf"), float("nan")]
    frame = torch.tensor(values).reshape(1, -1, 1) / 255
    assert pillow(encode_image(frame, codec=codec)).tolist() == [[0, 1, 1, 2, 254, 255, 255, 255, 0, 255, 0, 0]]


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame.flip(0),
        lambda frame: frame.permute(1, 0, 2),
        lambda frame: frame[::2, ::3],
        lambda frame: frame[:1].expand(40, -1, -1),
        lambda frame: frame.double(),
        lambda frame: frame.clone().requires_grad_(),
    ],
)
def test_any_view_and_precision_is_taken(change, make_frame):
    frame = change(make_frame(60, 50, 3))
    assert torch.equal(decode_image(encode_image(frame), LIMITS), frame.detach().float())


def test_half_precision_is_taken():
    values = torch.arange(256) / 255
    assert pillow(encode_image(values.half().reshape(16, 16, 1))).ravel().tolist() == list(range(256))


@pytest.mark.parametrize(
    "frame",
    [
        torch.zeros(4, 4),
        torch.zeros(4, 4, 2),
        torch.zeros(4, 4, 5),
        torch.zeros(1, 4, 4, 3),
        torch.zeros(0, 4, 3),
        torch.zeros(4, 0, 3),
        torch.zeros(4, 4, 3, dtype=torch.uint8),
    ],
)
def test_what_is_no_picture_is_refused(frame):
    with pytest.raises(InvalidInput, match="A picture must be"):
        encode_image(frame)


@pytest.mark.parametrize("mask", [torch.zeros(4), torch.zeros(1, 4, 4), torch.zeros(0, 4)])
def test_what_is_no_mask_is_refused(mask):
    with pytest.raises(InvalidInput, match="must be"):
        encode_mask(mask)


def test_texts_are_carried(make_frame):
    texts = {"prompt": '{"1": {}}', "workflow": "Grüße 顔 😀"}
    data = encode_image(make_frame(4, 4, 3), texts=texts)
    assert check_strictly(data)[:3] == [b"IHDR", b"tEXt", b"iTXt"]
    with Image.open(io.BytesIO(data)) as image:
        assert dict(image.text) == texts
    assert torch.equal(decode_image(data, LIMITS), make_frame(4, 4, 3))


@pytest.mark.parametrize(("keyword", "text"), [("", "x"), ("k" * 80, "x"), ("顔", "x"), ("k", "a\0b"), ("k\0", "b")])
def test_texts_that_png_cannot_hold_are_refused(keyword, text):
    with pytest.raises(InvalidInput, match="cannot carry a text"):
        encode_image(torch.zeros(1, 1, 3), texts={keyword: text})


@CODECS
def test_a_mask_is_grey_with_white_for_painted(codec):
    mask = torch.zeros(3, 5)
    mask[1, 2:] = 1
    data = encode_mask(mask, codec=codec)
    with Image.open(io.BytesIO(data)) as image:
        assert (image.mode, image.size) == ("L", (5, 3))
        assert np.asarray(image).tolist() == [[0] * 5, [0, 0, 255, 255, 255], [0] * 5]
    assert torch.equal(decode_mask(data, LIMITS, codec=codec), mask)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "1", "LA"])
def test_a_mask_in_colour_is_read_by_its_luma(mode):
    colors = np.random.default_rng(5).integers(0, 256, (9, 7, 3), dtype=np.uint8)
    data = saved(colors, mode)
    with Image.open(io.BytesIO(data)) as image:
        expected = np.asarray(image.convert("RGB").convert("L"))
    assert torch.equal(decode_mask(data, LIMITS), torch.from_numpy(expected / np.float32(255)))


def test_a_white_mask_in_colour_is_exactly_one():
    for painted in (torch.ones(40, 30, 3), torch.ones(40, 30, 4)):
        assert (decode_mask(encode_image(painted), LIMITS) == 1).all()


def test_a_mask_of_16_bits_keeps_its_precision(build):
    deep = np.array([[[0], [1], [32768], [65535]]], np.uint16)
    assert decode_mask(build.picture(deep, 0), LIMITS).tolist() == (deep[..., 0] / np.float32(65535)).tolist()
    colored = np.broadcast_to(deep, (1, 4, 3)).copy()
    assert decode_mask(build.picture(colored, 2), LIMITS).tolist() == (deep[..., 0] / np.float32(65535)).tolist()


def test_the_mask_editor_paints_by_transparency():
    pixels = np.full((2, 3, 4), 200, np.uint8)
    pixels[..., 3] = [[255, 0, 128], [255, 255, 1]]
    expected = torch.tensor([[0, 255, 127], [0, 0, 254]]) / 255
    assert torch.equal(mask_from_alpha(saved(pixels), LIMITS), expected)
    assert torch.equal(mask_from_alpha(encode_image(torch.from_numpy(pixels / np.float32(255))), LIMITS), expected)


def test_a_picture_without_transparency_has_nothing_painted():
    assert torch.equal(mask_from_alpha(saved(np.full((2, 3, 3), 9, np.uint8)), LIMITS), torch.zeros(2, 3))


def test_limits_hold_to_the_pixel_and_the_byte():
    data = encode_image(torch.zeros(10, 20, 3))
    exact = LimitSettings(image_bytes=len(data), image_pixels=200)
    assert decode_image(data, exact).shape == (10, 20, 3)
    for tight in (LimitSettings(image_bytes=len(data) - 1), LimitSettings(image_pixels=199)):
        for read in (decode_image, decode_mask, mask_from_alpha):
            with pytest.raises(TooLarge, match="at most"):
                read(data, tight)


def test_pixels_can_be_had_as_bytes(make_frame):
    frame = make_frame(300, 2000, 4)
    data = encode_image(frame)
    pixels = read_pixels(data, check_size(data, LIMITS))
    assert pixels.dtype == np.uint8
    assert (pixels == pillow(data)).all()


@CODECS
def test_a_file_shaped_like_ours_that_is_not_is_left_to_pillow(codec, make_frame):
    """Its strips refer to each other, as another writer's may: only the checksum over all of them can tell."""
    frame = make_frame(64, 64, 3)
    data = encode_image(frame)
    start = data.index(b"IDAT")
    size = int.from_bytes(data[start - 4 : start], "big")
    rows = zlib.decompressobj(-15).decompress(data[start + 6 : start + 4 + size])
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    row = len(rows) // 64
    pieces = [packer.compress(rows[: 32 * row]) + packer.flush(zlib.Z_SYNC_FLUSH)]
    pieces += [packer.compress(rows[32 * row :]) + packer.flush(zlib.Z_SYNC_FLUSH)]
    bodies = [b"\x78\x01" + pieces[0], pieces[1], b"\x03\x00" + struct.pack(">I", zlib.adler32(rows))]
    chunks = [
        struct.pack(">I", len(body)) + b"IDAT" + body + struct.pack(">I", zlib.crc32(b"IDAT" + body)) for body in bodies
    ]
    other = data[:33] + b"".join(chunks) + data[-12:]
    check_strictly(other)
    assert torch.equal(decode_image(other, LIMITS, codec=codec), frame)


def test_without_isal_everything_works_over_zlib():
    script = """
        import sys
        sys.modules["isal"] = sys.modules["isal.isal_zlib"] = None  # what an absent wheel looks like
        import torch
        from datasete.config import LimitSettings
        from datasete.imaging.deflate import CODEC
        from datasete.imaging.png import decode_image, encode_image
        frame = torch.arange(256).reshape(16, 16, 1) / 255
        assert torch.equal(decode_image(encode_image(frame), LimitSettings()), frame)
        print(CODEC.name)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout.strip() == "zlib", done.stderr


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells a process's own peak memory")
def test_encoding_takes_less_memory_than_one_and_a_half_copies_of_the_picture():
    """Noise, which no compressor makes smaller: the file itself is one such copy."""
    script = """
        import pathlib, re, torch
        from datasete.imaging.png import encode_image
        frame = torch.rand(3000, 5000, 3)
        encode_image(frame[:300])
        peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1])
        before = peak()
        data = encode_image(frame)
        print((peak() - before) * 1024 / frame.numel())
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert 0.5 < float(done.stdout) < 1.5
