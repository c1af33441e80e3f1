"""Under which address ComfyUI serves the page's modules."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from types import ModuleType

import pytest

from datasete.comfy.web_folder import web_directory


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    nodes = ModuleType("nodes")
    nodes.EXTENSION_WEB_DIRS = {}
    monkeypatch.setitem(sys.modules, "nodes", nodes)
    return nodes.EXTENSION_WEB_DIRS


@pytest.mark.parametrize("folder", ["datasete", "Datasete-main", "comfyui_datasete.old"])
def test_a_plain_folder_is_served_as_comfyui_serves_every_pack(served: dict[str, str], folder: str) -> None:
    assert web_directory(folder, Path("web")) == "./web"
    assert served == {}


@pytest.mark.parametrize("folder", ["my pack", "päck-画像", "a&b", "100%", "a#b", "a+b"])
def test_any_other_folder_is_served_under_an_address_of_our_own(
    served: dict[str, str], folder: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert web_directory(folder, Path("web")) is None
    assert served == {"datasete": "web"}
    [line] = caplog.messages
    assert folder in line
    assert "rename the folder" in line


def test_outside_of_comfyui_nothing_is_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "nodes", raising=False)
    assert web_directory("my pack", Path("web")) == "./web"
