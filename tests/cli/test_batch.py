"""``datasete batch``, called as a program calls it."""

import csv
import json
import os

import pytest

from datasete.application import build_application
from datasete.batch.state import SKIP
from datasete.cli import main
from datasete.cli.output import script_host


@pytest.fixture
def data(tmp_path):
    """A batch of four files: one done, one skipped, one at work, one to do."""
    data = tmp_path / "data"
    folder = data / "input" / "photos"
    folder.mkdir(parents=True)
    for name in (b"1.png", b"2.png", b"3\xff.png", b"4.png"):
        (folder / os.fsdecode(name)).touch()
    app = build_application(script_host(data))
    loaders = app.batches.loaders
    source = loaders.source("photos")
    app.batches.loaded(loaders.begin(source, loaders.current_call("Continue", SKIP, 0)))
    loaders.skip(loaders.begin(source, loaders.current_call("Continue", SKIP, 0)), "It is, well, broken.")
    app.close()
    return data


@pytest.fixture
def call(data, capsys):
    def call(*arguments):
        status = main([*map(str, arguments), "--data", str(data)])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


def key(call):
    return json.loads(call("batch", "ls", "--json")[1])[0]["key"]


def test_ls(call, data):
    status, out, _ = call("batch", "ls")
    assert status == 0
    heads, line = out.splitlines()
    assert heads.split() == ["BATCH", "STATE", "DONE", "SKIPPED", "FOLDER"]
    assert line.split()[1:4] == ["walking", "1/4", "1"]
    assert str(data / "input" / "photos") in line


def test_show_by_key_by_its_beginning_and_by_folder(call, data):
    shown = [call("batch", "show", each)[1] for each in (key(call), key(call)[:6], "photos", data / "input" / "photos")]
    assert len(set(shown)) == 1
    assert "1.png" not in shown[0]
    assert "2.png: It is, well, broken." in shown[0]


def test_reset(call):
    assert call("batch", "reset", "photos")[0] == 0
    assert json.loads(call("batch", "show", "photos", "--json")[1])["state"] == "fresh"


def test_export_to_a_file(call, tmp_path):
    assert call("batch", "export", "photos", tmp_path / "ledger.csv")[0] == 0
    with (tmp_path / "ledger.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == ["1.png", "2.png", "3\ufffd.png", "4.png"]
    assert [row["state"] for row in rows] == ["done", "skipped", "todo", "todo"]
    assert rows[1]["reason"] == "It is, well, broken."
    assert rows[0]["ended"].endswith("Z")


def test_export_to_standard_output(call):
    out = call("batch", "export", "photos")[1]
    assert [row["index"] for row in csv.DictReader(out.splitlines())] == ["0", "1", "2", "3"]
    assert json.loads(call("batch", "export", "photos", "--json")[1])[1]["state"] == "skipped"


@pytest.mark.parametrize("action", ["show", "reset", "export"])
def test_a_batch_that_is_not_there(call, action):
    status, out, err = call("batch", action, "nowhere")
    assert (status, out) == (2, "")
    assert "The batch “nowhere” does not exist" in err


def test_a_file_that_cannot_be_written(call, tmp_path):
    status, _, err = call("batch", "export", "photos", tmp_path / "nowhere" / "x.csv")
    assert status == 2
    assert "cannot be written" in err


def test_no_batches(tmp_path, capsys):
    assert main(["batch", "ls", "--json", "--data", str(tmp_path / "empty")]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert not (tmp_path / "empty").exists()
