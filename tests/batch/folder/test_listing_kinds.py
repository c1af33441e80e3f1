"""What a folder's list takes, and what it leaves out: other formats, other spellings, litter, what cannot be read."""

import os
import uuid
from pathlib import Path

import pytest
from caption_cases import LITTER, NO_LITTER
from empty_files import touch

from datasete.batch.folder.listing import CUSTOM, Filter, Listed, list_folder, make_filter
from datasete.batch.folder.sources import Location, read_file
from datasete.config import LimitSettings, PluginSettings
from datasete.hooks.manager import build_hooks
from datasete.plugin import ABSENT, ANY, Space
from datasete.plugin.stores import as_found_of
from datasete.storage import Storage

ALL = make_filter("All Images", recursive=True)
READ = ["1.jfif", "2.jpe", "3.pjpeg", "4.AVIF", "5.jp2", "6.apng", "7.ppm", "8.j2k", "9.pgm", "10.dib"]


def listed(folder, chosen=ALL):
    return list_folder(Location("", str(folder)), chosen)


@pytest.fixture(params=["memory", "local"])
def storage(request, tmp_path):
    url = f"memory://{uuid.uuid4()}" if request.param == "memory" else str(tmp_path / "space")
    space = Space("far", url)
    storage = Storage(build_hooks(PluginSettings()).open_store(space), space)
    yield storage
    storage.close()


def put(storage, key, data=b"x"):
    """As another program would, in whatever Unicode form."""
    if hasattr(storage.store, "content"):
        storage.store.content.put(key, data)
    else:
        path = Path(storage.store.root, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def test_all_images_are_all_that_the_decoder_reads(tmp_path):
    touch(tmp_path, *READ, "a.txt", "b.json")
    assert listed(tmp_path) == Listed(READ)


def test_pictures_in_other_formats_are_counted(tmp_path):
    touch(tmp_path, "a.png", "b.heic", "c.JXL", "sub/d.psd", "e.txt", "@eaDir/f.heic", ".g.heic")
    assert listed(tmp_path) == Listed(["a.png"], 3)
    assert listed(tmp_path, make_filter(CUSTOM, "*.png")) == Listed(["a.png"])
    assert listed(tmp_path, make_filter(CUSTOM, "*.heic")) == Listed(["b.heic"])


def test_what_cannot_be_read_is_counted_and_stops_none_of_the_others(tmp_path):
    touch(tmp_path, "a.png", "sub/b.png")
    (tmp_path / "loop.png").symlink_to("loop.png")
    (tmp_path / "gone.png").symlink_to("nowhere")
    (tmp_path / "loop").symlink_to("loop")  # not called like a picture
    os.mkfifo(tmp_path / "pipe.png")
    assert listed(tmp_path) == Listed(["a.png", "sub/b.png"], 3)
    assert listed(tmp_path, Filter(("*.png",))) == Listed(["a.png"], 3)


def test_litter_is_left_out_everywhere_alike(tmp_path, storage):
    touch(tmp_path, *LITTER, *NO_LITTER)
    wanted = sorted(path for path in NO_LITTER if path.endswith(".png"))
    assert sorted(listed(tmp_path).names) == wanted
    assert listed(tmp_path).unread == 0
    assert sorted(listed(tmp_path, make_filter(CUSTOM, "**/*")).names) == wanted
    for path in (*LITTER, *NO_LITTER):
        put(storage, f"set/{path}")
    assert sorted(list_folder(Location("far", "set"), ALL, storage).names) == wanted


@pytest.mark.parametrize("name", ["cafe\u0301.png", "写真\u30001.png", "a\u00a0b.png", "か\u3099.png", "a\u200bb.png"])
def test_names_in_any_form_are_listed_and_loaded_from_a_space(storage, name):
    put(storage, f"set/{name}", b"picture")
    location = Location("far", "set")
    assert list_folder(location, ALL, storage) == Listed([name])
    assert read_file(lambda _: storage, location, name, LimitSettings()) == b"picture"


def test_two_spellings_of_one_name_are_two_files_of_a_space(storage):
    put(storage, "caf\u00e9.png", b"one")
    put(storage, "cafe\u0301.png", b"two")
    assert sorted(list_folder(Location("far", ""), ALL, storage).names) == ["cafe\u0301.png", "caf\u00e9.png"]


def test_a_space_counts_pictures_in_other_formats(storage):
    for key in ("a.png", "b.heic", "sub/c.heic"):
        put(storage, key)
    assert list_folder(Location("far", ""), ALL, storage) == Listed(["a.png"], 2)


def test_keys_are_as_strict_as_before_for_all_but_readers_of_folders(storage):
    put(storage, "cafe\u0301.png")
    assert [entry.key for entry in storage.entries()] == []
    with pytest.raises(ValueError, match="cannot be used"):
        storage.read("cafe\u0301.png")
    with pytest.raises(ValueError, match="cannot be used"):
        storage.as_found().write("cafe\u0301.png", b"x", ANY)
    assert storage.as_found().get("cafe\u0301.png").data == b"x"
    assert as_found_of(storage.store).capabilities == storage.capabilities
    storage.write("plain", b"x", ABSENT)
    assert storage.as_found().get("plain").data == b"x"


def test_patterns_compare_names_in_any_unicode_form(tmp_path):
    touch(tmp_path, "cafe\u0301 1.png", "caf\u00e9 2.PNG", "other.png")
    assert listed(tmp_path, make_filter(CUSTOM, "caf\u00e9*.png")).names == ["cafe\u0301 1.png", "caf\u00e9 2.PNG"]
    assert listed(tmp_path, make_filter(CUSTOM, "cafe\u0301*.png")).names == ["cafe\u0301 1.png", "caf\u00e9 2.PNG"]


def test_the_batches_of_all_images_are_those_of_earlier_versions():
    assert make_filter("All Images").identity == "*.bmp,*.gif,*.jpeg,*.jpg,*.png,*.tif,*.tiff,*.webp|0"
    assert make_filter("All Images").label == "*.png,*.jpg,… (All Images)"
    assert make_filter(CUSTOM, "*.b,*.a").label == "*.b,*.a"
