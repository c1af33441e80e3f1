"""The command: where it listens, what it says, and how it ends. Real processes on the loopback."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

import pytest

from datasete.errors import ConfigError
from datasete.samples import PHOTOGRAPHS
from datasete.workbench import serve as module
from datasete.workbench.assets import FRONTEND_VARIABLE, find_frontend, find_pack
from datasete.workbench.folders import Folders
from datasete.workbench.serve import has_desktop, serve
from datasete.workbench.workflow_run import run_workflow

SCRIPT = "import sys; from datasete.workbench.serve import serve; serve(port=0, data=sys.argv[1])"


@contextmanager
def workbench(folder):
    """A workbench in a process of its own; yields the process and its address."""
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, str(folder)], stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        yield process, next(word for word in line.split() if word.startswith("http")).rstrip("/")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def get(url):
    with urllib.request.urlopen(url, timeout=20) as answer:
        return json.load(answer)


def post(url, body):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


GATE = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "chelsea.png"}},
    "2": {"class_type": "ImageGate", "inputs": {"routes": 1, "image": ["1", 0]}},
    "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 1], "filename_prefix": "never"}},
}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_while_a_gate_is_paused(tmp_path, number):
    with workbench(tmp_path) as (process, address):
        post(f"{address}/api/prompt", {"prompt": GATE})
        while not get(f"{address}/api/datasete_gate/pending")["gates"]:
            time.sleep(0.02)
        process.send_signal(number)

        assert process.wait(timeout=30) == 0
    assert not list((tmp_path / "output").iterdir())


def test_what_was_saved_is_there_after_a_restart(tmp_path):
    with workbench(tmp_path) as (process, address):
        post(f"{address}/api/userdata/workflows%2Fmine.json", {"id": "mine"})
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
    with workbench(tmp_path) as (_, address):
        assert get(f"{address}/api/userdata/workflows%2Fmine.json") == {"id": "mine"}


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.org"])
def test_an_address_that_others_reach_needs_the_flag_and_says_why(host, tmp_path):
    with pytest.raises(ConfigError, match=r"no login.*--expose"):
        serve(host, 0, data=tmp_path / "data")

    assert not (tmp_path / "data").exists()


def test_a_taken_port_is_named(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=rf"Port {port} .*in use.*--port"):
            serve(port=port, data=tmp_path / "data")

    assert not (tmp_path / "data").exists(), "a running workbench over the same folder keeps its previews"


def test_an_address_that_is_not_ours_is_named():
    with pytest.raises(ConfigError, match=r"192\.0\.2\.1"):
        module.open_port("192.0.2.1", 0)


def test_a_folder_that_cannot_be_used_is_named(tmp_path):
    (tmp_path / "file").write_text("x")

    with pytest.raises(ConfigError, match=r"file.*--data"):
        module.prepare_folders(Folders(tmp_path / "file"))


def test_a_missing_frontend_is_one_sentence_that_names_the_package(monkeypatch):
    monkeypatch.delenv(FRONTEND_VARIABLE, raising=False)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    with pytest.raises(ConfigError, match="pip install comfyui-frontend-package"):
        find_frontend()


def test_another_frontend_can_be_named(tmp_path, monkeypatch):
    (tmp_path / "index.html").write_text("x")
    assert find_frontend(tmp_path) == tmp_path
    monkeypatch.setenv(FRONTEND_VARIABLE, str(tmp_path))
    assert find_frontend() == tmp_path

    with pytest.raises(ConfigError, match=r"index\.html"):
        find_frontend(tmp_path / "gone")


def test_the_installed_frontend_is_found(monkeypatch):
    monkeypatch.delenv(FRONTEND_VARIABLE, raising=False)

    assert (find_frontend() / "index.html").is_file()


def test_the_pack_is_found_beside_the_package():
    assert (find_pack().web / "image_gate.js").is_file()
    assert find_pack().examples.is_dir()


def test_every_photograph_is_credited():
    text = (PHOTOGRAPHS / "CREDITS.md").read_text("utf-8")

    for path in PHOTOGRAPHS.iterdir():
        assert path.name == "CREDITS.md" or f"`{path.name}`" in text
    assert sum(path.stat().st_size for path in PHOTOGRAPHS.iterdir()) < 1_000_000


def test_without_a_desktop_no_browser_takes_the_terminal_over(monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert not has_desktop()
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert has_desktop()


def test_a_second_host_in_the_same_folder_is_refused_and_harms_nothing(tmp_path):
    with workbench(tmp_path) as (process, address):
        (tmp_path / "temp" / "preview.png").write_bytes(b"x")
        with pytest.raises(ConfigError, match=r"Another Datasete works in .*--data"):
            serve(port=0, data=tmp_path)
        with pytest.raises(ConfigError, match="Another Datasete works in"):
            run_workflow(tmp_path, GATE)
        assert (tmp_path / "temp" / "preview.png").exists()
        assert get(f"{address}/api/queue") == {"queue_running": [], "queue_pending": []}
        process.kill()  # and one that was killed blocks no other
        process.wait()
    with workbench(tmp_path) as (_, address):
        assert get(f"{address}/api/queue") == {"queue_running": [], "queue_pending": []}
