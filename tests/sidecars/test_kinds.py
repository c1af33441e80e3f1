"""What files are by their names, and what the decoder really reads."""

import pytest
from caption_cases import LITTER, NO_LITTER
from PIL import Image

from datasete.imaging.formats import FORMATS
from datasete.sidecars.kinds import PICTURES, is_litter, is_other_picture, is_picture


@pytest.mark.parametrize("path", LITTER)
def test_litter_is_known(path):
    assert is_litter(path)


@pytest.mark.parametrize("path", NO_LITTER)
def test_names_of_pictures_are_no_litter(path):
    assert not is_litter(path)


@pytest.mark.parametrize("name", ["x.JFIF", "x.jpe", "x.pjpeg", "x.avif", "x.jp2", "x.apng", "x.ppm", "cafe\u0301.PNG"])
def test_what_the_decoder_reads_is_a_picture(name):
    assert is_picture(name)
    assert not is_other_picture(name)


def test_the_list_has_every_suffix_that_pillow_knows_for_the_formats_of_the_decoder():
    Image.init()
    known = {suffix.lstrip(".") for suffix, name in Image.registered_extensions().items() if name in {*FORMATS, "PNG"}}
    assert known - {"jpc"} <= set(PICTURES) | {"pcd"}


@pytest.mark.parametrize("name", ["x.heic", "x.JXL", "x.svg", "x.psd", "x.CR2"])
def test_other_pictures_are_known_as_such(name):
    assert is_other_picture(name)
    assert not is_picture(name)
