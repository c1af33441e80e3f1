"""What may enter a pool."""

import io

import numpy as np
import pytest
from PIL import Image, ImageFile

from datasete.config import LimitSettings
from datasete.errors import TooLarge, UnreadableImage
from datasete.pools.admission import validate_mask, validate_upload

LIMITS = LimitSettings()


def encoded(image, form, **options):
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def noise(height=20, width=30, channels=3):
    return np.random.default_rng(5).integers(0, 256, (height, width, channels), np.uint8)


@pytest.mark.parametrize(("form", "suffix"), [("PNG", "png"), ("JPEG", "jpg"), ("WEBP", "webp"), ("MPO", "jpg")])
def test_what_a_browser_shows_is_kept_to_the_byte(form, suffix):
    data = encoded(Image.fromarray(noise()), form)
    admitted = validate_upload(data, LIMITS)
    assert (admitted.data, admitted.suffix) == (data, suffix)


@pytest.mark.parametrize("form", ["BMP", "TIFF", "PPM"])
def test_other_formats_become_png_without_loss(form):
    admitted = validate_upload(encoded(Image.fromarray(noise()), form), LIMITS)
    assert admitted.suffix == "png"
    assert (np.asarray(Image.open(io.BytesIO(admitted.data))) == noise()).all()


def test_sixteen_bits_of_grey_stay_sixteen():
    deep = np.arange(600, dtype=np.uint16).reshape(20, 30) * 100
    admitted = validate_upload(encoded(Image.fromarray(deep), "TIFF"), LIMITS)
    assert (np.asarray(Image.open(io.BytesIO(admitted.data))) == deep).all()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF"])
@pytest.mark.parametrize("part", [0.03, 0.5, 0.97])
def test_a_picture_that_is_cut_off_is_refused(form, part):
    data = encoded(Image.fromarray(noise()), form)
    with pytest.raises(UnreadableImage):
        validate_upload(data[: int(len(data) * part)], LIMITS)


def test_a_photograph_cut_off_behind_its_thumbnail_is_refused():
    exif = b"Exif\0\0" + encoded(Image.fromarray(noise(4, 4)), "JPEG")
    data = encoded(Image.fromarray(noise()), "JPEG")
    whole = data[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + data[2:]
    assert validate_upload(whole, LIMITS).data == whole
    assert validate_upload(whole[:-2], LIMITS).data == whole[:-2]  # the end marker alone is missing
    with pytest.raises(UnreadableImage, match="ends early"):
        validate_upload(whole[:-100], LIMITS)


@pytest.mark.parametrize("switched", [False, True])
@pytest.mark.parametrize(
    ("form", "options"), [("JPEG", {}), ("JPEG", {"progressive": True}), ("WEBP", {}), ("GIF", {})]
)
def test_a_cut_that_was_covered_up_is_refused_whatever_other_packs_switch(form, options, switched, monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", switched)
    data = encoded(Image.fromarray(noise()), form, **options)
    cut = data[: len(data) * 3 // 4] + {"JPEG": b"\xff\xd9", "GIF": b"\0;"}.get(form, b"")
    cut = cut[:4] + (len(cut) - 8).to_bytes(4, "little") + cut[8:] if form == "WEBP" else cut
    with pytest.raises(UnreadableImage):
        validate_upload(cut, LIMITS)


def test_a_png_with_a_flipped_bit_is_refused():
    data = bytearray(encoded(Image.fromarray(noise()), "PNG"))
    data[len(data) // 2] ^= 1
    with pytest.raises(UnreadableImage, match="checksum"):
        validate_upload(bytes(data), LIMITS)


@pytest.mark.parametrize("data", [b"", b"hello", b"GIF89a", b"%PDF-1.4", b"\x89PNG\r\n\x1a\n", b"<svg/>", b"\0" * 5000])
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(UnreadableImage):
        validate_upload(data, LIMITS)
    with pytest.raises(UnreadableImage):
        validate_mask(data, LIMITS)


def test_a_picture_of_20000_by_20000_is_refused_by_its_header():
    data = encoded(Image.new("1", (20_000, 20_000)), "PNG")
    for check in (validate_upload, validate_mask):
        with pytest.raises(TooLarge, match="20,000 × 20,000"):
            check(data, LIMITS)


def test_more_bytes_than_allowed_are_refused():
    with pytest.raises(TooLarge, match="MB"):
        validate_upload(encoded(Image.fromarray(noise()), "PNG"), LimitSettings(image_bytes=100))


def test_a_grey_mask_is_kept_to_the_byte():
    data = encoded(Image.fromarray(noise()[..., 0]), "PNG")
    assert validate_mask(data, LIMITS) == data


@pytest.mark.parametrize(
    "image",
    [
        Image.fromarray(noise(channels=1).repeat(3, 2)),
        Image.fromarray(noise(channels=1).repeat(3, 2)).convert("RGBA"),
        Image.fromarray(noise(channels=1)[..., 0].astype(np.uint16) * 257),
    ],
    ids=["RGB", "RGBA", "16 bits"],
)
def test_any_other_mask_is_read_by_its_brightness(image):
    mask = np.asarray(Image.open(io.BytesIO(validate_mask(encoded(image, "PNG"), LIMITS))))
    assert mask.ndim == 2
    assert (mask == noise(channels=1)[..., 0]).all()
