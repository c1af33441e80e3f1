"""``datasete pool``."""

import io
import json
import os
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from datasete.cli import main


def png(number, mode="RGB"):
    file = io.BytesIO()
    Image.new("RGB", (6, 4), (number, 2, 3)).convert(mode).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def run(tmp_path, capsys):
    """`run("ls")`: exit status, and what was printed: decoded when it is JSON."""

    def call(*arguments, data="data", as_json=True):
        command = ["pool", *map(str, arguments), "--data", str(tmp_path / data), *(["--json"] if as_json else [])]
        status = main(command)
        out, err = capsys.readouterr()
        return status, (json.loads(out or err) if as_json else out + err)

    return call


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "set"
    (folder / "masks").mkdir(parents=True)
    for number in (1, 2, 10):
        (folder / f"cat {number}.png").write_bytes(png(number))
    (folder / "cat 2.txt").write_text("two cats\n", "utf-8")
    (folder / "masks" / "cat 10.png").write_bytes(png(255, "L"))
    (folder / "readme.md").write_text("no picture")
    return folder


def test_a_folder_is_added_with_captions_and_masks_in_natural_order(run, pictures):
    status, answer = run("add", pictures, "--to", "cats")
    assert (status, answer["added"], answer["errors"]) == (0, 3, [])
    _, listed = run("ls", "CATS")
    assert [(slot["label"], bool(slot["mask"])) for slot in listed] == [("", False), ("two cats", False), ("", True)]
    assert run("ls")[1] == [{"id": answer["id"], "name": "cats", "pictures": 3}]


def test_the_default_pool_needs_no_profile(run, pictures):
    run("add", pictures / "cat 1.png")
    run("add", pictures / "cat 2.png")
    assert run("ls")[1] == [{"id": "default", "name": None, "pictures": 2}]
    _, text = run("ls", "default", as_json=False)
    assert "img_0001.png" in text
    assert "two cats" in text


def test_the_good_files_are_added_and_the_bad_ones_named(run, pictures):
    (pictures / "broken.png").write_bytes(b"hello")
    status, answer = run("add", pictures)
    assert (status, answer["added"]) == (0, 3)
    assert [error["file"] for error in answer["errors"]] == [str(pictures / "broken.png")]
    status, text = run("add", pictures / "broken.png", as_json=False)
    assert status == 2
    assert "broken.png: The picture cannot be read" in text


def test_a_profile_is_carried_to_another_data_folder(run, pictures, tmp_path):
    run("add", pictures, "--to", "Größe")
    file = tmp_path / "out.zip"
    status, answer = run("export", "größe", file)
    assert (status, answer["pictures"]) == (0, 3)
    assert answer["bytes"] == file.stat().st_size
    status, copy = run("import", file, data="other")
    assert (status, copy["name"], copy["pictures"]) == (0, "Größe", 3)
    here, there = tmp_path / "data/input/grid_pool", tmp_path / "other/input/grid_pool" / copy["id"]
    for name in ("img_0001.png", "img_0002.png", "img_0003.png", "img_0003.mask.png"):
        assert (there / name).read_bytes() == next(here.glob(f"*/{name}")).read_bytes()
    assert run("import", file, "--name", "Other")[1]["name"] == "Other"


def test_a_training_set_is_written_and_read(run, pictures, tmp_path):
    run("add", pictures, "--to", "cats")
    run("export", "cats", tmp_path / "set.zip", "--format", "training-set")
    assert "0002.txt" in zipfile.ZipFile(tmp_path / "set.zip").namelist()
    assert run("import", tmp_path / "set.zip")[1]["name"] == "set"


def test_an_export_replaces_no_file_and_leaves_none_when_it_fails(run, pictures, tmp_path):
    run("add", pictures, "--to", "cats")
    file = tmp_path / "taken.zip"
    file.write_bytes(b"mine")
    status, answer = run("export", "cats", file)
    assert (status, "exists already" in answer["error"]["message"]) == (2, True)
    assert file.read_bytes() == b"mine"
    next((tmp_path / "data/input/grid_pool").glob("*/img_0002.png")).unlink()
    assert run("export", "cats", tmp_path / "new.zip")[0] == 1
    assert not list(tmp_path.glob("*new*")) + list(tmp_path.glob(".datasete*"))


@pytest.mark.parametrize(
    "arguments",
    [
        ["ls", "nope"],
        ["ls", "../x"],
        ["add", "no-such-file.png"],
        ["add", "."],
        ["export", "nope"],
        ["export", "nope", "--format", "x"],
        ["import", "no-such-file.zip"],
    ],
    ids=" ".join,
)
def test_bad_input_is_exit_status_2_with_a_sentence(run, arguments, tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    status, answer = run(*arguments)
    assert status == 2
    assert answer["error"]["message"]


def test_a_broken_file_is_not_imported(run, tmp_path):
    (tmp_path / "x.zip").write_bytes(b"hello")
    status, answer = run("import", tmp_path / "x.zip")
    assert (status, answer["error"]["code"]) == (2, "unreadable_archive")
    assert run("ls")[1] == []


CAPTION = "女の子が海辺に立っている"


def labels(run, pool):
    return [slot["label"] for slot in run("ls", pool)[1]]


def test_captions_are_read_in_whatever_encoding_and_under_every_usual_name(run, tmp_path):
    folder = tmp_path / "set"
    folder.mkdir()
    for number, name in enumerate(["1.png", "2.PNG", "3.png", "4.jfif"]):
        (folder / name).write_bytes(png(number))
    (folder / "1.txt").write_bytes(CAPTION.encode("utf-16"))
    (folder / "2.TXT").write_bytes(CAPTION.encode("shift_jis"))
    (folder / "3.png.txt").write_bytes("une fenêtre".encode("cp1252"))
    (folder / "4.caption").write_bytes(CAPTION.encode("utf-16-le"))
    assert run("add", folder, "--to", "set")[0] == 0
    assert labels(run, "set") == [CAPTION, CAPTION, "une fenêtre", CAPTION]


def test_a_caption_or_mask_that_cannot_be_read_is_named_and_its_picture_is_added(run, pictures):
    (pictures / "cat 1.txt").write_bytes(b"\x89PNG\0\1")
    (pictures / "cat 2.txt").write_bytes(b"x" * 10_001)
    (pictures / "masks" / "cat 10.png").write_bytes(b"no mask")
    status, answer = run("add", pictures, "--to", "cats")
    assert (status, answer["added"]) == (0, 3)
    named = [pictures / "cat 1.txt", pictures / "cat 2.txt", pictures / "masks" / "cat 10.png"]
    assert [error["file"] for error in answer["errors"]] == list(map(str, named))
    assert labels(run, "cats") == ["", "", ""]


def test_folders_below_are_added_in_natural_order_and_what_is_left_out_is_counted(run, tmp_path):
    folder = tmp_path / "photos"
    for number, name in enumerate(["2/1.png", "10/1.jpe", "1.jp2.png", "1.apng", "a/@eaDir/1.png", "~$1.png"]):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(png(number))
    for name in ("1.heic", "2.HEIC", "notes.md", "2/orphan.txt"):
        (folder / name).write_bytes(b"?")
    (folder / "loop.png").symlink_to("loop.png")
    status, answer = run("add", folder, "--to", "all")
    assert (status, answer["added"], answer["errors"]) == (0, 4, [])
    left_out = {each["file"].removeprefix(f"{folder}/"): each["reason"] for each in answer["left_out"]}
    assert left_out == {
        "1.heic": "a picture in a format that is not read",
        "2.HEIC": "a picture in a format that is not read",
        "notes.md": "not a picture",
        "2/orphan.txt": "not a picture",
        "loop.png": "cannot be read",
    }
    _, text = run("add", folder, as_json=False)
    assert "Left out, a picture in a format that is not read: 2 .heic." in text
    assert "Left out, not a picture: 1 .txt, 1 .md." in text


def test_files_that_a_shell_lists_are_paired_as_those_of_a_folder(run, pictures):
    status, answer = run("add", *sorted(path for path in pictures.iterdir() if path.is_file()), "--to", "cats")
    assert (status, answer["added"]) == (0, 3)
    assert [Path(error["file"]).name for error in answer["errors"]] == ["readme.md"]
    assert sorted(labels(run, "cats")) == ["", "", "two cats"]


def test_a_pipe_is_left_out_without_waiting(run, tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    status, answer = run("add", tmp_path / "pipe.png")
    assert (status, "pipe" in answer["errors"][0]["message"]) == (2, True)
