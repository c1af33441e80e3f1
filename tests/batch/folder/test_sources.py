"""Which folder a text names, and reading the files in it."""

import os
import shutil

import pytest
from ordinary_user import an_ordinary_user

from datasete.batch.folder.sources import Location, parse_location, read_file, shown
from datasete.config import LimitSettings, PluginSettings
from datasete.errors import InvalidInput, NotFound, StoreDenied, StoreUnavailable, TooLarge
from datasete.hooks.manager import build_hooks
from datasete.plugin import Space
from datasete.storage import Storage


@pytest.fixture
def roots(tmp_path):
    folders = tmp_path / "input", tmp_path / "output"
    for folder in folders:
        folder.mkdir()
    return folders


def test_every_spelling_of_a_folder_is_one_place(tmp_path, roots):
    folder = roots[0] / "a"
    folder.mkdir()
    (roots[0] / "b").mkdir()
    spellings = ["a", "a/", "./a", "b/../a", str(folder), f"{folder}{os.sep}", f'"{folder}"', "  a  "]
    assert {parse_location(text, roots, ()).identity for text in spellings} == {os.path.normcase(str(folder.resolve()))}


def test_a_link_to_a_folder_is_that_folder(roots):
    (roots[0] / "real").mkdir()
    (roots[0] / "link").symlink_to(roots[0] / "real")
    assert parse_location("link", roots, ()) == parse_location("real", roots, ())


def test_a_link_out_of_a_root_is_followed_where_that_is_allowed(tmp_path, roots):
    (tmp_path / "disk" / "ds" / "deep").mkdir(parents=True)
    (roots[0] / "ds").symlink_to(tmp_path / "disk" / "ds")
    (roots[1] / "ds").mkdir()
    disk = (tmp_path / "disk").resolve()
    assert parse_location("ds", roots, (), roots[:1]).path == str(disk / "ds")
    assert parse_location("ds/deep/**", roots, (), roots) == Location("", str(disk / "ds" / "deep"), recursive=True)
    assert parse_location("ds/../later", roots, (), roots).path == str(roots[0].resolve() / "later"), (
        "not behind the link"
    )
    with pytest.raises(InvalidInput, match="leads out of the input and output folders"):
        parse_location("ds/../../disk", roots, (), roots)


@pytest.mark.parametrize(("number", "root"), [(0, "input"), (1, "output")])
def test_a_link_that_is_not_followed_is_named_with_its_root(tmp_path, roots, number, root):
    (tmp_path / "disk").mkdir()
    (roots[number] / "ds").symlink_to(tmp_path / "disk")
    for linked in ((), (roots[1 - number],)):
        with pytest.raises(InvalidInput, match=f"“ds” is a link that leads out of the {root} folder") as caught:
            parse_location("ds", roots, (), linked)
        assert "paths.follow_links" in caught.value.hint


def test_a_root_that_is_a_link_itself_is_no_link_out_of_it(tmp_path):
    (tmp_path / "disk" / "a").mkdir(parents=True)
    (tmp_path / "input").symlink_to(tmp_path / "disk")
    assert parse_location("a", (tmp_path / "input",), ()).path == str((tmp_path / "disk" / "a").resolve())
    assert parse_location("b", (tmp_path / "input",), ()).path == str((tmp_path / "disk").resolve() / "b")


def test_a_relative_folder_may_be_under_output(roots):
    (roots[1] / "done").mkdir()
    assert parse_location("done", roots, ()).path == str((roots[1] / "done").resolve())


def test_a_relative_folder_that_does_not_exist_is_expected_under_input(roots):
    assert parse_location("later", roots, ()).path == str(roots[0].resolve() / "later")


@pytest.mark.parametrize("text", ["..", "../x", "a/../../x", "~nobody-of-this-name/../.."])
def test_a_relative_folder_stays_under_its_root(roots, text):
    with pytest.raises(InvalidInput, match="leads out of"):
        parse_location(text, roots, ())


@pytest.mark.parametrize("text", ["", "   ", None, '""'])
def test_no_folder_is_said_so(roots, text):
    with pytest.raises(InvalidInput, match="No folder is named"):
        parse_location(text, roots, ())


def test_a_space_is_named_before_a_colon(roots):
    assert parse_location("photos:2024//may/", roots, {"photos"}) == Location("photos", "2024/may")
    assert parse_location("photos:", roots, {"photos"}) == Location("photos", "")


def test_a_folder_in_a_space_stays_in_it(roots):
    with pytest.raises(InvalidInput, match="leads out of its space"):
        parse_location("photos:a/../../b", roots, {"photos"})


def test_a_colon_without_a_space_is_part_of_the_name(roots):
    assert parse_location("12:30", roots, {"photos"}) == Location("", str(roots[0].resolve() / "12:30"))


def test_two_stars_ask_for_all_folders_below(roots):
    assert parse_location("a/**", roots, ()) == Location("", str(roots[0].resolve() / "a"), recursive=True)
    assert parse_location("**", roots, ()) == Location("", str(roots[0].resolve()), recursive=True)
    assert parse_location("photos:x/**", roots, {"photos"}) == Location("photos", "x", recursive=True)


def test_a_zero_byte_is_refused(roots):
    with pytest.raises(InvalidInput, match="zero byte"):
        parse_location("a\0b", roots, ())


def test_a_name_that_is_no_text_can_be_shown():
    assert shown("caf\udce9\n.png") == "caf��.png"
    assert shown("写真 ١.png") == "写真 ١.png"


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
    with pytest.raises(NotFound, match="It was removed after the folder was listed"):
        read(folder, "c.png")


def test_a_folder_that_is_gone_is_no_fault_of_the_file(folder):
    shutil.rmtree(folder)
    with pytest.raises(
        StoreUnavailable, match=r"The folder “.*” is gone\. The batch keeps its place\. Bring the folder back"
    ):
        read(folder, "a.png")


def test_a_file_that_may_not_be_read(folder):
    (folder / "a.png").chmod(0)
    with an_ordinary_user(), pytest.raises(StoreDenied, match="There is no permission to read it"):
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
        with pytest.raises(NotFound, match="removed after the folder was listed"):
            read_file(lambda _: storage, location, f"{prefix}c.png", LIMITS)
