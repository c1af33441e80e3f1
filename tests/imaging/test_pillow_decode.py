"""Other programs' pictures: every kind of pixel as Pillow reads it, or better where Pillow drops bits."""

from __future__ import annotations

import io
import itertools
import zlib

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps, features

from datasete.imaging.pillow_decode import apply_orientation
from datasete.imaging.png import decode_image

RANDOM = np.random.default_rng(7)
COLORS = RANDOM.integers(0, 256, (13, 17, 4), dtype=np.uint8)
ORIENTATION = 0x0112
AVIF = pytest.mark.skipif(not features.check("avif"), reason="this Pillow was built without AVIF")


def saved(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def image_of(mode: str) -> Image.Image:
    return Image.fromarray(COLORS if mode.endswith("A") else COLORS[..., :3]).convert(mode)


def as_pillow_reads(data: bytes, mode: str) -> torch.Tensor:
    with Image.open(io.BytesIO(data)) as image:
        pixels = np.asarray(image.convert(mode))
    return torch.from_numpy(pixels.reshape(*pixels.shape[:2], -1) / np.float32(255))


@pytest.mark.parametrize(
    ("mode", "read_as"), [("1", "L"), ("L", "L"), ("LA", "RGBA"), ("P", "RGB"), ("RGB", "RGB"), ("RGBA", "RGBA")]
)
@pytest.mark.parametrize("options", [{}, {"optimize": True}, {"compress_level": 0}])
def test_pngs_of_every_mode_read_as_pillow_reads_them(mode, read_as, options, limits):
    data = saved(image_of(mode), **options)
    assert torch.equal(decode_image(data, limits), as_pillow_reads(data, read_as))


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_palettes_of_every_depth(bits, limits):
    image = image_of("RGB").quantize(2**bits)
    data = saved(image, bits=bits)
    assert torch.equal(decode_image(data, limits), as_pillow_reads(data, "RGB"))


@pytest.mark.parametrize("transparency", [3, bytes([0, 128, 255, 7])])
def test_palettes_with_transparency(transparency, limits):
    data = saved(image_of("RGB").quantize(8), transparency=transparency)
    assert torch.equal(decode_image(data, limits), as_pillow_reads(data, "RGBA"))


@pytest.mark.parametrize(("mode", "key"), [("L", 100), ("RGB", (10, 20, 30))])
def test_one_transparent_colour(mode, key, limits):
    image = image_of(mode)
    image.putpixel((4, 5), key)
    data = saved(image, transparency=key)
    pixels = decode_image(data, limits)
    assert torch.equal(pixels, as_pillow_reads(data, "RGBA"))
    assert pixels[5, 4, 3] == 0


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_grey_of_few_bits_with_one_transparent_grey(bits, build, limits):
    levels = 2**bits
    packed = bytes([sum(level << 8 - bits * (place + 1) for place, level in enumerate([0, 1] * (4 // bits)))])
    width = 8 // bits
    data = build.file(
        build.header(width, 1, bits, 0),
        build.chunk(b"tRNS", (1).to_bytes(2, "big")),
        build.chunk(b"IDAT", zlib.compress(b"\0" + packed)),
        build.chunk(b"IEND"),
    )
    pixels = decode_image(data, limits)
    shown = pixels[0, : 2 * (4 // bits)].tolist()
    low, high = [0, 0, 0, 1], [pytest.approx(1 / (levels - 1))] * 3 + [0]
    assert shown == list(itertools.islice(itertools.cycle([low, high]), len(shown)))


@pytest.mark.parametrize(("color", "channels"), [(0, 1), (2, 3), (4, 2), (6, 4)])
@pytest.mark.parametrize("filters", [[0], [1], [2], [3], [4], [4, 3, 2, 1, 0]])
def test_16_bits_keep_their_precision_under_every_filter(color, channels, filters, build, limits):
    deep = RANDOM.integers(0, 65536, (9, 11, channels), dtype=np.uint16)
    pixels = decode_image(build.picture(deep, color, filters=filters), limits)
    expected = deep if channels != 2 else deep[..., [0, 0, 0, 1]]
    assert torch.equal(pixels, torch.from_numpy(expected / np.float32(65535)))


@pytest.mark.parametrize(("color", "channels"), [(0, 1), (2, 3)])
def test_16_bits_with_one_transparent_colour(color, channels, build, limits):
    deep = RANDOM.integers(0, 65536, (4, 5, channels), dtype=np.uint16)
    key = build.chunk(b"tRNS", deep[2, 3].astype(">u2").tobytes())
    pixels = decode_image(build.picture(deep, color, key), limits)
    assert pixels[2, 3, 3] == 0
    assert pixels[..., 3].sum() == 19
    expected = torch.from_numpy(np.broadcast_to(deep, (4, 5, 3)) / np.float32(65535))
    assert torch.equal(pixels[..., :3], expected)


@pytest.mark.parametrize(("color", "channels"), [(0, 1), (2, 3), (4, 2), (6, 4)])
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
@pytest.mark.parametrize(("height", "width"), [(1, 1), (3, 2), (8, 8), (13, 10)])
def test_interlaced_pictures(color, channels, depth, height, width, build, limits):
    array = RANDOM.integers(0, np.iinfo(depth).max + 1, (height, width, channels), dtype=depth)
    starts = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    passes = [array[y::dy, x::dx] for x, y, dx, dy in starts]
    stream = b"".join(build.rows(part, [4, 1]) for part in passes if part.size)
    data = build.file(
        build.header(width, height, array.dtype.itemsize * 8, color, interlace=1),
        build.chunk(b"IDAT", zlib.compress(stream)),
        build.chunk(b"IEND"),
    )
    expected = array if channels != 2 else array[..., [0, 0, 0, 1]]
    assert torch.equal(decode_image(data, limits), torch.from_numpy(expected / np.float32(np.iinfo(depth).max)))


@pytest.mark.parametrize(
    ("kind", "mode", "read_as", "options"),
    [
        ("JPEG", "RGB", "RGB", {}),
        ("JPEG", "L", "L", {}),
        ("JPEG", "CMYK", "RGB", {}),
        ("JPEG", "RGB", "RGB", {"progressive": True}),
        ("WEBP", "RGB", "RGB", {"lossless": True}),
        ("WEBP", "RGBA", "RGBA", {"lossless": True}),
        ("GIF", "P", "RGB", {}),
        ("GIF", "L", "RGB", {}),
        ("BMP", "RGB", "RGB", {}),
        ("BMP", "1", "L", {}),
        ("TIFF", "RGB", "RGB", {}),
        ("TIFF", "RGBA", "RGBA", {}),
        ("TIFF", "L", "L", {"compression": "tiff_lzw"}),
        ("JPEG2000", "RGB", "RGB", {}),
        ("PPM", "RGB", "RGB", {}),
        pytest.param("AVIF", "RGB", "RGB", {}, marks=AVIF),
        pytest.param("AVIF", "RGBA", "RGBA", {}, marks=AVIF),
    ],
)
def test_other_formats_read_as_pillow_reads_them(kind, mode, read_as, options, limits):
    data = saved(image_of(mode), kind, **options)
    pixels = decode_image(data, limits)
    with Image.open(io.BytesIO(data)) as image:
        read_as = "L" if kind == "GIF" and image.mode == "L" else read_as
    assert torch.equal(pixels, as_pillow_reads(data, read_as))


@pytest.mark.parametrize("kind", ["TIFF", "PPM"])
def test_grey_of_16_bits_in_other_formats(kind, limits):
    deep = RANDOM.integers(0, 65536, (5, 6), dtype=np.uint16)
    pixels = decode_image(saved(Image.fromarray(deep), kind), limits)
    assert torch.equal(pixels[..., 0], torch.from_numpy(deep / np.float32(65535)))


def test_floats_are_held_within_bounds(limits):
    image = Image.fromarray(np.array([[0.25, -1.0, 7.0, float("nan")]], np.float32))
    assert decode_image(saved(image, "TIFF"), limits).ravel().tolist() == [0.25, 0, 1, 0]


def test_an_animation_gives_its_first_frame(limits):
    frames = [Image.new("RGB", (4, 4), color) for color in ("red", "blue", "lime")]
    for kind in ("PNG", "WEBP", "GIF"):
        options = {"lossless": True} if kind == "WEBP" else {}
        data = saved(frames[0], kind, save_all=True, append_images=frames[1:], **options)
        assert (decode_image(data, limits)[..., :3] == torch.tensor([1.0, 0, 0])).all()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "JPEG"])
def test_exif_orientation_is_applied(kind, orientation, limits):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    data = saved(image_of("RGB"), kind, exif=exif, **({"lossless": True} if kind == "WEBP" else {}))
    with Image.open(io.BytesIO(data)) as image:
        expected = np.asarray(ImageOps.exif_transpose(image))
    assert torch.equal(decode_image(data, limits), torch.from_numpy(expected / np.float32(255)))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turning_is_a_view(orientation):
    array = np.zeros((3, 4, 1), np.uint8)
    assert apply_orientation(array, orientation).base is not None or orientation == 1


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_damaged_exif_leaves_the_picture_as_it_is_stored(limits):
    data = saved(image_of("RGB"), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + bytes(range(60)))
    assert torch.equal(decode_image(data, limits), as_pillow_reads(data, "RGB"))
