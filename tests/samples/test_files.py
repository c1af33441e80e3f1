"""The photographs that the example workflows load."""

from __future__ import annotations

import os

import pytest
from PIL import Image

from datasete.errors import StoreError
from datasete.samples import BESIDE, FOLDER, PHOTOGRAPHS, place_photographs


def test_every_photograph_arrives_and_can_be_read(tmp_path):
    folder = place_photographs(tmp_path)
    assert folder == tmp_path / FOLDER
    for source in [path for path in PHOTOGRAPHS.iterdir() if path.suffix in {".png", ".jpg"}]:
        assert (folder / source.name).read_bytes() == source.read_bytes()
        with Image.open(folder / source.name) as picture:
            picture.load()
    assert {path.suffix for path in folder.iterdir()} == {".png", ".jpg"}


def test_a_file_that_is_there_is_left_as_it_is(tmp_path):
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "coffee.jpg").write_bytes(b"somebody's own")
    place_photographs(tmp_path)
    assert (tmp_path / FOLDER / "coffee.jpg").read_bytes() == b"somebody's own"
    assert (tmp_path / FOLDER / "chelsea.png").exists()


def test_what_was_deleted_comes_back(tmp_path):
    (place_photographs(tmp_path) / "rocket.jpg").unlink()
    assert (place_photographs(tmp_path) / "rocket.jpg").exists()


def test_a_file_in_the_way_of_the_folder_is_reported_and_kept(tmp_path):
    (tmp_path / FOLDER).write_bytes(b"a file")
    with pytest.raises(StoreError, match="cannot be written"):
        place_photographs(tmp_path)
    assert (tmp_path / FOLDER).read_bytes() == b"a file"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_others_on_the_machine_may_read_them(tmp_path):
    assert (place_photographs(tmp_path) / "rocket.jpg").stat().st_mode & 0o044 == 0o044


def test_those_that_a_load_image_shows_are_in_the_input_folder_itself(tmp_path):
    place_photographs(tmp_path)
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} == set(BESIDE)
