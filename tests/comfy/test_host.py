"""The pack inside (as much as it touches of) ComfyUI, loaded and driven as ComfyUI loads and drives it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from datasete.comfy import host as comfy

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Any:
    data = tmp_path_factory.mktemp("comfyui")
    command = [sys.executable, str(ROOT / "tests" / "kit" / "standin_comfyui.py"), str(ROOT), str(data)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, cwd=data)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert (data / "input" / "gate_bus" / "cp1" / "image.png").is_file()
    return json.loads(done.stdout)


def test_outside_of_comfyui_nothing_is_started() -> None:
    assert comfy.running_server() is None
    assert comfy.start() is False


def test_gates_of_a_list_are_answered_one_by_one_over_the_hosts_routes(seen: Any) -> None:
    assert seen["shown"] == [["4:2", index, "p-1", True] for index in range(3)]
    assert seen["preview"] == [200, "image/jpeg"]
    picture, mask = "[2, 4, 6, 3]", "[2, 4, 6]"
    assert seen["routes"] == [
        [mask, picture, "ExecutionBlocker"],
        [mask, "ExecutionBlocker", picture],
        [mask, "ExecutionBlocker", picture],
    ]


def test_a_stop_and_the_hosts_cancel_raise_the_hosts_own_interrupt(seen: Any) -> None:
    assert seen["stopped"] == ["InterruptProcessingException"] * 2
    assert seen["interrupted"] == ["InterruptProcessingException"]
    assert seen["late"] == 409


def test_the_page_that_comfyui_itself_answers_is_answered(seen: Any) -> None:
    assert seen["cors"] == [200, 403]


def test_what_was_published_comes_back_from_the_input_folder(seen: Any) -> None:
    assert seen["slots"] == ["cp1"]
    assert seen["same"] is True


def test_events_go_to_the_tab_that_queued_the_run(seen: Any) -> None:
    events = [tuple(event) for event in seen["events"]]
    assert ("datasete-gate-show", "tab") in events
    assert ("datasete-gates-changed", None) in events
    assert ("datasete-slot-published", None) in events
    assert ("datasete-gate-show", None) not in events


def test_a_second_door_into_the_same_host_opens_without_binding_twice(seen: Any) -> None:
    assert seen["again"] == []
    assert seen["path_kept"] is True
    assert seen["status"] == "ComfyUI"


def test_packs_with_nodes_of_our_ids_are_named_in_one_line_each(seen: Any) -> None:
    late, early = seen["log"]
    assert late.startswith("Datasete and late-pack both have nodes called BatchImageSaver, FolderImageLoader; theirs ")
    assert early.startswith("Datasete and gates-of-somebody both have nodes called ImageGate; Datasete's are used, ")


@pytest.mark.parametrize(
    ("listen", "loopback"),
    [
        ("127.0.0.1", True),
        ("localhost", True),
        ("::1", True),
        ("127.0.0.1, ::1", True),
        ("0.0.0.0,::", False),
        ("127.0.0.1,192.168.0.2", False),
        ("studio.example", False),
    ],
)
def test_a_bind_is_loopback_when_all_of_its_addresses_are(listen: str, loopback: bool) -> None:
    assert comfy.all_loopback(listen) is loopback
