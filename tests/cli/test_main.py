"""The command line, called as a program calls it."""

import json
import subprocess
import sys

import pytest

from datasete.cli import main


def test_json_answers_are_one_document(call, picture):
    call("bus", "put", "p", picture)
    listed = json.loads(call("bus", "ls", "--json")[1])
    assert [(slot["id"], slot["size"] > 0, slot["modified"] > 1e9) for slot in listed] == [("p", True, True)]
    plugins = json.loads(call("plugins", "--json")[1])
    assert "datasete_fsspec" in [plugin["name"] for plugin in plugins]
    reports = json.loads(call("doctor", "--json")[1])
    assert [(report["space"], report["ok"]) for report in reports] == [("bus", True), ("pools", True)]


def test_a_broken_configuration_is_one_sentence(tmp_path):
    (tmp_path / "bad.toml").write_text("[buss]\n")
    done = subprocess.run(
        [sys.executable, "-m", "datasete.cli", "plugins"],
        env={"DATASETE_CONFIG": str(tmp_path / "bad.toml"), "PATH": "", "HOME": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("datasete: The configuration cannot be used: buss")
    assert "Traceback" not in done.stderr


def test_commands_that_do_not_need_torch_do_not_load_it(tmp_path):
    script = "import sys; from datasete.cli import main; main(sys.argv[1:]); print('torch' in sys.modules)"
    command = [sys.executable, "-c", script, "bus", "ls", "--data", str(tmp_path)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "False\n"


def test_an_unknown_command_is_status_2():
    with pytest.raises(SystemExit, match="2"):
        main(["fly"])
