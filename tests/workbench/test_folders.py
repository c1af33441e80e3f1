"""Folders and the names in them."""

from __future__ import annotations

import sys

import platformdirs
import pytest
from full_disk import full_disk
from ordinary_user import an_ordinary_user

from datasete.errors import Conflict, InvalidInput, NotFound, StoreDenied, StoreFull
from datasete.workbench.folders import Folders, default_data, inside, write_file


@pytest.fixture
def folders(tmp_path):
    made = Folders(tmp_path / "data")
    made.prepare()
    return made


def test_the_first_start_is_told_from_later_ones(tmp_path):
    folders = Folders(tmp_path)

    assert folders.prepare() is True
    assert folders.prepare() is False


def test_previews_are_gone_with_the_next_start_and_nothing_else_is(folders):
    for folder in (folders.input, folders.output, folders.temp, folders.userdata):
        (folder / "x.png").write_bytes(b"x")
    folders.prepare()

    assert [
        (folder / "x.png").exists() for folder in (folders.input, folders.output, folders.temp, folders.userdata)
    ] == [
        True,
        True,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("a.png", "input/a.png"),
        ("sub/a.png", "input/sub/a.png"),
        ("a.png [output]", "output/a.png"),
        ("a.png[temp]", "temp/a.png"),
        ("sub/a b.png [input]", "input/sub/a b.png"),
    ],
)
def test_a_widget_names_a_file_with_its_folder(folders, name, place):
    assert folders.annotated(name) == folders.data / place


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "/etc/passwd",
        "../x",
        "a/../../x",
        "..\\x",
        "C:x",
        "a\0b",
        "\ud800",
        "x" * 300,
        "x [input]/../../y",
        "[input]",
    ],
)
def test_a_name_that_leaves_its_folder_is_refused(folders, name):
    with pytest.raises(InvalidInput):
        folders.annotated(name)


def test_a_missing_file_is_not_found(folders):
    with pytest.raises(NotFound, match=r"gone\.png"):
        folders.existing("gone.png")


def test_an_unknown_folder_is_refused(folders):
    with pytest.raises(InvalidInput, match="secrets"):
        folders.of("secrets")


def test_pictures_are_listed_by_name_and_other_files_are_not(folders):
    for name in ("b.PNG", "a.jpg", "notes.txt", "c.webp"):
        (folders.input / name).write_bytes(b"x")
    (folders.input / "folder.png").mkdir()

    assert folders.pictures() == ["a.jpg", "b.PNG", "c.webp"]


def test_inside_keeps_to_the_folder(tmp_path):
    assert inside(tmp_path, "a/b.json") == tmp_path / "a" / "b.json"


def test_the_default_folder_is_in_the_users_data_directory(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    assert default_data() == platformdirs.user_data_path("datasete", appauthor=False)
    if sys.platform == "linux":
        assert default_data() == tmp_path / "datasete"


def test_a_file_is_replaced_and_nothing_lies_beside_it(tmp_path):
    path = tmp_path / "sub" / "a.png"
    write_file(path, b"old")
    write_file(path, b"new")

    assert [each.read_bytes() for each in path.parent.iterdir()] == [b"new"]


def test_a_full_disk_leaves_the_old_file_and_nothing_beside_it(tmp_path):
    path = tmp_path / "a.png"
    write_file(path, b"old")
    with full_disk(), pytest.raises(StoreFull, match=r"no space left for a\.png"):
        write_file(path, bytes(1000))

    assert [each.read_bytes() for each in tmp_path.iterdir()] == [b"old"]


def test_a_folder_that_may_not_be_written_is_an_error_that_says_so(tmp_path):
    tmp_path.chmod(0o555)
    with an_ordinary_user(), pytest.raises(StoreDenied, match="may not be written"):
        write_file(tmp_path / "a.png", b"x")


def test_a_folder_in_the_place_of_a_file_is_an_error_and_stays(tmp_path):
    (tmp_path / "a.png").mkdir()
    with pytest.raises(Conflict, match="could not be written"):
        write_file(tmp_path / "a.png", b"x")

    assert [each.is_dir() for each in tmp_path.iterdir()] == [True]


def test_the_longest_name_that_a_disk_takes_can_be_written(tmp_path):
    write_file(tmp_path / ("n" * 251 + ".png"), b"x")

    assert [each.read_bytes() for each in tmp_path.iterdir()] == [b"x"]
