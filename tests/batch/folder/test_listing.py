"""Which files of a folder count, and their natural order."""

import os

import pytest
from empty_files import touch
from hypothesis import given
from hypothesis import strategies as st
from ordinary_user import an_ordinary_user

from datasete.batch.folder.listing import CUSTOM, MAX_SHAPES, Filter, list_names, make_filter, natural_order, shape_of
from datasete.batch.folder.sources import Location
from datasete.config import PluginSettings
from datasete.errors import InvalidInput, NotFound, StoreDenied
from datasete.hooks.manager import build_hooks
from datasete.ids import natural_key
from datasete.plugin import Space
from datasete.storage import Storage

ALL = make_filter("All Images")


def listed(folder, chosen=ALL):
    return list_names(Location("", str(folder)), chosen)


def test_pictures_come_in_natural_order(tmp_path):
    touch(tmp_path, "10.png", "9.png", "1.webp", "a.txt")
    assert listed(tmp_path) == ["1.webp", "9.png", "10.png"]


def test_suffixes_compare_without_case(tmp_path):
    touch(tmp_path, "a.PNG", "b.JpG", "c.jpeg")
    assert listed(tmp_path) == ["a.PNG", "b.JpG", "c.jpeg"]


@pytest.mark.parametrize(
    ("preset", "custom", "expected"),
    [
        ("PNG Only", "", ["a.png"]),
        ("JPG Only", "", ["b.jpg", "c.jpeg"]),
        (CUSTOM, "*.webp, a.*", ["a.png", "d.webp"]),
        (CUSTOM, "[bc].*", ["b.jpg", "c.jpeg"]),
    ],
)
def test_filters(tmp_path, preset, custom, expected):
    touch(tmp_path, "a.png", "b.jpg", "c.jpeg", "d.webp")
    assert listed(tmp_path, make_filter(preset, custom)) == expected


def test_hidden_files_do_not_count(tmp_path):
    touch(tmp_path, "._a.png", ".b.png", "c.png")
    assert listed(tmp_path) == ["c.png"]


def test_folders_that_are_named_like_pictures_do_not_count(tmp_path):
    (tmp_path / "a.png").mkdir()
    assert listed(tmp_path) == []


def test_folders_below_count_only_on_request(tmp_path):
    touch(tmp_path, "a.png", "b/c.png", "b/d/e.png")
    assert listed(tmp_path) == ["a.png"]
    assert listed(tmp_path, make_filter("All Images", recursive=True)) == ["a.png", "b/c.png", "b/d/e.png"]
    assert listed(tmp_path, make_filter(CUSTOM, "**/*.png")) == ["a.png", "b/c.png", "b/d/e.png"]
    assert listed(tmp_path, Filter(("*.png",), 1)) == ["a.png", "b/c.png"]


def test_a_pattern_with_a_folder_is_matched_against_the_path(tmp_path):
    touch(tmp_path, "a.png", "b/c.png", "x/d.png")
    assert listed(tmp_path, make_filter(CUSTOM, "**/b/*.png")) == ["b/c.png"]


def test_a_link_to_a_folder_above_ends_the_walk(tmp_path):
    touch(tmp_path, "a/b.png")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    assert listed(tmp_path, make_filter("All Images", recursive=True)) == ["a/b.png"]


@pytest.mark.parametrize("name", ["写真.png", "فوتو.png", "a\nb.png", "𝔘.png", "é.png", "a'b\"c.png", " .png"])
def test_names_of_every_script_survive(tmp_path, name):
    touch(tmp_path, name)
    assert listed(tmp_path) == [name]


def test_names_that_are_no_text_lead_to_their_files(tmp_path):
    (tmp_path / os.fsdecode(b"caf\xe9.png")).write_bytes(b"x")
    (name,) = listed(tmp_path)
    assert (tmp_path / name).read_bytes() == b"x"


def test_a_missing_folder_is_said_so(tmp_path):
    with pytest.raises(NotFound, match="There is no folder"):
        listed(tmp_path / "gone")


def test_a_file_is_no_folder(tmp_path):
    touch(tmp_path, "a.png")
    with pytest.raises(InvalidInput, match="is a file"):
        listed(tmp_path / "a.png")


def test_an_unreadable_folder_is_said_so(tmp_path):
    tmp_path.chmod(0)
    with an_ordinary_user(), pytest.raises(StoreDenied, match="There is no permission to read"):
        listed(tmp_path)
    tmp_path.chmod(0o700)


def test_an_empty_pattern_is_refused():
    with pytest.raises(InvalidInput, match="pattern is empty"):
        make_filter(CUSTOM, " , ")


def test_an_unknown_filter_is_refused():
    with pytest.raises(InvalidInput, match="no filter"):
        make_filter("Everything")


def test_filters_that_match_the_same_are_one():
    assert make_filter(CUSTOM, "*.PNG, *.jpg").identity == make_filter(CUSTOM, "*.jpg,*.png,*.jpg").identity
    assert make_filter("PNG Only").identity == make_filter(CUSTOM, "*.png").identity
    assert make_filter("PNG Only").identity != make_filter("PNG Only", recursive=True).identity


def test_a_folder_in_a_space():
    space = Space("photos", "memory://photos-of-the-scan-tests")
    storage = Storage(build_hooks(PluginSettings()).open_store(space), space)
    for key in ("a/2.png", "a/10.png", "a/b/3.png", "ab/4.png", "a/c.txt"):
        storage.write(key, b"x")
    location = Location("photos", "a")
    assert list_names(location, ALL, storage) == ["2.png", "10.png"]
    assert list_names(location, make_filter("PNG Only", recursive=True), storage) == ["2.png", "10.png", "b/3.png"]


FILE_NAMES = st.text(st.characters(exclude_characters="\0/"), min_size=1, max_size=12)
COMMON_NAMES = st.from_regex(r"\A[ab A_.-]{0,3}[0-9]{0,4}[aB.]{0,2}[0-9]{0,3}(\.png|\.JPG)\Z")


def test_numbers_count_as_numbers():
    assert natural_order(["img10.png", "img2.png", "img1.png"]) == ["img1.png", "img2.png", "img10.png"]


def test_letters_compare_without_case():
    assert natural_order(["b.png", "A.png", "a.png", "C.png"]) == ["A.png", "a.png", "b.png", "C.png"]


@given(st.lists(COMMON_NAMES))
def test_common_names_are_in_the_order_of_their_natural_keys(names):
    assert natural_order(names) == sorted(names, key=natural_key)


@given(st.lists(FILE_NAMES))
def test_any_names_are_in_the_order_of_their_natural_keys(names):
    assert natural_order(names) == sorted(names, key=natural_key)


@given(st.lists(st.from_regex(r"\A[éÜß٣1０x]{1,6}\Z")))
def test_digits_and_letters_of_other_scripts_are_in_the_order_of_their_natural_keys(names):
    assert natural_order(names) == sorted(names, key=natural_key)


def test_many_shapes_are_in_the_order_of_their_natural_keys():
    names = [f"{chr(97 + n % 26)}{'x' * (n % 37)}{n}{'y' * (n % 7)}" for n in range(3000)]
    assert len({shape_of(name) for name in names}) > MAX_SHAPES
    assert natural_order(names) == sorted(names, key=natural_key)


def test_names_that_are_no_text_keep_their_bytes():
    assert natural_order(["\udcff2.png", "\udcff10.png"]) == ["\udcff2.png", "\udcff10.png"]
