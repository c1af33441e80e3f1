"""Edits by hand, as different editors make them: they show, they stay, and what they replaced can be had back."""

import threading

import pytest
from slot_pictures import bus_over, edited, mask, picture, shade, shades, state
from slot_stores import local_store

from datasete.errors import CorruptData


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "bus"


@pytest.fixture
def bus(folder):
    return bus_over(local_store(folder))


def by_replacing(path, data):
    """Write a new file beside the old one and rename it."""
    beside = path.with_name("editor.tmp")
    beside.write_bytes(data)
    beside.replace(path)


def in_place(path, data):
    """Open the file, cut it and write."""
    with path.open("r+b") as file:
        file.truncate()
        file.write(data)


EDITORS = [
    pytest.param(keep, save, id=f"{'keeps' if keep else 'drops'} chunks, {save.__name__}")
    for keep in (True, False)
    for save in (by_replacing, in_place)
]


def edit(path, new_shade, keep, save):
    save(path, edited(path.read_bytes(), new_shade, keep_chunk=keep))


@pytest.mark.parametrize(("keep", "save"), EDITORS)
class TestAnEditedMask:
    def test_it_is_what_the_next_reader_gets(self, bus, folder, keep, save):
        bus.publish("cp1", [picture(1), picture(2)], [mask(3), mask(4)])
        edit(folder / "cp1/mask.png", 99, keep, save)
        assert shades(bus.load("cp1")) == ([1, 2], [99, 4])

    def test_a_publish_supersedes_it_and_keeps_it(self, bus, folder, keep, save):
        bus.publish("cp1", [picture(1), picture(2)], [mask(3), mask(4)])
        edit(folder / "cp1/mask.png", 99, keep, save)
        bus.publish("cp1", [picture(5)], [mask(6)])
        assert shades(bus.load("cp1")) == ([5], [6])
        newest, *_ = bus.history("cp1")
        assert newest.origin == "edit"
        assert shades(bus.version("cp1", newest.version)) == ([1, 2], [99, 4])
        bus.restore("cp1", newest.version)
        assert shades(bus.load("cp1")) == ([1, 2], [99, 4])

    def test_what_it_replaced_can_be_restored(self, bus, folder, keep, save):
        done = bus.publish("cp1", [picture(1)], [mask(3)])
        edit(folder / "cp1/mask.png", 99, keep, save)
        assert [line.version for line in bus.history("cp1")] == [done.token]
        bus.restore("cp1", done.token)
        assert shades(bus.load("cp1")) == ([1], [3])


@pytest.mark.parametrize(("keep", "save"), EDITORS)
class TestAnEditedImage:
    def test_it_is_what_the_next_reader_gets_with_the_mask(self, bus, folder, keep, save):
        bus.publish("cp1", [picture(1)], [mask(3)])
        edit(folder / "cp1/image.png", 99, keep, save)
        assert shades(bus.load("cp1")) == ([99], [3])

    def test_a_publish_keeps_it(self, bus, folder, keep, save):
        first = bus.publish("cp1", [picture(1)], [mask(3)])
        edit(folder / "cp1/image.png", 99, keep, save)
        bus.publish("cp1", [picture(5)], [mask(6)])
        lines = bus.history("cp1")
        assert [line.origin for line in lines] == ["edit", "publish"]
        assert shades(bus.version("cp1", lines[0].version)) == ([99], [3])
        assert lines[1].version == first.token

    def test_the_published_original_can_be_restored(self, bus, folder, keep, save):
        done = bus.publish("cp1", [picture(1), picture(2)], [mask(3), mask(4)])
        edit(folder / "cp1/image.png", 99, keep, save)
        bus.restore("cp1", done.token)
        assert shades(bus.load("cp1")) == ([1, 2], [3, 4])


def test_an_edited_image_that_kept_its_chunk_keeps_its_frames(bus, folder):
    bus.publish("cp1", [picture(1), picture(2)], [mask(3), mask(4)])
    edit(folder / "cp1/image.png", 99, True, by_replacing)
    assert shades(bus.load("cp1")) == ([99, 2], [3, 4])
    bus.publish("cp1", [picture(5)], [mask(6)])
    assert shades(bus.version("cp1", bus.history("cp1")[0].version)) == ([99, 2], [3, 4])


def test_a_deleted_mask_comes_back(bus, folder):
    bus.publish("cp1", [picture(1)], [mask(3)])
    (folder / "cp1/mask.png").unlink()
    assert shades(bus.load("cp1")) == ([1], [3])
    assert shade((folder / "cp1/mask.png").read_bytes()) == 3


def test_a_mask_that_was_not_shown_in_time_is_shown_by_the_next_reader(bus, folder):
    bus.publish("cp1", [picture(1)], [mask(3)])
    stale = (folder / "cp1/mask.png").read_bytes()
    bus.publish("cp1", [picture(5)], [mask(6)])
    (folder / "cp1/mask.png").write_bytes(stale)
    assert shades(bus.load("cp1")) == ([5], [6])
    assert shade((folder / "cp1/mask.png").read_bytes()) == 6


def test_folders_of_the_earlier_pack_open_as_they_are(bus, folder):
    (folder / "old").mkdir(parents=True)
    (folder / "old/image.png").write_bytes(picture(1))
    assert shades(bus.load("old")) == ([1], [])
    (folder / "old/mask.png").write_bytes(mask(2))
    assert shades(bus.load("old")) == ([1], [2])
    bus.publish("old", [picture(3)])
    assert shades(bus.version("old", bus.history("old")[0].version)) == ([1], [2])


def test_a_picture_copied_to_a_new_slot_is_a_slot(bus, folder):
    bus.publish("cp1", [picture(1)], [mask(3)])
    (folder / "cp2").mkdir()
    (folder / "cp2/image.png").write_bytes((folder / "cp1/image.png").read_bytes())
    assert shades(bus.load("cp2")) == ([1], [])
    (folder / "cp2/mask.png").write_bytes((folder / "cp1/mask.png").read_bytes())
    assert shades(bus.load("cp2")) == ([1], [3])


def test_a_copied_picture_is_not_paired_with_another_publish_s_mask(bus, folder):
    bus.publish("cp1", [picture(1)], [mask(3)])
    bus.publish("cp2", [picture(5)], [mask(6)])
    (folder / "cp2/image.png").write_bytes((folder / "cp1/image.png").read_bytes())
    with pytest.raises(CorruptData, match="cp2"):
        bus.load("cp2")
    edit(folder / "cp2/image.png", 99, True, by_replacing)
    assert shades(bus.load("cp2")) == ([99], [6])


def test_missing_frames_are_reported_and_not_left_out(bus, folder):
    done = bus.publish("cp1", [picture(1), picture(2)])
    (folder / f".versions/cp1/{done.token}/frame-0002.png").unlink()
    with pytest.raises(CorruptData, match="further frames are gone"):
        bus.load("cp1")
    bus.publish("cp1", [picture(3)])
    assert shades(bus.load("cp1")) == ([3], [0])


def test_a_picture_in_another_format_can_be_restored(bus, folder):
    import io

    from PIL import Image

    bus.publish("cp1", [picture(1)], [mask(3)])
    buffer = io.BytesIO()
    Image.new("RGB", (8, 6), (200, 200, 200)).save(buffer, "WEBP", lossless=True)
    (folder / "cp1/image.png").write_bytes(buffer.getvalue())
    assert shades(bus.load("cp1")) == ([200], [3])
    bus.publish("cp1", [picture(5)])
    bus.restore("cp1", bus.history("cp1")[0].version)
    assert shades(bus.load("cp1")) == ([200], [3])
    assert state(bus.load("cp1").images[0]) == "sealed"


@pytest.mark.parametrize("saved", [80, 300, -4])
def test_a_picture_that_is_being_saved_in_place_is_waited_for(bus, folder, saved):
    bus.publish("cp1", [picture(1)], [mask(3)])
    path = folder / "cp1/image.png"
    whole = edited(path.read_bytes(), 99, keep_chunk=True)
    path.write_bytes(whole[:saved])
    threading.Timer(0.15, path.write_bytes, [whole]).start()
    assert shades(bus.load("cp1")) == ([99], [3])
