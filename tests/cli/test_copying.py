"""``datasete bus copy`` and ``datasete pool copy``: after a change of a space's URL."""

import io
import json
import shutil

import pytest
from PIL import Image

from datasete.cli import main


def png(shade, size=(6, 4)):
    file = io.BytesIO()
    Image.new("RGB", size, (shade, 2, 3)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def run(tmp_path, capsys, monkeypatch):
    """`run("bus ls")`: exit status, and the decoded answer."""

    def call(command, *further):
        status = main([*command.split(), *map(str, further), "--data", str(tmp_path / "data"), "--json"])
        out, err = capsys.readouterr()
        return status, json.loads(out or err)

    return call


@pytest.fixture
def moved(run, tmp_path, monkeypatch):
    """Two slots, one with a history, in the default folder; then the bus has another URL."""
    for shade, slot in ((1, "cp1"), (2, "cp1"), (3, "other")):
        (tmp_path / "x.png").write_bytes(png(shade))
        assert run("bus put", slot, tmp_path / "x.png")[0] == 0
    monkeypatch.setenv("DATASETE_BUS__URL", str(tmp_path / "new"))
    return tmp_path / "data" / "input" / "gate_bus"


def tree(folder):
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if not name.startswith(".locks/")}


def test_slots_are_copied_with_their_history_and_stay_where_they_were(run, moved, tmp_path):
    before = tree(moved)
    status, told = run("bus copy", moved)
    assert (status, told["copied"]) == (0, ["cp1", "other"])
    assert tree(tmp_path / "new") == tree(moved) == before
    assert [each["id"] for each in run("bus ls")[1]] == ["cp1", "other"]
    assert len(run("bus history cp1")[1]) == 1


def test_it_is_taken_up_after_any_interruption(run, moved, tmp_path):
    whole = tree(moved)
    order = sorted(whole, key=lambda name: (not name.startswith(".versions"), name.endswith("/image.png"), name))
    for count in range(len(order)):
        new = tmp_path / "new"
        shutil.rmtree(new, ignore_errors=True)
        for name in order[:count]:
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            (new / name).write_bytes(whole[name])
        assert run("bus copy", moved)[0] == 0
        assert tree(new) == whole


def test_a_slot_that_the_target_has_otherwise_is_left_alone_and_named(run, moved, tmp_path):
    (tmp_path / "y.png").write_bytes(png(9))
    run("bus put", "cp1", tmp_path / "y.png")
    status, told = run("bus copy", moved)
    assert (status, told["copied"], told["kept"]) == (1, ["other"], ["cp1"])
    assert run("bus history cp1")[1] == []


@pytest.mark.parametrize(("source", "target"), [("bus", "bus"), ("bus", None)])
def test_a_place_is_not_copied_to_itself(run, moved, source, target):
    status, told = run("bus copy", source, *([target] if target else []))
    assert status == 2
    assert "same place" in told["error"]["message"]


def test_an_empty_place_is_no_success(run, moved, tmp_path):
    status, told = run("bus copy", tmp_path / "nothing")
    assert status == 2
    assert "There is no slot" in told["error"]["message"]


def test_the_doctor_mentions_slots_that_were_left(run, moved):
    _, (bus, _) = run("doctor")
    assert bus["ok"]
    assert "2 slots lie in the default folder" in bus["hint"]
    assert f'datasete bus copy "{moved}"' in bus["hint"]


def test_pools_are_copied_with_their_names(run, tmp_path, monkeypatch):
    for shade in (1, 2):
        (tmp_path / f"{shade}.png").write_bytes(png(shade))
        run("pool add --to Mine", tmp_path / f"{shade}.png")
    run("pool add", tmp_path / "1.png")
    monkeypatch.setenv("DATASETE_POOLS__URL", str(tmp_path / "new"))
    old = tmp_path / "data" / "input" / "grid_pool"
    status, told = run("pool copy", old)
    assert (status, len(told["copied"])) == (0, 2)
    names = json.dumps(run("pool ls")[1])
    assert "Mine" in names
    assert "Mine (2)" not in names
    status, told = run("pool copy", old)
    assert (status, told["copied"], len(told["there"])) == (0, [], 2)
    assert json.dumps(run("pool ls")[1]) == names
