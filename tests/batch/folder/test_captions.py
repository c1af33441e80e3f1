"""The captions beside the pictures of a folder, on the disk and in a space."""

import os
import unicodedata
import uuid

import pytest
from caption_cases import BESIDE

from datasete.batch.folder.captions import MAX_AGE_SECONDS, Captions
from datasete.batch.folder.sources import Location
from datasete.config import LimitSettings, PluginSettings
from datasete.hooks.manager import build_hooks
from datasete.plugin import Space
from datasete.storage import Storage

LIMITS = LimitSettings()


@pytest.fixture
def disk(tmp_path):
    """`read(picture)`, and `put(name, data)`, in a folder on the disk."""
    captions = Captions(lambda name: pytest.fail(name))

    def put(name, data):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)

    return lambda picture: captions.read(Location("", str(tmp_path)), picture, LIMITS), put


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def space(clock):
    """The same, in a space."""
    place = Space("far", f"memory://captions-{uuid.uuid4()}")
    storage = Storage(build_hooks(PluginSettings()).open_store(place), place)
    captions = Captions(lambda name: storage, clock)
    yield (
        lambda picture: captions.read(Location("far", "set"), picture, LIMITS),
        lambda name, data: storage.write(f"set/{name}", data),
    )
    storage.close()


@pytest.fixture(params=["disk", "space"])
def place(request):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize(("picture", "caption"), BESIDE)
def test_a_caption_is_found_under_every_usual_name(place, picture, caption):
    read, put = place
    if not unicodedata.is_normalized("NFC", picture + caption):
        pytest.skip("a space takes no other form")
    put(f"sub/{picture}", b"x")
    put(f"sub/{caption}", "女の子が海辺に立っている".encode("shift_jis"))
    assert read(f"sub/{picture}").text == "女の子が海辺に立っている"
    assert read("sub/other.png").text == ""


@pytest.mark.parametrize(("picture", "caption"), BESIDE)
def test_on_the_disk_another_unicode_form_counts(disk, picture, caption):
    read, put = disk
    put(picture, b"x")
    put(caption, b"a cat")
    assert read(picture).text == "a cat"


def test_the_name_with_the_suffix_comes_first(place):
    read, put = place
    put("x.txt", b"any x")
    put("x.png.txt", b"the png")
    assert [read(name).text for name in ("x.png", "x.jpg")] == ["the png", "any x"]


def test_a_caption_that_cannot_be_read_is_no_error_but_a_sentence(place):
    read, put = place
    put("x.txt", b"\x89PNG\0\1")
    put("y.txt", b"y" * 1_000_001)
    assert read("x.png").text == read("y.png").text == ""
    assert "Its caption “x.txt” cannot be read: The caption “x.txt” is not text" in read("x.png").trouble
    assert "Its caption “y.txt” cannot be read" in read("y.png").trouble


def test_a_caption_that_comes_later_is_found(place, clock):
    read, put = place
    put("x.png", b"x")
    assert read("x.png").text == ""
    put("x.txt", b"later")
    assert read("x.png").text == "later"


def test_a_folder_of_a_space_is_listed_again_after_a_while(space, clock):
    read, put = space
    put("x.png", b"x")
    assert read("x.png").text == ""
    put("X.TXT", b"later")
    assert read("x.png").text == ""
    clock.now += MAX_AGE_SECONDS
    assert read("x.png").text == "later"


def test_a_folder_on_the_disk_is_listed_again_when_it_changes(disk):
    read, put = disk
    put("x.png", b"x")
    assert read("x.png").text == ""
    put("X.TXT", b"later")
    assert read("x.png").text == "later"


def test_a_pipe_beside_a_picture_does_not_hold_it_up(disk, tmp_path):
    read, put = disk
    put("x.png", b"x")
    os.mkfifo(tmp_path / "x.txt")
    assert "“x.txt” cannot be read" in read("x.png").trouble
