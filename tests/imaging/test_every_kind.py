"""Pictures of every kind that a format allows: each is decoded right, or refused by the name of its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import other_kinds
import pytest
import tiff_kinds
from PIL import Image
from tiff_kinds import Case

from datasete.config import LimitSettings
from datasete.errors import UnreadableImage
from datasete.imaging.image_header import read_header
from datasete.imaging.png import decode_image

LEAST = {
    tiff_kinds.tiffs_of_every_depth: 1200,
    tiff_kinds.tiffs_of_every_compression: 590,
    tiff_kinds.tiffs_of_few_bits: 330,
    tiff_kinds.tiffs_with_palettes: 136,
    tiff_kinds.tiffs_of_pictures: 48,
    tiff_kinds.tiffs_of_jpegs_by_hand: 24,
    tiff_kinds.tiffs_of_fax: 6,
    tiff_kinds.tiffs_turned: 144,
    tiff_kinds.big_tiffs: 36,
    tiff_kinds.refused_tiffs: 20,
    other_kinds.jpegs: 44,
    other_kinds.jpeg2000s: 259,
    other_kinds.webps: 8,
    other_kinds.avifs: 18,
    other_kinds.gifs: 12,
    other_kinds.pnms: 90,
    other_kinds.bmps: 130,
}
"""How many cases each family has at least, so that none is lost unnoticed."""


LACKING = "which the installed Pillow lacks"
"""Said of compressions that not all builds of libtiff have."""


def fault(case: Case, limits: LimitSettings) -> str:
    """What is wrong with how a case is read; nothing, if all is well."""
    try:
        header = read_header(case.data)
        found = decode_image(case.data, limits).numpy()
    except UnreadableImage as error:
        if case.expected is None and case.refusal in error.message and "that kind is not supported" in error.message:
            return ""
        return "" if LACKING in error.message else f"{case.name}: {error.message}"
    if case.expected is None:
        return f"{case.name}: was decoded"
    shown = (*header.shown_size[::-1], header.channels)
    if found.shape != case.expected.shape or found.shape != shown:
        return f"{case.name}: {found.shape}, not {case.expected.shape}, and the header says {shown}"
    off = float(np.abs(found - case.expected).max())
    return "" if off <= case.tolerance else f"{case.name}: off by {off:.6f}"


def check(cases: Iterable[Case], limits: LimitSettings) -> int:
    """Check all cases, name the first that fail, and return how many there are."""
    found = [fault(case, limits) for case in cases]
    faults = [text for text in found if text]
    assert not faults, f"{len(faults)} of {len(found)}:\n" + "\n".join(faults[:20])
    return len(found)


@pytest.mark.parametrize("family", LEAST, ids=lambda family: family.__name__)
def test_is_decoded_right_or_refused_by_its_kind(family: Callable[[], Iterator[Case]], limits):
    if family is other_kinds.avifs and ".avif" not in Image.registered_extensions():
        pytest.skip("this Pillow was built without AVIF")
    assert check(family(), limits) >= LEAST[family]


def test_pngs_are_decoded_right(build, limits):
    assert check(other_kinds.pngs(build), limits) >= 48


def test_no_family_is_forgotten():
    assert set(LEAST) == {*tiff_kinds.ALL, *other_kinds.ALL}
    assert sum(LEAST.values()) >= 1500
