"""One form for painted masks, whatever they arrive as."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from datasete.config import LimitSettings
from datasete.server.masks import normalize_mask

GRADIENT = np.arange(256, dtype=np.uint8).reshape(16, 16)


def _png(pixels: np.ndarray, **options: object) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG", **options)
    return out.getvalue()


def _normal(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(normalize_mask(data, LimitSettings()))) as image:
        assert (image.format, image.mode) == ("PNG", "L")
        return np.asarray(image)


def _rgba(color: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    return np.dstack([color, color, color, alpha])


def test_a_grey_mask_is_kept_to_the_bit() -> None:
    assert (_normal(_png(GRADIENT)) == GRADIENT).all()


def test_where_the_editor_left_alpha_0_is_painted() -> None:
    assert (_normal(_png(_rgba(GRADIENT, GRADIENT))) == 255 - GRADIENT).all()


def test_an_opaque_colour_picture_is_read_by_its_brightness() -> None:
    assert (_normal(_png(_rgba(GRADIENT, np.full_like(GRADIENT, 255)))) == GRADIENT).all()
    assert (_normal(_png(np.dstack([GRADIENT] * 3))) == GRADIENT).all()


def test_grey_with_transparency_counts_as_the_editors() -> None:
    pixels = Image.merge("LA", [Image.fromarray(GRADIENT), Image.fromarray(GRADIENT)])
    out = io.BytesIO()
    pixels.save(out, "PNG")
    assert (_normal(out.getvalue()) == 255 - GRADIENT).all()


def test_sixteen_bits_become_eight() -> None:
    assert (_normal(_png(GRADIENT.astype(np.uint16) * 257)) == GRADIENT).all()


@pytest.mark.parametrize("mode", ["1", "P"])
def test_palettes_and_single_bits_are_read_by_their_brightness(mode: str) -> None:
    out = io.BytesIO()
    Image.fromarray((GRADIENT > 127).astype(np.uint8) * 255).convert(mode).save(out, "PNG")
    assert (_normal(out.getvalue()) == (GRADIENT > 127) * 255).all()
