"""Colours with an ICC profile become sRGB once, on every way in, unless they are to be left alone."""

from __future__ import annotations

import io
import zlib
from functools import partial

import numpy as np
import pytest
import torch
from PIL import Image
from profiles import ADOBE, DISPLAY_P3, GREY, PROPHOTO, SRGB, inks, shown
from tiff_kinds import CHANNELS, HEIGHT, WIDTH, soft, tiff, values

from datasete.config import LimitSettings
from datasete.imaging.colors import to_srgb
from datasete.imaging.frames import decode_frames
from datasete.imaging.png import decode_image, decode_mask, encode_image, mask_from_alpha
from datasete.imaging.previews import preview_bytes
from datasete.imaging.repack import as_png
from datasete.pools.admission import validate_mask, validate_upload

IGNORE = LimitSettings(color_profiles="ignore")
WIDE = {"AdobeRGB": ADOBE, "Display P3": DISPLAY_P3, "ProPhoto": PROPHOTO}
EACH = pytest.mark.parametrize("profile", WIDE.values(), ids=WIDE)
STEP = 1.01 / 255


def saved(array, form, profile, **options):
    file = io.BytesIO()
    Image.fromarray(array).save(file, form, icc_profile=profile, **options)
    return file.getvalue()


def jpeg2000(array, profile):
    """Pillow writes no profile here: it takes the place of the colour space's number."""
    file = io.BytesIO()
    Image.fromarray(array).save(file, "JPEG2000", irreversible=False)
    data = file.getvalue()
    if not profile:
        return data
    place = data.index(b"colr") - 4
    box = (len(profile) + 11).to_bytes(4, "big") + b"colr\x02\0\0" + profile
    header = data.index(b"jp2h") - 4
    grown = int.from_bytes(data[header : header + 4], "big") + len(box) - 15
    return data[:header] + grown.to_bytes(4, "big") + data[header + 4 : place] + box + data[place + 15 :]


def bmp(array, profile):
    rows = b"".join(row[:, ::-1].tobytes() + bytes(-3 * len(row) % 4) for row in array[::-1])
    start = 14 + 124 + len(rows)
    head = bytearray(124)
    head[:16] = np.array([124, array.shape[1], array.shape[0]], "<u4").tobytes() + b"\x01\0\x18\0"
    head[56:60] = b"DEBM"
    head[112:120] = np.array([start - 14, len(profile)], "<u4").tobytes()
    return b"BM" + np.array([start + len(profile), 0, 138], "<u4").tobytes() + bytes(head) + rows + profile


FORMATS = {
    "PNG": lambda array, profile: saved(array, "PNG", profile),
    "JPEG": lambda array, profile: saved(array, "JPEG", profile, quality=100, subsampling=0),
    "progressive JPEG": lambda array, profile: saved(
        array, "JPEG", profile, quality=100, subsampling=0, progressive=True
    ),
    "WebP": lambda array, profile: saved(array, "WEBP", profile, lossless=True),
    "TIFF": lambda array, profile: tiff(array, CHANNELS["RGB"], iccprofile=profile),
    "JPEG 2000": jpeg2000,
    "BMP": bmp,
    **(
        {"AVIF": lambda array, profile: saved(array, "AVIF", profile, quality=100)}
        if ".avif" in Image.registered_extensions()
        else {}
    ),
}


@EACH
@pytest.mark.parametrize("form", FORMATS)
def test_eight_bits_become_srgb_in_every_format(form, profile, limits):
    data, plain = FORMATS[form](soft(3), profile), FORMATS[form](soft(3), b"")
    numbers = (decode_image(plain, limits).numpy() * 255).round().astype(np.uint8)
    found = decode_image(data, limits).numpy()
    assert np.abs(found - shown(numbers, profile)).max() <= STEP
    assert np.abs(found - numbers / 255).max() > 5 * STEP
    assert torch.equal(decode_image(data, IGNORE), torch.from_numpy(numbers / np.float32(255)))


@EACH
@pytest.mark.parametrize("kind", ["u2", "f4", "u4"])
@pytest.mark.parametrize("name", ["RGB", "RGBA"])
def test_deep_pixels_keep_their_depth(kind, name, profile, limits):
    samples = values(kind, CHANNELS[name].count)
    found = decode_image(tiff(samples, CHANNELS[name], iccprofile=profile), limits).numpy()
    assert np.abs(found[..., :3] - shown(samples, profile)).max() <= STEP
    assert np.abs(found * 255 - (found * 255).round()).max() > 0.3
    if name == "RGBA":
        assert np.abs(found[..., 3] - samples[..., 3] / (1 if kind == "f4" else np.iinfo(kind).max)).max() < 1e-6


@EACH
def test_deep_pixels_agree_with_shallow_ones(profile):
    small = values("u1", 3)
    deep = to_srgb(small.astype(np.uint16) * np.uint16(257), profile)
    assert np.abs(deep / 257 - to_srgb(small, profile)).max() <= 1.01


@pytest.mark.parametrize("kind", ["u1", "u2"])
def test_grey_stays_grey(kind, limits):
    samples = values(kind, 1)
    found = decode_image(tiff(samples, CHANNELS["grey"], iccprofile=GREY), limits).numpy()
    assert found.shape == (HEIGHT, WIDTH, 1)
    assert np.abs(found - shown(samples, GREY)).max() <= 1.6 * STEP


@pytest.mark.parametrize("make", ["JPEG", "TIFF", "deep TIFF"])
def test_inks_become_colours(make, limits):
    parts = np.zeros((2, 16, 4), np.uint8)
    parts[0, :, 0] = 255
    if make == "JPEG":
        file = io.BytesIO()
        Image.fromarray(parts.repeat(16, axis=0), "CMYK").save(file, "JPEG", quality=100, icc_profile=inks())
        data = file.getvalue()
    else:
        parts = parts.astype(np.uint16) * 257 if make == "deep TIFF" else parts
        data = tiff(parts, CHANNELS["CMYK"], iccprofile=inks())
    found = decode_image(data, limits).numpy()
    assert found[0].max() < 0.05  # the first ink, which would be cyan without the profile
    assert found[-1].min() > 0.95
    assert decode_image(data, IGNORE)[0, 0].tolist() == pytest.approx([0, 1, 1], abs=0.02)


def damaged(build, body):
    data = saved(soft(3), "PNG", b"")
    return data[:33] + build.chunk(b"iCCP", body) + data[33:]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"name", b"name\0\0", b"name\0\0" + b"noise", b"name\0\0" + zlib.compress(b"noise" * 50),
        b"name\0\0" + zlib.compress(ADOBE[:300]), b"name\0\0" + zlib.compress(ADOBE)[:-9],
        b"name\0\0" + zlib.compress(GREY), b"name\0\0" + zlib.compress(SRGB),
        b"name\0\0" + zlib.compress(bytes(20 << 20)),
    ],
)  # fmt: skip
def test_a_profile_that_is_unusable_or_says_nothing_changes_nothing(body, build, limits):
    found = decode_image(damaged(build, body), limits)
    assert torch.equal(found, torch.from_numpy(soft(3) / np.float32(255)))


def test_it_is_the_same_on_every_way_in(limits):
    data = FORMATS["TIFF"](soft(3), ADOBE)
    expected = decode_image(data, limits)
    assert torch.equal(decode_image(validate_upload(data, limits).data, limits), expected)
    assert torch.equal(decode_image(as_png(data, limits), limits), expected)
    assert torch.equal(decode_image(encode_image(expected), limits), expected)  # once: what we write is sRGB
    assert torch.equal(decode_frames(data, limits).pixels[0], expected)
    preview = np.asarray(Image.open(io.BytesIO(preview_bytes(data, 64, limits)[0]))) / 255
    assert np.abs(preview - expected.numpy()).mean() < 0.02


def test_frames_become_srgb(limits):
    frames = [Image.fromarray(soft(3)), Image.fromarray(255 - soft(3))]
    file = io.BytesIO()
    frames[0].save(file, "WEBP", save_all=True, append_images=frames[1:], lossless=True, icc_profile=ADOBE)
    found = decode_frames(file.getvalue(), limits, is_all=True).pixels
    for pixels, frame in zip(found, frames, strict=True):
        assert np.abs(pixels.numpy()[..., :3] - shown(np.asarray(frame), ADOBE)).max() <= STEP
    left = decode_frames(file.getvalue(), IGNORE, is_all=True).pixels
    assert torch.equal(left[1][..., :3], torch.from_numpy((255 - soft(3)) / np.float32(255)))


def test_what_a_pool_keeps_to_the_byte_keeps_its_profile(limits):
    data = FORMATS["JPEG"](soft(3), ADOBE)
    assert validate_upload(data, limits).data == data


@pytest.mark.parametrize("read", [decode_mask, lambda data, limits: decode_mask(validate_mask(data, limits), limits)])
@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_masks_are_numbers(form, read, limits):
    grey = soft(1)[..., 0]
    plain, marked = (saved(grey, form, profile) for profile in (b"", GREY))
    assert torch.equal(read(marked, limits=limits), read(plain, limits=limits))
    assert torch.equal(mask_from_alpha(marked, limits), mask_from_alpha(plain, limits))


@pytest.mark.parametrize("curve", ["line", "table", *range(5)])
def test_every_kind_of_curve(curve):
    """Deep pixels go through our own reading of a curve, shallow ones through ImageCms."""
    given = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045, 0.0, 0.0)
    counts = (1, 3, 4, 5, 7)
    whole = partial(int.to_bytes, byteorder="big")
    if curve == "line":
        tag = b"curv" + bytes(8)
    elif curve == "table":
        table = (np.linspace(0, 1, 100) ** 1.5 * 65535).round().astype(">u2")
        tag = b"curv" + bytes(4) + whole(100, 4) + table.tobytes()
    else:
        numbers = [given[0], *([1.0, 0.0, 0.0] if curve in {1, 2} else given[1:])][: counts[curve]]
        tag = (
            b"para"
            + bytes(4)
            + whole(curve, 2)
            + bytes(2)
            + (np.array(numbers) * 65536).round().astype(">i4").tobytes()
        )
    profile = with_curve(ADOBE, tag)
    small = values("u1", 3)
    deep = to_srgb(small.astype(np.uint16) * np.uint16(257), profile)
    assert np.abs(deep / 257 - to_srgb(small, profile)).max() <= 1.6


def with_curve(profile, tag):
    """The profile with another curve for all three colours, behind its end."""
    count, start = int.from_bytes(profile[128:132], "big"), len(profile)
    table = bytearray(profile[132 : 132 + 12 * count])
    for place in range(0, len(table), 12):
        if bytes(table[place : place + 4]) in {b"rTRC", b"gTRC", b"bTRC"}:
            table[place + 4 : place + 12] = start.to_bytes(4, "big") + len(tag).to_bytes(4, "big")
    tag += bytes(-len(tag) % 4)
    return (start + len(tag)).to_bytes(4, "big") + profile[4:132] + bytes(table) + profile[132 + 12 * count :] + tag
