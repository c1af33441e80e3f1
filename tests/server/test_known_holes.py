"""The holes that packs like this one have had, one test each: all of them are tried against the real routes."""

from __future__ import annotations

import asyncio
import io
import json
import pickle
import re
import zipfile
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData

from datasete.application import Application, build_application
from datasete.config import BusSettings, Settings, SpaceSettings
from datasete.errors import InvalidInput
from datasete.gates import Answer
from datasete.host.api import BareHost
from datasete.imaging.chunks import assemble, make_chunk, make_header
from datasete.nodes import NODE_CLASS_MAPPINGS

ROOT = Path(__file__).resolve().parents[2]
OUTSIDE = b"somebody else's"


class Ran:
    """An object that shows when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.write_bytes, (Path("pickled"), b"ran"))


@pytest.fixture
async def application(tmp_path: Path) -> AsyncIterator[Application]:
    """Over folders, with something beside them that could be reached."""
    (tmp_path / "outside.png").write_bytes(OUTSIDE)
    settings = Settings(
        bus=BusSettings(url=str(tmp_path / "bus")),
        pools=SpaceSettings(url=str(tmp_path / "pools")),
        spaces={"archive": SpaceSettings(url="memory://archive", options={"secret": "hunter2"})},
    )
    made = build_application(BareHost(tmp_path / "input", tmp_path / "output", tmp_path / "user"), settings)
    yield made
    await asyncio.to_thread(made.close)
    assert (tmp_path / "outside.png").read_bytes() == OUTSIDE


def archive(files: dict[str, bytes]) -> FormData:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, data in files.items():
            made.writestr(name, data)
    form = FormData()
    form.add_field("file", out.getvalue(), filename="set.zip")
    return form


def sources_with(pattern: str) -> list[Path]:
    """Our own Python files in which something stands that must not."""
    sources = [path for folder in ("datasete", "plugins") for path in (ROOT / folder).rglob("*.py")]
    assert len(sources) > 100
    return [path for path in sources if re.search(pattern, path.read_text())]


def huge_png() -> bytes:
    """A header of 20,000 × 20,000 pixels, and the data for a few of them."""
    data = zlib.compress(bytes(20_000 * 20_000 * 3 // 500))
    return assemble(make_header(20_000, 20_000, color=2), make_chunk(b"IDAT", data))


async def test_an_id_is_never_joined_into_a_path(client: Any, tmp_path: Path) -> None:
    for id_ in ("..", "../outside", "/etc", "a/../../outside", "..\\outside", "outside.png\0"):
        listed = await client.get("/grid_pool/list", params={"pool_id": id_})
        thumb = await client.get("/datasete_gate/bus/thumb", params={"id": id_})
        deleted = await client.post("/datasete_gate/bus/delete", json={"id": id_})
        assert [answer.status for answer in (listed, thumb, deleted)] == [400, 400, 400]


async def test_an_archive_is_never_extracted_by_the_names_in_it(client: Any, tmp_path: Path, mask_png: bytes) -> None:
    answer = await client.post("/grid_pool/profiles/import", data=archive({"pool/../../../outside.png": mask_png}))
    assert answer.status == 422
    assert (await (await client.get("/grid_pool/profiles/list")).json())["profiles"] == []
    assert not sources_with(r"extractall|\.extract\(")


async def test_a_manifest_that_names_a_file_outside_makes_no_delete_follow_it(client: Any, tmp_path: Path) -> None:
    folder = tmp_path / "pools" / "p1"
    folder.mkdir(parents=True)
    slot = {"image": "../../outside.png", "mask": None, "label": "", "added": 1}
    (folder / "manifest.json").write_text(json.dumps({"active": 0, "slots": [slot], "next_seq": 2}))
    for route, body in (("remove", {"index": 0}), ("remove_many", {"images": ["../../outside.png"]})):
        answer = await client.post(f"/grid_pool/{route}", json={"pool_id": "p1", **body})
        assert 400 <= answer.status < 500
    thumb = await client.get("/grid_pool/thumb", params={"pool_id": "p1", "image": "../../outside.png"})
    assert 400 <= thumb.status < 500


async def test_a_corrupt_registry_is_not_taken_for_empty_and_saved_over(client: Any, tmp_path: Path) -> None:
    (tmp_path / "pools").mkdir()
    registry = tmp_path / "pools" / "profiles.json"
    registry.write_bytes(b'{"profiles": [{"id": "3f0e')
    answer = await client.post("/grid_pool/profiles/create", json={"name": "cats"})
    assert 400 <= answer.status < 500
    assert "Rebuild the list" in (await answer.json())["error"]["hint"]
    assert registry.read_bytes() == b'{"profiles": [{"id": "3f0e'


async def test_nothing_is_decoded_before_its_size_was_checked(client: Any, application: Application) -> None:
    form = FormData()
    form.add_field("pool_id", "p1")
    form.add_field("image", huge_png(), filename="huge.png")
    answer = await client.post("/grid_pool/add", data=form)
    refused = (await answer.json())["errors"] if answer.status == 200 else [(await answer.json())["error"]]
    assert "20000 × 20000" in json.dumps(refused, ensure_ascii=False).replace(",", "")


async def test_stopping_one_gate_cancels_no_other(client: Any, waiting: Any) -> None:
    first, second = await waiting.open("1", "p"), await waiting.open("2", "q")
    await client.post("/datasete_gate/choice", json={"id": "1", "token": first, "message": "__cancel__"})
    await client.post("/datasete_gate/choice", json={"id": "2", "token": second, "message": 1})
    stopped, passed = [await waiting.answer(index) for index in (0, 1)]
    assert (stopped.route, passed.route) == (None, 1)
    assert isinstance(stopped, Answer)


async def test_no_other_site_is_answered(client: Any) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Host": "evil.example"}):
        answer = await client.get("/datasete_gate/bus/list", headers=headers)
        assert answer.status == 403


async def test_no_secret_and_no_address_is_in_a_widget(client: Any) -> None:
    names = {
        name
        for node in NODE_CLASS_MAPPINGS.values()
        for part in ("required", "optional")
        for name in node.INPUT_TYPES().get(part, {})
    }
    assert len(names) > 20
    assert not [name for name in names if re.search(r"url|key|secret|token|password|endpoint", name)]
    assert "hunter2" not in await (await client.get("/datasete/status")).text()


def test_nothing_in_the_page_becomes_markup() -> None:
    sources = {path: path.read_text() for path in (ROOT / "web").rglob("*.js")}
    assert len(sources) > 10
    sinks = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|\beval\(")
    assert not [path for path, text in sources.items() if sinks.search(text)]


async def test_nothing_is_ever_unpickled(
    client: Any, application: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    bomb = pickle.dumps(Ran())
    answer = await client.post("/grid_pool/profiles/import", data=archive({"pool/manifest.json": bomb}))
    assert answer.status == 422
    with pytest.raises(InvalidInput):
        await asyncio.to_thread(application.bus.publish, "slot", [bomb])
    assert not Path("pickled").exists()
    sources = [path.read_text() for folder in ("datasete", "plugins") for path in (ROOT / folder).rglob("*.py")]
    assert not [
        text for text in sources if re.search(r"import pickle|pickle\.load|torch\.load|allow_pickle=True", text)
    ]
