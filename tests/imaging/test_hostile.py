"""PNGs made to mislead, and odd ones that are good all the same."""

from __future__ import annotations

import gzip
import subprocess
import sys
import textwrap
import zlib
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from datasete.errors import InvalidInput, TooLarge, UnreadableImage
from datasete.imaging.deflate import CODEC, ZLIB
from datasete.imaging.png import decode_image, decode_mask, encode_image, mask_from_alpha
from datasete.imaging.previews import preview_bytes
from datasete.imaging.seal import read_seal

PIXELS = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)


def good(b, *, idat=None, header=None, before=(), between=(), end=True):
    """A 2 × 2 RGB picture with parts exchanged."""
    body = zlib.compress(b.rows(PIXELS)) if idat is None else idat
    parts = [header or b.header(), *before, b.chunk(b"IDAT", body), *between]
    return b.file(*parts, *([b.chunk(b"IEND")] if end else []))


def deflated(data: bytes) -> bytes:
    """A piece of a deflate stream that can be followed by others."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush(zlib.Z_FULL_FLUSH)


def bomb(size_mb: int) -> bytes:
    """A zlib stream of that many megabytes of zeros, in a thousandth of them."""
    return b"\x78\x01" + deflated(bytes(1 << 20)) * size_mb + b"\x03\x00" + bytes(4)


def palette(b, entries: bytes | None, *, late=False, twice=False, key=None) -> bytes:
    chunks = [] if entries is None else [b.chunk(b"PLTE", entries)] * (2 if twice else 1)
    chunks += [] if key is None else [b.chunk(b"tRNS", key)]
    pixels = b.chunk(b"IDAT", zlib.compress(b.rows(PIXELS[..., :1])))
    order = [pixels, *chunks] if late else [*chunks, pixels]
    return b.file(b.header(color=3), *order, b.chunk(b"IEND"))


def key(b, color: int, body: bytes) -> bytes:
    return b.picture(PIXELS[..., :1] if color == 0 else PIXELS, color, b.chunk(b"tRNS", body))


def ours(change) -> bytes:
    """One of our own files, 64 rows high, with its bytes changed and the pixel chunks' checksums made to fit."""
    data = encode_image(torch.rand(64, 64, 3, generator=torch.Generator().manual_seed(1)))
    start = data.index(b"IDAT") + 4
    size = int.from_bytes(data[start - 8 : start - 4], "big")
    body = change(data[start : start + size])
    chunk = len(body).to_bytes(4, "big") + b"IDAT" + body + zlib.crc32(b"IDAT" + body).to_bytes(4, "big")
    return data[: start - 8] + chunk + data[start + size + 4 :]


def strip_bomb() -> bytes:
    return ours(lambda body: bomb(2000)[:-6])


UNREADABLE = {
    ("nothing", "is empty"): lambda b: b"",
    ("half a signature", "is not a PNG, JPEG"): lambda b: b.signature[:4],
    ("only a signature", "ends early"): lambda b: b.signature,
    ("plain text", "is not a PNG, JPEG"): lambda b: b"this is no picture at all, only words",
    ("an error page", "is not a PNG, JPEG"): lambda b: b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>",
    ("an archive", "is not a PNG, JPEG"): lambda b: b"PK\x03\x04" + bytes(200),
    ("line ends translated", "is not a PNG, JPEG"): lambda b: good(b).replace(b"\r\n", b"\n"),
    ("no header", "does not begin with a header"): lambda b: b.file(
        b.chunk(b"IDAT", zlib.compress(b.rows(PIXELS))), b.chunk(b"IEND")
    ),
    ("header too short", "does not begin with a header"): lambda b: good(b, header=b.chunk(b"IHDR", bytes(12))),
    ("header too long", "does not begin with a header"): lambda b: good(
        b, header=b.chunk(b"IHDR", b.header()[8:21] + b"\0")
    ),
    ("header twice", "has a part twice"): lambda b: good(b, before=[b.header()]),
    ("header's checksum wrong", "the header's checksum does not fit"): lambda b: good(
        b, header=b.header()[:-4] + bytes(4)
    ),
    ("no width", "impossible size"): lambda b: good(b, header=b.header(width=0)),
    ("no height", "impossible size"): lambda b: good(b, header=b.header(height=0)),
    ("negative width", "impossible size"): lambda b: good(b, header=b.header(width=2**31)),
    ("largest height", "impossible size"): lambda b: good(b, header=b.header(height=2**32 - 1)),
    ("three bits", "a kind of pixels that PNG does not have"): lambda b: good(b, header=b.header(bits=3)),
    ("colour type 5", "a kind of pixels that PNG does not have"): lambda b: good(b, header=b.header(color=5)),
    ("colour type 255", "a kind of pixels that PNG does not have"): lambda b: good(b, header=b.header(color=255)),
    ("palette of 16 bits", "a kind of pixels that PNG does not have"): lambda b: good(
        b, header=b.header(bits=16, color=3)
    ),
    ("unknown compression", "a kind of pixels that PNG does not have"): lambda b: good(
        b, header=b.header(compression=1)
    ),
    ("unknown filtering", "a kind of pixels that PNG does not have"): lambda b: good(b, header=b.header(filtering=64)),
    ("unknown interlacing", "a kind of pixels that PNG does not have"): lambda b: good(b, header=b.header(interlace=2)),
    ("more pixels than deflate can hold", "more than its data can hold"): lambda b: good(
        b, header=b.header(width=16000, height=16000)
    ),
    ("taller than its pixels", "ends in the middle of its pixels"): lambda b: good(b, header=b.header(height=3)),
    ("wider than its pixels", "ends in the middle of its pixels"): lambda b: good(b, header=b.header(width=3)),
    ("lower than its pixels", "holds more pixels than it declares"): lambda b: good(b, header=b.header(height=1)),
    ("narrower than its pixels", "holds more pixels than it declares"): lambda b: good(b, header=b.header(width=1)),
    ("more channels than its pixels", "ends in the middle of its pixels"): lambda b: good(b, header=b.header(color=6)),
    ("interlaced by name only", "ends in the middle of its pixels"): lambda b: good(
        b, header=b.header(width=9, height=9, interlace=1)
    ),
    ("sixteen bits by name only", "ends in the middle of its pixels"): lambda b: good(b, header=b.header(bits=16)),
    ("cut in the header", "ends early"): lambda b: good(b)[:20],
    ("cut in the pixels", "ends early"): lambda b: good(b)[:50],
    ("cut before the end", "ends early"): lambda b: good(b)[:-12],
    ("cut by one byte", "ends early"): lambda b: good(b)[:-1],
    ("no end", "ends early"): lambda b: good(b, end=False),
    ("the end first", "holds no pixels"): lambda b: b.file(b.header(), b.chunk(b"IEND")),
    ("no pixels", "holds no pixels"): lambda b: b.file(b.header(), b.chunk(b"tEXt", b"a\0b"), b.chunk(b"IEND")),
    ("empty pixels", "more than its data can hold"): lambda b: good(b, idat=b""),
    ("pixels' checksum wrong", "a checksum does not fit"): lambda b: b.file(
        b.header(), b.chunk(b"IDAT", zlib.compress(b.rows(PIXELS)), crc=1), b.chunk(b"IEND")
    ),
    ("pixels that are noise", "its pixel data cannot be unpacked"): lambda b: good(b, idat=bytes(range(256))),
    ("pixels packed by gzip", "its pixel data cannot be unpacked"): lambda b: good(
        b, idat=gzip.compress(b.rows(PIXELS))
    ),
    ("pixels not packed", "its pixel data cannot be unpacked"): lambda b: good(b, idat=b.rows(PIXELS)),
    ("pixels with a dictionary", "its pixel data cannot be unpacked"): lambda b: good(
        b, idat=b"\x78\xf9\x00\x00\x00\x01" + zlib.compress(b.rows(PIXELS))[2:]
    ),
    ("stream's checksum wrong", "its pixel data cannot be unpacked"): lambda b: good(
        b, idat=zlib.compress(b.rows(PIXELS))[:-4] + bytes(4)
    ),
    ("stream's checksum missing", "ends in the middle of its pixels"): lambda b: good(
        b, idat=zlib.compress(b.rows(PIXELS))[:-4]
    ),
    ("stream cut", "ends in the middle of its pixels"): lambda b: good(b, idat=zlib.compress(b.rows(PIXELS))[:8]),
    ("filter 7", "is damaged"): lambda b: good(b, idat=zlib.compress(b"\7" + bytes(6) + b"\0" + bytes(6))),
    ("four gigabytes for four pixels", "holds more pixels than it declares"): lambda b: good(b, idat=bomb(4000)),
    ("pixels torn apart", "torn apart"): lambda b: good(b, between=[b.chunk(b"tEXt", b"a\0b"), b.chunk(b"IDAT", b"")]),
    ("a critical part nobody knows", "needs a part called CgBI"): lambda b: good(
        b, before=[b.chunk(b"CgBI", bytes(4))]
    ),
    ("a part with no name", "a chunk was expected"): lambda b: good(b, before=[b.chunk(b"\0\0\0\0", bytes(4))]),
    ("a part longer than the file", "ends early"): lambda b: good(
        b, before=[b.chunk(b"tEXt", b"a\0b", length=2**31 - 1)]
    ),
    ("a part of four gigabytes", "ends early"): lambda b: good(b, before=[b.chunk(b"tEXt", b"a\0b", length=2**32 - 1)]),
    ("a hundred thousand parts", "more than 100,000 pieces"): lambda b: good(b, before=[b.chunk(b"teXt")] * 100_001),
    ("no palette", "no usable palette"): lambda b: palette(b, None),
    ("empty palette", "no usable palette"): lambda b: palette(b, b""),
    ("palette of broken colours", "no usable palette"): lambda b: palette(b, bytes(10)),
    ("palette of 257 colours", "no usable palette"): lambda b: palette(b, bytes(771)),
    ("palette behind the pixels", "palette behind its pixels"): lambda b: palette(b, bytes(9), late=True),
    ("palette twice", "has a part twice"): lambda b: palette(b, bytes(9), twice=True),
    ("transparent grey too short", "a transparency that does not fit"): lambda b: key(b, 0, b"\0"),
    ("transparent colour too short", "a transparency that does not fit"): lambda b: key(b, 2, bytes(2)),
    ("transparency of 300 colours", "a transparency that does not fit"): lambda b: palette(b, bytes(9), key=bytes(300)),
    ("our strip, inflating to two gigabytes", "holds more pixels than it declares"): lambda b: strip_bomb(),
    ("our strip, one byte short", "its pixel data cannot be unpacked"): lambda b: ours(lambda body: body[:-1]),
    ("our strip, with another filter", "is damaged"): lambda b: ours(
        lambda body: b"\x78\x01" + deflated(b"\5" * (64 * (1 + 64 * 3)))
    ),
}

GOOD = {
    "eight megabytes of text": lambda b: good(b, before=[b.chunk(b"tEXt", b"workflow\0" + b"x" * (8 << 20))]),
    "a text that inflates to gigabytes": lambda b: good(b, before=[b.chunk(b"zTXt", b"a\0\0" + bomb(4000))]),
    "a profile that inflates to gigabytes": lambda b: good(b, before=[b.chunk(b"iCCP", b"a\0\0" + bomb(4000))]),
    "a text without a keyword": lambda b: good(b, before=[b.chunk(b"tEXt", b"\0\0\0")]),
    "a text's checksum wrong": lambda b: good(b, before=[b.chunk(b"tEXt", b"a\0b", crc=0)]),
    "EXIF that is noise": lambda b: good(b, before=[b.chunk(b"eXIf", bytes(range(200)))]),
    "EXIF of two megabytes": lambda b: good(b, before=[b.chunk(b"eXIf", b"MM\0*" + bytes(2 << 20))]),
    "animated by name only": lambda b: good(b, before=[b.chunk(b"acTL", b"\xff" * 8)]),
    "an animation that makes no sense": lambda b: good(b, before=[b.chunk(b"fcTL", b"\xff" * 26)]),
    "a physical size that makes no sense": lambda b: good(b, before=[b.chunk(b"pHYs", b"\xff")]),
    "another picture behind the end": lambda b: good(b) + good(b),
    "noise behind the end": lambda b: good(b) + bytes(range(256)),
    "noise behind the stream": lambda b: good(b, idat=zlib.compress(b.rows(PIXELS)) + b"noise"),
    "pixels in pieces of one byte": lambda b: b.file(
        b.header(),
        *(b.chunk(b"IDAT", bytes([byte])) for byte in zlib.compress(b.rows(PIXELS))),
        b.chunk(b"IEND"),
    ),
    "empty pieces in between": lambda b: b.file(
        b.header(),
        b.chunk(b"IDAT"),
        b.chunk(b"IDAT", zlib.compress(b.rows(PIXELS))),
        b.chunk(b"IDAT"),
        b.chunk(b"IEND"),
    ),
    "a suggested palette": lambda b: good(b, before=[b.chunk(b"PLTE", bytes(9))]),
}


def test_there_are_enough_of_them():
    assert len(UNREADABLE) + len(GOOD) >= 60


@pytest.mark.parametrize("codec", [CODEC, ZLIB], ids=lambda codec: codec.name)
@pytest.mark.parametrize(("name", "reason"), UNREADABLE)
def test_is_refused_with_the_reason(name, reason, codec, build, limits):
    with pytest.raises(UnreadableImage, match=f"^The picture cannot be read: it .*{reason}.*\\.$") as caught:
        decode_image(UNREADABLE[name, reason](build), limits, codec=codec)
    assert "left as it was" in caught.value.hint


@pytest.mark.parametrize("read", [decode_mask, mask_from_alpha, partial(preview_bytes, size=64)])
@pytest.mark.parametrize(("name", "reason"), UNREADABLE)
def test_is_refused_by_every_reader(name, reason, read, build, limits):
    with pytest.raises(UnreadableImage, match=reason):
        read(UNREADABLE[name, reason](build), limits=limits)


@pytest.mark.parametrize("codec", [CODEC, ZLIB], ids=lambda codec: codec.name)
@pytest.mark.parametrize("name", GOOD)
def test_is_read_all_the_same(name, codec, build, limits):
    pixels = decode_image(GOOD[name](build), limits, codec=codec)
    assert torch.equal(pixels, torch.from_numpy(PIXELS / np.float32(255)))


@pytest.mark.parametrize("make", [*UNREADABLE.values(), *GOOD.values()])
def test_has_no_seal(make, build):
    assert read_seal(make(build)).kind == "none"


def test_more_pixels_than_allowed_are_refused_before_any_is_read(build, limits):
    width, height = 2**14 + 1, 2**14
    data = good(build, header=build.header(width=width, height=height), idat=bytes(width * height * 3 // 1000))
    with pytest.raises(TooLarge, match=r"16,385 × 16,384 pixels \(268\.5 megapixels\).*at most 268\.4"):
        decode_image(data, limits)


def test_every_cut_of_a_file_is_refused(limits):
    data = encode_image(torch.rand(5, 4, 3))
    for length in range(len(data)):
        with pytest.raises(UnreadableImage):
            decode_image(data[:length], limits)


def test_every_flipped_bit_is_refused_or_harmless(limits):
    frame = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (3, 4, 3)).astype(np.float32) / np.float32(255))
    data = encode_image(frame)
    for place in range(len(data) * 8):
        changed = bytearray(data)
        changed[place // 8] ^= 1 << place % 8
        try:
            assert torch.equal(decode_image(bytes(changed), limits), frame)
        except InvalidInput:
            continue


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells a process's own peak memory")
def test_memory_stays_bounded(tmp_path):
    script = tmp_path / "read_them_all.py"
    script.write_text(
        textwrap.dedent(f"""
        import importlib.util, pathlib, re
        def load(path, name):
            spec = importlib.util.spec_from_file_location(name, path)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            return module
        cases = load({str(Path(__file__))!r}, "cases")
        builder = load({str(Path(__file__).with_name("conftest.py"))!r}, "builder").PngBuilder()
        from datasete.config import LimitSettings
        from datasete.errors import UnreadableImage
        files = [make(builder) for make in (*cases.UNREADABLE.values(), *cases.GOOD.values())]
        cases.decode_image(cases.good(builder), LimitSettings())
        peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1])
        before = peak()
        for data in files:
            try:
                cases.decode_image(data, LimitSettings())
            except UnreadableImage:
                pass
        print((peak() - before) * 1024)
        """)
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=250, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 100e6
