"""Which captions and masks belong to which pictures."""

import pytest
from caption_cases import BESIDE, PAIRED

from datasete.sidecars.pairing import paired


@pytest.mark.parametrize(("picture", "caption"), BESIDE)
def test_a_caption_is_found_under_every_usual_name(picture, caption):
    (found,), left = paired([caption, picture])
    assert (found.picture, found.caption, left) == (picture, caption, [])


@pytest.mark.parametrize(("files", "expected"), PAIRED)
def test_files_are_paired_by_their_names(files, expected):
    assert {each.picture: (each.caption, each.mask) for each in paired(files)[0]} == expected


def test_what_belongs_to_no_picture_is_left_over():
    assert paired(["a.png", "a.txt", "b.txt", "c.heic", "d.md"])[1] == ["b.txt", "c.heic", "d.md"]


def test_a_mask_whose_picture_is_gone_is_left_over_where_others_have_theirs():
    assert paired(["a.png", "masks/a.png", "masks/gone.png"])[1] == ["masks/gone.png"]
