"""Small TIFFs of every kind: depths, channels, planes, layouts, byte orders, colour spaces, compressions.

Each case is a file, with what a second decoder makes of it, or with the words by which its kind is to be refused.
"""

from __future__ import annotations

import io
import itertools
import struct
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import imagecodecs
import numpy as np
import numpy.typing as npt
import tifffile
from PIL import Image
from second_decoder import Floats, read_tiff

HEIGHT, WIDTH = 19, 37
"""Neither a multiple of a tile, a byte, nor a block."""

COMPRESSIONS = ("none", "lzw", "zlib", "deflate", "packbits", "lzma", "zstd")
ORDERS = ("<", ">")
LAYOUTS: dict[str, dict[str, Any]] = {
    "one strip": {"rowsperstrip": HEIGHT},
    "strips": {"rowsperstrip": 4},
    "tiles": {"tile": (16, 32)},
}
TYPES = ("u1", "u2", "u4", "u8", "i1", "i2", "i4", "f2", "f4", "f8")


class Channels(NamedTuple):
    """What the samples of a pixel mean, as tifffile writes it."""

    count: int
    photometric: str
    extra: tuple[int, ...] = ()


CHANNELS = {
    "grey": Channels(1, "minisblack"),
    "white-is-zero": Channels(1, "miniswhite"),
    "grey and alpha": Channels(2, "minisblack", (2,)),
    "grey times alpha": Channels(2, "minisblack", (1,)),
    "grey and more": Channels(3, "minisblack", (0, 0)),
    "RGB": Channels(3, "rgb"),
    "RGBA": Channels(4, "rgb", (2,)),
    "RGB times alpha": Channels(4, "rgb", (1,)),
    "RGB and more": Channels(5, "rgb", (0, 0)),
    "CMYK": Channels(4, "separated"),
    "CMYK and alpha": Channels(5, "separated", (2,)),
}


class Case(NamedTuple):
    """One file. `expected` is None if it is to be refused in words that contain `refusal`."""

    name: str
    data: bytes
    expected: Floats | None
    refusal: str = ""
    tolerance: float = 1e-6


@cache
def values(kind: str, channels: int, seed: int = 0) -> npt.NDArray[Any]:
    """Random samples with both ends of their range in them: [H,W,C]."""
    random = np.random.default_rng(seed)
    shape = HEIGHT, WIDTH, channels
    if kind[0] == "f":
        found = random.random(shape).astype(kind)
        found[:2] = [[[0.0]], [[1.0]]]
        return found
    ends = np.iinfo(kind)
    found = random.integers(ends.min, ends.max, shape, dtype=kind, endpoint=True)
    found[:2] = [[[ends.min]], [[ends.max]]]
    return found


def times_alpha(samples: npt.NDArray[Any], kind: str) -> npt.NDArray[Any]:
    """The same with no colour above its alpha, as multiplied ones are."""
    samples = samples.copy()
    samples[..., :-1] = np.minimum(samples[..., :-1], samples[..., -1:])
    return samples


def tiff(samples: npt.NDArray[Any], channels: Channels, *, planar: bool = False, **options: Any) -> bytes:
    """Write a TIFF with tifffile."""
    planar = planar and channels.count > 1
    array = np.moveaxis(samples, -1, 0) if planar else samples
    array = array[..., 0] if channels.count == 1 else array
    if options.get("compression") == "none":
        options.pop("compression")
    file = io.BytesIO()
    tifffile.imwrite(
        file,
        np.ascontiguousarray(array),
        photometric=channels.photometric,
        planarconfig=("separate" if planar else "contig") if channels.count > 1 else None,
        extrasamples=channels.extra or None,
        metadata=None,
        **options,
    )
    return file.getvalue()


def tiff_case(name: str, kind: str, channels: Channels, **options: Any) -> Case:
    samples = values(kind, channels.count)
    if 1 in channels.extra:
        samples = times_alpha(samples, kind)
    data = tiff(samples, channels, **options)
    if kind[0] == "i":
        return Case(name, data, None, f"signed {8 * int(kind[1])}-bit")
    # Dividing by alpha and joining CMYK round once more than the second decoder, to the depth of the file.
    steps = {"u1": 1 / 255, "u2": 1 / 65535}.get(kind, 0)
    exact = not (1 in channels.extra or channels.photometric == "separated")
    return Case(name, data, read_tiff(data), tolerance=(1e-6 if exact else max(steps, 2e-3 if kind == "f2" else 1e-5)))


def tiffs_of_every_depth() -> Iterator[Case]:
    """Number formats × channels × planes × layouts × byte orders, each with the next compression."""
    compressions = itertools.cycle(COMPRESSIONS)
    for kind, (name, channels), planar, layout, order in itertools.product(
        TYPES, CHANNELS.items(), (False, True), LAYOUTS, ORDERS
    ):
        if planar and channels.count == 1:
            continue
        compression = next(compressions)
        label = f"{kind} {name}{' planes' * planar} {layout} {order} {compression}"
        yield tiff_case(
            label, kind, channels, planar=planar, byteorder=order, compression=compression, **LAYOUTS[layout]
        )


def tiffs_of_every_compression() -> Iterator[Case]:
    """Compressions × predictors × number formats × layouts × byte orders, for grey, colours, and planes."""
    orders = itertools.cycle(ORDERS)
    for compression, predictor, kind, layout, (name, planar) in itertools.product(
        COMPRESSIONS[1:], (1, 2, 3), ("u1", "u2", "u4", "f2", "f4", "f8"), LAYOUTS,
        (("grey", False), ("RGB", False), ("RGBA", True)),
    ):  # fmt: skip
        order = next(orders)
        if (compression == "packbits" and predictor > 1) or (predictor == 3 and kind[0] != "f"):
            continue
        if predictor == 2 and kind[0] == "f":
            continue
        label = f"{compression} predictor {predictor} {kind} {name}{' planes' * planar} {layout} {order}"
        yield tiff_case(
            label, kind, CHANNELS[name], planar=planar, byteorder=order, compression=compression,
            predictor=predictor if predictor > 1 else None, **LAYOUTS[layout],
        )  # fmt: skip


def tiffs_of_few_bits() -> Iterator[Case]:
    """Depths that share bytes × channels × strips × byte orders × compressions × orders of bits."""
    compressions = itertools.cycle(("none", "lzw", "zlib", "packbits"))
    for bits, name, rows, order, fill in itertools.product(
        (1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15), ("grey", "white-is-zero", "RGB"), (4, HEIGHT), ORDERS, (1, 2)
    ):
        channels, kind = CHANNELS[name], "u1" if bits < 9 else "u2"
        samples = values(kind, channels.count) >> (8 * int(kind[1]) - bits)
        compression = next(compressions)
        data = built_tiff(
            [packed(samples[top : top + rows], bits) for top in range(0, HEIGHT, rows)], order,
            compression=compression, fill=fill, bits=bits, samples=channels.count, rows=rows,
            photometric={"grey": 1, "white-is-zero": 0, "RGB": 2}[name],
        )  # fmt: skip
        expected = samples / (2.0**bits - 1)
        label = f"{bits} bits {name} {rows} rows {order} {compression} bits from {['left', 'right'][fill - 1]}"
        yield Case(label, data, 1 - expected if name == "white-is-zero" else expected, tolerance=1e-5)


def tiffs_with_palettes() -> Iterator[Case]:
    """Places of 1 to 16 bits × compressions × strips × byte orders, with colours of 8 and of 16 bits."""
    random = np.random.default_rng(5)
    for bits, compression, rows, order, depth in itertools.product(
        (1, 2, 4, 8, 16), ("none", "lzw", "zlib", "packbits"), (4, HEIGHT), ORDERS, (8, 16)
    ):
        if bits == 16 and compression != "lzw":
            continue
        kind = "u2" if bits == 16 else "u1"
        samples = values(kind, 1) >> (8 * int(kind[1]) - bits)
        colors = random.integers(0, 256, (3, 2**bits)) * 257 if depth == 8 else random.integers(0, 65536, (3, 2**bits))
        data = built_tiff(
            [packed(samples[top : top + rows], bits, order) for top in range(0, HEIGHT, rows)], order,
            compression=compression, bits=bits, samples=1, rows=rows, photometric=3, colors=colors,
        )  # fmt: skip
        name = f"palette of {depth}-bit colours {bits} bits {compression} {rows} rows {order}"
        yield Case(name, data, colors.T[samples[..., 0]] / 65535)


def packed(samples: npt.NDArray[Any], bits: int, order: str = ">") -> bytes:
    """Rows [H,W,C] with that many bits a sample, each row padded to a byte."""
    if bits == 16:
        return samples.astype(f"{order}u2").tobytes()
    spread = (samples[..., None].astype(np.uint32) >> np.arange(bits - 1, -1, -1)) & 1
    return np.packbits(spread.reshape(len(samples), -1).astype(np.uint8), axis=1).tobytes()


def built_tiff(
    pieces: list[bytes], order: str, *, compression: str | int = "none", fill: int = 1, bits: int = 8, samples: int = 1,
    photometric: int = 1, rows: int = HEIGHT, colors: npt.NDArray[Any] | None = None,
    more: dict[int, int | bytes] | None = None,
) -> bytes:  # fmt: skip
    """Write a TIFF by hand, for what tifffile does not write; `more` has further fields, bytes as they are."""
    code, encode = _ENCODERS.get(compression, (compression, bytes))
    stored = [encode(piece) for piece in pieces]
    if fill == 2:
        stored = [imagecodecs.bitorder_encode(piece) for piece in stored]
    fields: dict[int, Any] = {
        256: WIDTH, 257: HEIGHT, 258: (bits,) * samples, 259: code, 262: photometric, 266: fill, 277: samples,
        273: tuple(itertools.accumulate(map(len, stored), initial=8))[:-1], 278: rows, 279: tuple(map(len, stored)),
        **(more or {}),
    }  # fmt: skip
    if colors is not None:
        fields[320] = tuple(int(value) for value in colors.reshape(-1))
    body = b"".join(stored) + bytes(sum(map(len, stored)) % 2)
    entries, place = b"", 8 + len(body) + 2 + 12 * len(fields) + 4
    extra = b""
    for tag, value in sorted(fields.items()):
        if isinstance(value, bytes):
            kind, count, raw = 7, len(value), value
        else:
            many = value if isinstance(value, tuple) else (value,)
            kind, count = (3 if tag in {258, 320} else 4), len(many)
            raw = struct.pack(f"{order}{count}{'H' if kind == 3 else 'I'}", *many)
        if len(raw) > 4:
            raw, extra = struct.pack(f"{order}I", place + len(extra)), extra + raw + bytes(len(raw) % 2)
        entries += struct.pack(f"{order}HHI", tag, kind, count) + raw.ljust(4, b"\0")
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HI", 42, 8 + len(body))
    return head + body + struct.pack(f"{order}H", len(fields)) + entries + bytes(4) + extra


_ENCODERS: dict[str | int, tuple[int, Any]] = {
    "none": (1, bytes),
    "lzw": (5, imagecodecs.lzw_encode),
    "zlib": (8, imagecodecs.zlib_encode),
    "packbits": (32773, imagecodecs.packbits_encode),
}


def tiffs_of_pictures() -> Iterator[Case]:
    """JPEG and WebP pieces, with and without shared tables, and CCITT, in strips and tiles."""
    smooth = soft(3)
    for compression, (name, channels), planar, layout, order in itertools.product(
        ("jpeg", "webp"), (("grey", CHANNELS["grey"]), ("RGB", CHANNELS["RGB"]), ("RGBA", CHANNELS["RGBA"]),
                           ("YCbCr", Channels(3, "ycbcr")), ("CMYK", CHANNELS["CMYK"])),
        (False, True), LAYOUTS, ORDERS,
    ):  # fmt: skip
        layout_of = {"one strip": {"rowsperstrip": 24}, "strips": {"rowsperstrip": 8}, "tiles": {"tile": (16, 32)}}[
            layout
        ]
        if compression == "webp" and (name not in {"RGB", "RGBA"} or planar):
            continue
        if compression == "jpeg" and (planar if name in {"grey", "YCbCr"} else channels.count == 4 and not planar):
            continue
        samples = np.concatenate((smooth, 255 - smooth[..., :1]), axis=2)[..., : channels.count]
        data = tiff(
            samples, channels, planar=planar, byteorder=order, compression=compression,
            compressionargs={"lossless": True} if compression == "webp" else {"level": 95}, **layout_of,
        )  # fmt: skip
        label = f"{compression} {name}{' planes' * planar} {layout} {order}"
        yield Case(label, data, read_tiff(data), tolerance=4.1 / 255 if compression == "jpeg" else 1e-6)


def soft(channels: int) -> npt.NDArray[np.uint8]:
    """A picture without hard edges, for compressions that lose something."""
    down, across = np.mgrid[:HEIGHT, :WIDTH]
    waves = [128 + 100 * np.sin(down / (5 + place) + place) * np.cos(across / (7 - place)) for place in range(channels)]
    return np.stack(waves, axis=2).astype(np.uint8)


def tiffs_of_jpegs_by_hand() -> Iterator[Case]:
    """JPEG pieces of four channels, which libjpeg would take for inverted CMYK, and pieces that share their tables."""
    smooth = np.concatenate((soft(3), 255 - soft(1)), axis=2)
    for name, rows, order, shared in itertools.product(("RGBA", "CMYK", "RGB"), (8, HEIGHT), ORDERS, (False, True)):
        channels = CHANNELS[name]
        parts = [smooth[top : top + rows, :, : channels.count] for top in range(0, HEIGHT, rows)]
        kind = {"colorspace": "RGB", "outcolorspace": "RGB"} if name == "RGB" else {}
        pieces = [imagecodecs.jpeg8_encode(np.ascontiguousarray(part), level=95, **kind) for part in parts]
        more: dict[int, int | bytes] = {338: 2} if name == "RGBA" else {}
        if shared:
            tables, pieces = _without_tables(pieces)
            more[347] = tables
        data = built_tiff(
            pieces,
            order,
            compression=7,
            samples=channels.count,
            rows=rows,
            more=more,
            photometric={"CMYK": 5}.get(name, 2),
        )
        yield Case(f"jpeg by hand {name} {rows} {order} shared {shared}", data, read_tiff(data), tolerance=4.1 / 255)


def _without_tables(pieces: list[bytes]) -> tuple[bytes, list[bytes]]:
    """Move the quantization and Huffman tables, the same in all pieces, into a stream of their own."""
    tables, bare = b"", []
    for piece in pieces:
        tables, rest, place = b"", b"", 2
        while piece[place + 1] != 0xDA:
            end = place + 2 + int.from_bytes(piece[place + 2 : place + 4], "big")
            if piece[place + 1] in {0xDB, 0xC4}:
                tables += piece[place:end]
            else:
                rest += piece[place:end]
            place = end
        bare.append(b"\xff\xd8" + rest + piece[place:])
    return b"\xff\xd8" + tables + b"\xff\xd9", bare


def tiffs_of_fax() -> Iterator[Case]:
    """CCITT compressions, as Pillow writes them."""
    bits = values("u1", 1)[..., 0] > 127
    for compression, photometric in itertools.product(("tiff_ccitt", "group3", "group4"), (0, 1)):
        file = io.BytesIO()
        Image.fromarray(bits).save(file, "TIFF", compression=compression, tiffinfo={262: photometric})
        yield Case(f"{compression} photometric {photometric}", file.getvalue(), read_by_libtiff(file.getvalue()))


def read_by_libtiff(data: bytes) -> Floats:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image)[..., None].astype(np.float64)


def tiffs_turned() -> Iterator[Case]:
    """Each orientation × kinds × layouts."""
    for orientation, kind, name, layout in itertools.product(
        range(1, 9), ("u1", "u2", "f4"), ("grey", "RGBA"), LAYOUTS
    ):
        samples = values(kind, CHANNELS[name].count)
        data = tiff(samples, CHANNELS[name], extratags=[(274, 3, 1, orientation, True)], **LAYOUTS[layout])
        expected = read_tiff(data)
        expected = expected.swapaxes(0, 1) if orientation > 4 else expected
        expected = expected[:, ::-1] if orientation in {2, 3, 6, 7} else expected
        expected = expected[::-1] if orientation in {3, 4, 7, 8} else expected
        yield Case(f"orientation {orientation} {kind} {name} {layout}", data, expected)


def big_tiffs() -> Iterator[Case]:
    for kind, layout, order, compression in itertools.product(("u1", "u2", "f4"), LAYOUTS, ORDERS, ("none", "lzw")):
        data = tiff(
            values(kind, 3), CHANNELS["RGB"], bigtiff=True, byteorder=order, compression=compression, **LAYOUTS[layout]
        )
        yield Case(f"BigTIFF {kind} {layout} {order} {compression}", data, read_tiff(data))


def refused_tiffs() -> Iterator[Case]:
    """Kinds that are not decoded: each is named, and none is called damaged."""
    flat = [values("u1", 3).tobytes()]
    for photometric, name in ((8, "CIELab"), (9, "ICCLab"), (10, "ITULab"), (6, "YCbCr"), (32845, "LogLuv")):
        data = built_tiff(flat, "<", samples=3, photometric=photometric)
        yield Case(f"photometric {photometric}", data, None, f"8-bit {name} TIFF")
    for photometric in (32803, 34892):
        data = built_tiff(flat, "<", samples=3, photometric=photometric)
        yield Case(f"photometric {photometric}", data, None, "a camera's raw picture")
    for compression, name in (
        (34712, "JPEG 2000"), (50002, "JPEG XL"), (34887, "LERC"), (32809, "ThunderScan"), (34676, "SGILog"),
        (6, "old-style JPEG"),
    ):  # fmt: skip
        data = built_tiff(flat, "<", compression=compression, samples=3, photometric=2)
        yield Case(f"compression {compression}", data, None, f"{name} compression")
    yield Case("compression 12345", built_tiff(flat, "<", compression=12345, samples=3), None, "compression 12345")
    yield Case("inks", built_tiff(flat, "<", samples=4, photometric=5, more={332: 2}), None, "8-bit CMYK TIFF")
    yield Case("24 bits", built_tiff(flat, "<", bits=24), None, "24-bit grey TIFF")
    yield Case(
        "32-bit JPEG", built_tiff(flat, "<", bits=32, compression=7), None, "32-bit grey TIFF with JPEG compression"
    )
    yield Case("predictor 9", built_tiff(flat, "<", compression="lzw", more={317: 9}), None, "with predictor 9")
    yield Case("predictor 3", built_tiff(flat, "<", compression="lzw", more={317: 3}), None, "with predictor 3")
    yield Case("complex", built_tiff(flat, "<", bits=64, more={339: 6}), None, "a complex 64-bit grey TIFF")
    yield Case("raw", built_tiff(flat, "<", samples=3, photometric=2, more={50706: 1}), None, "a camera's raw picture")


ALL = (
    tiffs_of_every_depth, tiffs_of_every_compression, tiffs_of_few_bits, tiffs_with_palettes, tiffs_of_pictures,
    tiffs_of_jpegs_by_hand, tiffs_of_fax, tiffs_turned, big_tiffs, refused_tiffs,
)  # fmt: skip
