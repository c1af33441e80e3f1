"""Small pictures of every kind in the formats other than TIFF, with what they hold or the words that refuse them."""

from __future__ import annotations

import io
import itertools
import struct
from collections.abc import Callable, Iterator
from typing import Any

import imagecodecs
import numpy as np
import numpy.typing as npt
from PIL import Image
from second_decoder import from_integers
from tiff_kinds import HEIGHT, WIDTH, Case, soft, values


def saved(array: npt.NDArray[Any], form: str, **options: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(array).save(file, form, **options)
    return file.getvalue()


def jpegs() -> Iterator[Case]:
    """Colour spaces × sampling × quality × progressive × restarts."""
    for name, sampling, progressive, restart, quality in itertools.product(
        ("L", "RGB", "CMYK"), (0, 1, 2), (False, True), (0, 1), (30, 95)
    ):
        if sampling and name != "RGB":
            continue
        options = {"subsampling": sampling} if name == "RGB" else {}
        file = io.BytesIO()
        Image.fromarray(soft(3)).convert(name).save(
            file, "JPEG", quality=quality, progressive=progressive, restart_marker_rows=restart, **options
        )
        data = file.getvalue()
        found = imagecodecs.jpeg8_decode(data)
        if name == "CMYK":  # Adobe stores it inverted, which is light already
            shares = found.astype(np.float64) / 255
            expected = shares[..., :3] * shares[..., 3:]
        else:
            expected = from_integers(found, 8)
        label = f"JPEG {name} sampling {sampling} progressive {progressive} restart {restart} quality {quality}"
        yield Case(label, data, expected, tolerance=4.1 / 255)
    deep = jpeg_of_12_bits(saved(soft(3), "JPEG"))
    yield Case("JPEG of 12 bits", deep, None, "a JPEG of 12 bits per channel")
    yield Case("lossless JPEG", deep.replace(b"\xff\xc0", b"\xff\xc3"), None, "a lossless JPEG")
    yield Case("hierarchical JPEG", deep.replace(b"\xff\xc0", b"\xff\xc5"), None, "a hierarchical JPEG")
    two = imagecodecs.jpeg8_encode(np.ascontiguousarray(soft(2)))
    yield Case("JPEG of two channels", two, None, "a JPEG with 2 channels")


def jpeg_of_12_bits(data: bytes) -> bytes:
    place = data.index(b"\xff\xc0") + 4
    return data[:place] + b"\x0c" + data[place + 1 :]


def jpeg2000s() -> Iterator[Case]:
    """Depths × channels × wrapped or bare × one resolution or several."""
    for bits, channels, wrapper, levels in itertools.product(range(1, 17), (1, 2, 3, 4), ("jp2", "j2k"), (1, 4)):
        kind = "u1" if bits < 9 else "u2"
        samples = values(kind, channels) >> (8 * int(kind[1]) - bits)
        array = samples[..., 0] if channels == 1 else samples
        data = imagecodecs.jpeg2k_encode(
            array, codecformat=wrapper, bitspersample=bits, resolutions=levels, reversible=True, mct=channels == 3
        )
        if bits > 8 and channels > 1:
            expected, refusal = None, f"a JPEG 2000 of {bits} bits in {channels} channels"
        else:
            expected, refusal = from_integers(imagecodecs.jpeg2k_decode(data).reshape(samples.shape), bits), ""
        yield Case(f"JPEG 2000 {bits} bits {channels} channels {wrapper} {levels}", data, expected, refusal, 1e-5)
    data = imagecodecs.jpeg2k_encode(values("i2", 1)[..., 0], reversible=True)
    yield Case("signed JPEG 2000", data, None, "a signed JPEG 2000")
    five = imagecodecs.jpeg2k_encode(values("u1", 5), reversible=True)
    yield Case("JPEG 2000 of five channels", five, None, "a JPEG 2000 with 5 channels")
    plain = imagecodecs.jpeg2k_encode(values("u1", 3), codecformat="j2k", reversible=True)
    sampled = plain[:47] + b"\x02" + plain[48:]
    yield Case("sampled JPEG 2000", sampled, None, "a JPEG 2000 with subsampled channels")


def pngs(build: Any) -> Iterator[Case]:
    """Kinds × depths × filters."""
    for (color, channels), kind, filters in itertools.product(
        ((0, 1), (2, 3), (4, 2), (6, 4)), ("u1", "u2"), ([0], [1], [2], [3], [4], [4, 0, 3, 1, 2])
    ):
        data = build.picture(values(kind, channels), color, filters=filters)
        found = imagecodecs.png_decode(data)
        yield Case(f"PNG {color} {kind} filters {filters}", data, from_integers(found, 8 * int(kind[1])))


def webps() -> Iterator[Case]:
    for name, lossless, quality in itertools.product(("RGB", "RGBA"), (True, False), (10, 80)):
        image = np.concatenate((soft(3), soft(1)), axis=2)[..., : len(name)]
        data = saved(np.ascontiguousarray(image), "WEBP", lossless=lossless, quality=quality, exact=True)
        expected = from_integers(imagecodecs.webp_decode(data, hasalpha=name == "RGBA"), 8)
        yield Case(f"WebP {name} lossless {lossless} {quality}", data, expected, tolerance=1.1 / 255)


def avifs() -> Iterator[Case]:
    """Depths × channels × sampling. Pillow returns 8 bits of each, and smooths sampled colours differently."""
    for bits, channels, sampling in itertools.product((8, 10, 12), (1, 3, 4), ("444", "420")):
        small = np.concatenate((soft(3), soft(1)), axis=2)[..., :channels]
        array = small if bits == 8 else small.astype(np.uint16) << (bits - 8)
        data = imagecodecs.avif_encode(
            array[..., 0] if channels == 1 else array,
            level=95,
            bitspersample=bits,
            pixelformat="400" if channels == 1 else sampling,
        )
        expected = from_integers(imagecodecs.avif_decode(data), bits)
        yield Case(
            f"AVIF {bits} bits {channels} channels {sampling}",
            data,
            expected,
            tolerance=(6 if sampling == "444" else 16) / 255,
        )


def gifs() -> Iterator[Case]:
    for colors, interlaced, clear in itertools.product((2, 16, 200), (0, 1), (None, 1)):
        image = Image.fromarray(values("u1", 3)).quantize(colors)
        file = io.BytesIO()
        image.save(file, "GIF", interlace=interlaced, **({} if clear is None else {"transparency": clear}))
        found = np.asarray(image.convert("RGB"))
        if clear is not None:
            found = np.dstack((found, np.where(np.asarray(image) == clear, 0, 255).astype(np.uint8)))
        yield Case(
            f"GIF {colors} colours interlaced {interlaced} clear {clear}", file.getvalue(), from_integers(found, 8)
        )


def pnms() -> Iterator[Case]:
    """Kinds × largest values × comments."""
    for kind, top, comment in itertools.product(
        "123456", (1, 3, 15, 100, 255, 256, 1023, 4095, 50000, 65535), ("", "# x\n")
    ):
        if kind in "14" and top > 1:
            continue
        channels = 3 if kind in "36" else 1
        numbers = (values("u2", channels).astype(np.uint64) * top + 32767) // 65535
        head = f"P{kind}\n{comment}{WIDTH} {comment}{HEIGHT}\n" + ("" if kind in "14" else f"{top}\n")
        body = _pnm_body(kind, numbers, top)
        expected = (top - numbers if kind in "14" else numbers).astype(np.float64) / top
        name = f"P{kind} of {top}{' with comments' * bool(comment)}"
        yield Case(name, head.encode() + body, expected, tolerance=1e-5)
    for letter, scale in itertools.product("fF", ("1.0", "-1.0", "-0.5", "255")):
        floats = values("f4", 3 if letter == "F" else 1)
        body = floats[::-1].astype("<f4" if scale.startswith("-") else ">f4").tobytes()
        yield Case(
            f"P{letter} {scale}", f"P{letter}\n{WIDTH} {HEIGHT}\n{scale}\n".encode() + body, floats.astype(np.float64)
        )


def _pnm_body(kind: str, numbers: npt.NDArray[Any], top: int) -> bytes:
    if kind == "1":
        return "\n".join("".join(map(str, row)) for row in numbers[..., 0].tolist()).encode()
    if kind in "23":
        return "\n".join(" ".join(map(str, row)) for row in numbers.reshape(HEIGHT, -1).tolist()).encode()
    if kind == "4":
        return np.packbits(numbers[..., 0].astype(np.uint8), axis=1).tobytes()
    return numbers.astype("u1" if top < 256 else ">u2").tobytes()


def bmps() -> Iterator[Case]:
    """Depths × headers × direction, palettes of few and of many colours, channel masks, run lengths."""
    random = np.random.default_rng(4)
    for bits, header, upward, few, grey in itertools.product(
        (1, 4, 8), (12, 40, 108, 124), (True, False), (True, False), (True, False)
    ):
        if header == 12 and (not upward or few):
            continue
        count = 2 if few else 2**bits
        places = values("u1", 1)[..., 0].astype(int) * count // 256
        colors = random.integers(0, 256, (count, 3))
        if grey:
            colors = np.linspace(0, 255, count).astype(int)[:, None].repeat(3, axis=1)
        spread = (places[..., None] >> np.arange(bits - 1, -1, -1)) & 1
        rows = np.packbits(spread.reshape(HEIGHT, -1).astype(np.uint8), axis=1)
        table = b"".join(bytes(color[::-1].astype(np.uint8)) + bytes(header > 12) for color in colors)
        data = bmp(rows, bits, header, upward, table=table, colors=count if few else 0)
        expected = colors[places] / 255
        name = f"BMP {bits} bits header {header} upward {upward} few {few} grey {grey}"
        yield Case(name, data, expected[..., :1] if grey else expected)
    masks = {
        (16, 0): ((0x7C00, 0x3E0, 0x1F, 0), False), (24, 0): ((0xFF0000, 0xFF00, 0xFF, 0), False),
        (32, 0): ((0xFF0000, 0xFF00, 0xFF, 0), False), (16, 1): ((0xF800, 0x7E0, 0x1F, 0), True),
        (16, 2): ((0xF00, 0xF0, 0xF, 0xF000), True), (32, 1): ((0xFF, 0xFF00, 0xFF0000, 0xFF000000), True),
        (32, 2): ((0xFF000000, 0xFF0000, 0xFF00, 0xFF), True), (32, 4): ((0xFF0000, 0xFF00, 0xFF, 0), True),
        (32, 3): ((0x3FF, 0xFFC00, 0x3FF00000, 0xC0000000), True),
    }  # fmt: skip
    for ((bits, number), (mask, named)), header, upward in itertools.product(
        masks.items(), (40, 108, 124), (True, False)
    ):
        if header == 40 and mask[3]:
            continue
        pixels = values("u4", 1)[..., 0].astype(np.uint32) >> (32 - bits)
        raw = pixels.astype("<u4").view(np.uint8).reshape(HEIGHT, WIDTH, 4)[..., : bits // 8].reshape(HEIGHT, -1)
        data = bmp(raw, bits, header, upward, masks=mask if named else None)
        lows = [(part & -part).bit_length() - 1 for part in mask if part]
        parts = [(pixels & part) >> low for part, low in zip(mask, lows, strict=False)]
        expected = np.stack([part / (full >> low) for part, full, low in zip(parts, mask, lows, strict=False)], axis=2)
        yield Case(f"BMP {bits} bits masks {number} header {header} upward {upward}", data, expected, tolerance=1e-5)
    yield from _run_length_bmps()
    for compression, name in ((4, "JPEG"), (5, "PNG"), (12, "CMYK")):
        data = bmp(np.zeros((HEIGHT, 148), np.uint8), 32, 40, True, compression=compression)
        yield Case(f"BMP of {name}", data, None, f"a BMP with {name} compression")
    odd = bmp(np.zeros((HEIGHT, 148), np.uint8), 32, 108, True, masks=(0xF0F, 0xF0, 0xF000, 0))
    yield Case("BMP with holes in its masks", odd, None, "a BMP with unusual channel masks")
    yield Case("BMP of 64 bits", bmp(np.zeros((HEIGHT, 300), np.uint8), 64, 40, True), None, "a BMP of 64 bits")


def bmp(
    rows: npt.NDArray[np.uint8], bits: int, header: int, upward: bool, *, table: bytes = b"", colors: int = 0,
    masks: tuple[int, ...] | None = None, compression: int | None = None, body: bytes | None = None,
) -> bytes:  # fmt: skip
    """Write a BMP by hand."""
    stored = b"".join(row.tobytes() + bytes(-row.size % 4) for row in (rows[::-1] if upward else rows))
    stored = stored if body is None else body
    code = (3 if masks else 0) if compression is None else compression
    if header == 12:
        head = struct.pack("<IHHHH", 12, WIDTH, HEIGHT, 1, bits)
    else:
        head = struct.pack(
            "<IiiHHIIiiII", header, WIDTH, HEIGHT if upward else -HEIGHT, 1, bits, code, len(stored), 0, 0, colors, 0
        )
        channels = struct.pack("<4I", *masks) if masks else b""
        head = head + channels[:12] if header == 40 else (head + channels).ljust(header, b"\0")
    start = 14 + len(head) + len(table)
    return b"BM" + struct.pack("<IHHI", start + len(stored), 0, 0, start) + head + table + stored


def _run_length_bmps() -> Iterator[Case]:
    colors = np.random.default_rng(4).integers(0, 256, (256, 3))
    for bits, encode in ((8, _runs), (8, _singles), (4, _nibbles)):
        count = 2**bits
        places = np.sort(values("u1", 1)[..., 0], axis=1).astype(int) * count // 256
        table = b"".join(bytes(color[::-1].astype(np.uint8)) + b"\0" for color in colors[:count])
        body = b"".join(encode(row.tolist()) + b"\0\0" for row in places[::-1]) + b"\0\1"
        data = bmp(
            np.zeros((1, 1), np.uint8), bits, 40, True, table=table, compression=1 if bits == 8 else 2, body=body
        )
        yield Case(f"BMP of run lengths {bits} {encode.__name__}", data, colors[places] / 255)
    table = b"".join(bytes(color[::-1].astype(np.uint8)) + b"\0" for color in colors)
    body = b"\5\7" + b"\0\2\3\2" + b"\4\x09" + b"\0\1"  # five, then three right and two up, then four
    expected = np.broadcast_to(colors[0], (HEIGHT, WIDTH, 3)).copy()
    expected[-1, :5], expected[-3, 8:12] = colors[7], colors[9]
    data = bmp(np.zeros((1, 1), np.uint8), 8, 40, True, table=table, compression=1, body=body)
    yield Case("BMP of run lengths with a jump", data, expected / 255)


def _runs(row: list[int]) -> bytes:
    return b"".join(bytes((len(list(same)), value)) for value, same in itertools.groupby(row))


def _singles(row: list[int]) -> bytes:
    return bytes((0, len(row))) + bytes(row) + bytes(len(row) % 2)


def _nibbles(row: list[int]) -> bytes:
    packed = bytes(a << 4 | b for a, b in zip(row[::2], [*row[1::2], 0], strict=False))
    return bytes((0, len(row))) + packed + bytes(len(packed) % 2)


ALL: tuple[Callable[[], Iterator[Case]], ...] = (jpegs, jpeg2000s, webps, avifs, gifs, pnms, bmps)
