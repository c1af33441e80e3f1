import os

import pytest

from datasete.batch.sources import Location, parse_location, shown
from datasete.errors import InvalidInput


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
