"""``datasete bus``: slots are filled, read, listed and removed."""

import json

import pytest
from PIL import Image


def test_put_get_ls_rm(call, picture, tmp_path):
    assert call("bus", "put", "portrait", picture) == (0, "Published 1 picture to “portrait”.\n", "")
    status, out, _ = call("bus", "ls")
    assert (status, out.split()[:3], "portrait" in out) == (0, ["SLOT", "PUBLISHED", "SIZE"], True)
    status, out, _ = call("bus", "get", "portrait", tmp_path / "out")
    assert status == 0
    assert Image.open(tmp_path / "out" / "portrait.png").getpixel((0, 0)) == (200, 10, 10)
    assert call("bus", "rm", "portrait")[:2] == (0, "Removed “portrait”.\n")
    assert call("bus", "ls") == (0, "", "")


def test_what_a_slot_held_before_is_listed_and_brought_back(call, picture, tmp_path):
    call("bus", "put", "p", picture)
    Image.new("RGB", (8, 2), "blue").save(tmp_path / "blue.png")
    call("bus", "put", "p", tmp_path / "blue.png")
    (red,) = json.loads(call("bus", "history", "p", "--json")[1])
    assert (red["width"], red["height"], red["frames"], red["origin"]) == (6, 4, 1, "publish")
    assert call("bus", "history", "p")[1].splitlines()[1].startswith(red["version"])
    assert call("bus", "restore", "p", red["version"])[0] == 0
    call("bus", "get", "p", tmp_path / "out")
    assert Image.open(tmp_path / "out" / "p.png").getpixel((0, 0)) == (200, 10, 10)
    assert call("bus", "restore", "p", "no-such-version")[0] == 2


def test_a_mask_of_any_format_goes_along(call, picture, tmp_path):
    mask = tmp_path / "mask.jpg"
    Image.new("L", (6, 4), 255).save(mask)
    assert call("bus", "put", "p", picture, "--mask", mask)[0] == 0
    call("bus", "get", "p", tmp_path / "out")
    saved = Image.open(tmp_path / "out" / "p.mask.png")
    assert (saved.mode, saved.size, saved.getpixel((3, 2))) == ("L", (6, 4), 255)


def test_several_files_are_frames(call, picture, tmp_path):
    assert "Published 2 pictures" in call("bus", "put", "p", picture, picture)[1]
    names = json.loads(call("bus", "get", "p", tmp_path / "out", "--json")[1])["files"]
    assert sum("mask" not in name for name in names) == 2


def test_getting_never_overwrites_a_file(call, picture, tmp_path):
    call("bus", "put", "p", picture)
    call("bus", "get", "p", tmp_path / "out")
    before = (tmp_path / "out" / "p.png").read_bytes()
    status, _, err = call("bus", "get", "p", tmp_path / "out")
    assert (status, "exists already" in err) == (2, True)
    assert (tmp_path / "out" / "p.png").read_bytes() == before


@pytest.mark.parametrize("action", ["put", "get", "rm"])
def test_a_bad_name_is_refused_with_status_2_and_nothing_is_made(call, picture, tmp_path, action):
    status, out, err = call("bus", action, "../evil", *([picture] if action == "put" else []))
    assert (status, out) == (2, "")
    assert "The slot name “../evil” cannot be used" in err
    assert not (tmp_path / "evil").exists()
    assert not (tmp_path / "data" / "input" / "evil").exists()


def test_a_slot_that_is_not_there_is_status_2(call):
    assert call("bus", "get", "nothing")[0] == 2
    status, _, err = call("bus", "rm", "nothing", "--json")
    assert (status, json.loads(err)["error"]["code"]) == (2, "not_found")


def test_a_file_that_is_no_picture_is_named(call, tmp_path):
    (tmp_path / "notes.txt").write_text("no picture")
    status, _, err = call("bus", "put", "p", tmp_path / "notes.txt")
    assert (status, "notes.txt" in err, "Nothing was published." in err) == (2, True, True)
    assert call("bus", "put", "p", tmp_path / "missing.png")[0] == 2
    assert call("bus", "ls")[1] == ""
