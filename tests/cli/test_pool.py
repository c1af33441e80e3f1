"""``datasete pool``."""

import io
import json
import zipfile

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
