"""Reading the files that a batch lists: what keeps one from being read is said in a sentence."""

import shutil

import pytest
from ordinary_user import an_ordinary_user

from datasete.batch.sources import Location, read_file
from datasete.config import LimitSettings, PluginSettings
from datasete.errors import NotFound, StoreDenied, StoreUnavailable, TooLarge
from datasete.hooks.manager import build_hooks
from datasete.plugin import Space
from datasete.storage import Storage

LIMITS = LimitSettings(image_bytes=10)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "below").mkdir()
    (tmp_path / "a.png").write_bytes(b"0123456789")
    (tmp_path / "below" / "b.png").write_bytes(b"b")
    return tmp_path


def read(folder, name):
    return read_file(lambda _: pytest.fail("no space is named"), Location("", str(folder)), name, LIMITS)


def test_files_are_read_whole_here_and_below(folder):
    assert read(folder, "a.png") == b"0123456789"
    assert read(folder, "below/b.png") == b"b"


def test_a_file_that_is_gone(folder):
    with pytest.raises(NotFound, match="It is gone since the folder was listed"):
        read(folder, "c.png")


def test_a_folder_that_is_gone_is_no_fault_of_the_file(folder):
    shutil.rmtree(folder)
    with pytest.raises(StoreUnavailable, match=r"The folder “.*” is gone\. Bring it back"):
        read(folder, "a.png")


def test_a_file_that_may_not_be_read(folder):
    (folder / "a.png").chmod(0)
    with an_ordinary_user(), pytest.raises(StoreDenied, match="It may not be read"):
        read(folder, "a.png")


def test_a_folder_in_place_of_a_file(folder):
    with pytest.raises(StoreDenied, match="It could not be read: Is a directory"):
        read(folder, "below")


def test_a_file_with_too_many_bytes(folder):
    (folder / "a.png").write_bytes(b"0123456789a")
    with pytest.raises(TooLarge, match="It has 11 bytes, and 10 are allowed"):
        read(folder, "a.png")


def test_files_of_a_space_have_the_same_sentences(tmp_path):
    space = Space("photos", f"memory://files-of-batches-{tmp_path.name}")
    storage = Storage(build_hooks(PluginSettings()).open_store(space), space)
    storage.write("may/a.png", b"0123456789")
    storage.write("may/b.png", b"0123456789a")
    for location in (Location("photos", "may"), Location("photos", "")):
        prefix = "" if location.path else "may/"
        assert read_file(lambda _: storage, location, f"{prefix}a.png", LIMITS) == b"0123456789"
        with pytest.raises(TooLarge, match="11 bytes"):
            read_file(lambda _: storage, location, f"{prefix}b.png", LIMITS)
        with pytest.raises(NotFound, match="gone since the folder was listed"):
            read_file(lambda _: storage, location, f"{prefix}c.png", LIMITS)
