"""Folders and the names in them."""

from __future__ import annotations

import sys

import platformdirs
import pytest

from datasete.errors import InvalidInput, NotFound
from datasete.workbench.folders import Folders, default_data, inside


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
