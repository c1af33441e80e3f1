"""Bad names at every entry point of bus and gate that takes one: refused with a reason, and nothing is touched."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from bad_names import BAD_NAMES
from PIL import Image
from yarl import URL

from datasete.application import Application, build_application
from datasete.bus import Bus
from datasete.cli import main
from datasete.config import Settings
from datasete.errors import DataseteError, InvalidName
from datasete.host.api import BareHost
from datasete.nodes.image_gate import ImageGate

TOKEN = "0" * 32

Call = Callable[[Bus, str], object]

BUS_CALLS: dict[str, Call] = {
    "publish": lambda bus, name: bus.publish(name, [png()]),
    "load": lambda bus, name: bus.load(name),
    "first_frame": lambda bus, name: bus.first_frame(name),
    "delete": lambda bus, name: bus.delete(name),
    "history": lambda bus, name: bus.history(name),
    "version": lambda bus, name: bus.version(name, TOKEN),
    "restore": lambda bus, name: bus.restore(name, TOKEN),
}


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (4, 3), "red").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    """Over a real folder, with something beside it that could be reached."""
    (tmp_path / "x").write_bytes(b"outside")
    (tmp_path / "input").mkdir()
    (tmp_path / "input" / "image.png").write_bytes(png())
    made = build_application(BareHost(tmp_path / "input", tmp_path / "output", tmp_path / "user"), Settings())
    made.bus.publish("there", [png()])
    made.bus.flush()
    yield made
    made.close()


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_there_are_many_bad_names_of_all_kinds() -> None:
    assert len(set(BAD_NAMES)) >= 120


@pytest.mark.parametrize("call", BUS_CALLS.values(), ids=BUS_CALLS.keys())
def test_the_bus_refuses_bad_names_and_touches_nothing(application: Application, tmp_path: Path, call: Call) -> None:
    before = everything(tmp_path)
    for name in BAD_NAMES:
        with pytest.raises(InvalidName) as refused:
            call(application.bus, name)
        assert refused.value.message.isprintable()
        assert len(str(refused.value)) < 500
    assert everything(tmp_path) == before


@pytest.mark.parametrize("route", ["delete", "restore"])
async def test_routes_refuse_bad_names_in_a_body(
    client: Any, tmp_path: Path, route: str, caplog: pytest.LogCaptureFixture
) -> None:
    before = everything(tmp_path)
    for name in BAD_NAMES:
        answer = await client.post(f"/datasete_gate/bus/{route}", json={"id": name, "version": TOKEN})
        assert answer.status == 400, ascii(name)
        assert (await answer.json())["error"]["code"] == "invalid_name"
    assert everything(tmp_path) == before
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("route", ["history", "thumb"])
async def test_routes_refuse_bad_names_in_a_query(client: Any, tmp_path: Path, route: str) -> None:
    before = everything(tmp_path)
    for name in BAD_NAMES:
        query = quote(name, safe="", errors="surrogatepass")
        answer = await client.get(URL(f"/datasete_gate/bus/{route}?id={query}", encoded=True))
        assert answer.status == 400, ascii(name)
    assert everything(tmp_path) == before


@pytest.mark.parametrize("widget", ["send_id", "get_id"])
def test_the_node_refuses_bad_names_before_anything_runs(widget: str) -> None:
    for name in filter(None, BAD_NAMES):
        said = ImageGate.VALIDATE_INPUTS(**{widget: name})
        assert isinstance(said, str), ascii(name)
        assert "cannot be used" in said


@pytest.mark.parametrize("action", ["put", "get", "rm"])
def test_the_command_line_refuses_bad_names(tmp_path: Path, action: str, capsys: pytest.CaptureFixture[str]) -> None:
    picture, out = tmp_path / "picture.png", tmp_path / "out"
    picture.write_bytes(png())
    more = {"put": [str(picture)], "get": [str(out)], "rm": []}[action]
    main(["bus", "ls", "--data", str(tmp_path / "data")])
    before = everything(tmp_path)
    for name in BAD_NAMES:
        status = main(["bus", action, "--data", str(tmp_path / "data"), "--", name, *more])
        assert status == 2, ascii(name)
    assert "Traceback" not in capsys.readouterr().err
    assert everything(tmp_path) == before
    assert not out.exists()


def test_bad_names_of_spaces_reach_no_store(application: Application) -> None:
    for name in BAD_NAMES:
        with pytest.raises(DataseteError):
            application.storage(name)
