"""``datasete doctor`` and ``datasete plugins``; real servers with faults are in tests/stores/test_diagnoses.py."""

import json
import os
import subprocess
import sys

import pytest

from datasete.cli import main
from datasete.cli.output import find_comfyui


@pytest.fixture
def call(tmp_path, capsys):
    def call(*arguments):
        status = main([*arguments, "--data", str(tmp_path)])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


@pytest.fixture
def strangers(tmp_path):
    """Things of other people in the bus's folder."""
    bus = tmp_path / "input" / "gate_bus"
    for name in ("holiday.jpg", "CON/image.png", ".hidden/image.png", "a/b/image.png", " spaced /image.png"):
        (bus / name).parent.mkdir(parents=True, exist_ok=True)
        (bus / name).write_bytes(b"theirs")
    return bus


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_the_doctor_says_of_every_space_whether_it_is_safe_and_what_is_in_it(call):
    status, out, _ = call("doctor")
    assert status == 0
    assert out.count("Safe to share between tabs and processes of this machine.") == 2
    assert "      0 slots.\n" in out


def test_the_doctor_names_the_folder_and_the_configuration_that_it_read(call, tmp_path):
    assert call("doctor")[1].startswith(f"data           {tmp_path}\nconfiguration  no datasete.toml found\n")
    (tmp_path / "user").mkdir(exist_ok=True)
    file = tmp_path / "user" / "datasete.toml"
    file.write_text("[bus]\nhistory = 3\n")
    assert f"configuration  {file}\n" in call("doctor")[1]
    assert json.loads(call("doctor", "--json")[2]) == {"data": str(tmp_path), "configuration": str(file)}


@pytest.fixture
def comfyui(tmp_path):
    for name in ("comfy", "custom_nodes/pack", "input", "user"):
        (tmp_path / "ComfyUI" / name).mkdir(parents=True)
    return tmp_path / "ComfyUI"


@pytest.mark.parametrize("inside", [".", "custom_nodes/pack", "user"])
def test_without_a_folder_commands_mean_the_comfyui_around_them(comfyui, inside, monkeypatch, capsys):
    monkeypatch.chdir(comfyui / inside)
    assert main(["doctor"]) == 0
    assert f"data           {comfyui}\n" in capsys.readouterr().out
    assert (comfyui / "input" / "gate_bus").exists()


def test_elsewhere_the_comfyui_that_the_pack_lies_in_is_meant(comfyui, tmp_path):
    assert find_comfyui(tmp_path, comfyui / "custom_nodes" / "pack") == comfyui
    assert find_comfyui(tmp_path, tmp_path) is None


def test_what_is_not_ours_is_counted_and_left_alone(call, strangers):
    before = files(strangers)
    assert "      0 slots. 5 other objects lie there and are left alone.\n" in call("doctor")[1]
    assert json.loads(call("doctor", "--json")[1])[0]["foreign"] == 5
    assert call("bus", "ls")[1] == "5 other objects lie there and are left alone.\n"
    assert [name for name in files(strangers) if not name.startswith(".locks/")] == before


def test_programs_get_the_slots_as_before_and_are_told_of_others_on_standard_error(call, strangers):
    status, out, err = call("bus", "ls", "--json")
    assert (status, json.loads(out)) == (0, [])
    assert json.loads(err) == {"foreign": 5, "message": "5 other objects lie there and are left alone."}


def test_programs_are_told_nothing_when_there_is_nothing_else(call):
    assert call("bus", "ls", "--json") == (0, "[]\n", "")


def test_one_is_one(call, strangers):
    for name in files(strangers)[1:]:
        (strangers / name).unlink()
    assert call("bus", "ls")[1] == "1 other object lies there and is left alone.\n"


def test_a_space_that_is_not_safe_is_exit_status_one_and_a_hint(call, monkeypatch):
    monkeypatch.setenv("DATASETE_BUS__URL", "gopher://hole")
    status, out, _ = call("doctor")
    assert status == 1
    assert "FAIL  bus  gopher://hole\n      The space “bus” uses gopher://, which is not among" in out
    assert "storage.schemes" in out


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("s3://key:hunter2@bucket/x", "Put credentials into the environment"),
        ("simplecache::s3://key:hunter2@bucket/x", "is a chain"),
        ("smb://me@hunter2/share", "put username and password into the options"),
    ],
)
def test_a_secret_in_a_url_is_refused_and_not_shown(call, monkeypatch, url, says):
    monkeypatch.setenv("DATASETE_BUS__URL", url)
    for arguments in (["doctor"], ["doctor", "--json"], ["bus", "ls"]):
        status, out, err = call(*arguments)
        assert status == 1
        assert "key:hunter2" not in out + err
    assert says in call("doctor")[1]


def test_plugins_say_where_they_are_from_and_what_they_fill(call):
    status, out, _ = call("plugins")
    assert status == 0
    assert out.splitlines()[0].split() == ["PLUGIN", "FROM", "HOOKS"]
    assert "datasete_fsspec    bundled  datasete_open_store, datasete_schemes\n" in out


def test_a_plugin_that_was_left_out_says_why(call, monkeypatch):
    monkeypatch.setenv("DATASETE_PLUGINS__LOAD", '["no_such_plugin"]')
    out = call("plugins")[1]
    assert "no_such_plugin     configuration  ModuleNotFoundError: No module named 'no_such_plugin'" in out


@pytest.mark.parametrize(("setting", "traced"), [("true", True), ("false", False)])
def test_a_trace_that_was_asked_for_is_seen_and_nothing_else_is_louder(tmp_path, setting, traced):
    command = [sys.executable, "-m", "datasete.cli", "doctor", "--data", str(tmp_path)]
    variables = os.environ | {"DATASETE_PLUGINS__TRACE": setting}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=variables)
    assert ("hook datasete_open_store(space=Space(name='bus'" in done.stderr) == traced
    assert not [line for line in done.stderr.splitlines() if not line.startswith("hook ")]
