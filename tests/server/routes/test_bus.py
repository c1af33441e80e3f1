"""The bus over HTTP."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from datasete.application import Application

BAD_NAMES = [
    "",
    "../x",
    "a/b",
    "a\\b",
    "..",
    ".",
    " a",
    "a.",
    "con",
    "NUL.txt",
    "x" * 65,
    "x" * 300,
    "a\0b",
    "a\nb",
    "a:b",
    "*",
    "ä/",
    "🙂",
    "\u202ea",
]


def _png(color: str, size: tuple[int, int] = (400, 200)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def slots(application: Application) -> Application:
    for name, color in (("cp10", "red"), ("cp2", "green"), ("Ä b", "blue")):
        application.bus.publish(name, [_png(color)])
    application.bus.flush()
    return application


async def test_slots_are_listed_in_natural_order_with_what_is_known_of_them(client: Any, slots: Application) -> None:
    listed = await (await client.get("/datasete_gate/bus/list")).json()
    assert listed["ids"] == ["cp2", "cp10", "Ä b"]
    entry = listed["slots"][0]
    assert (entry["id"], entry["size"] > 0, entry["age"] >= 0) == ("cp2", True, True)


async def test_the_names_that_were_seen_last_come_at_once_and_the_real_list_behind(
    client: Any, slots: Application
) -> None:
    async def ids(query: str = "") -> list[str]:
        answer = await client.get(f"/datasete_gate/bus/list{query}")
        assert answer.headers["Cache-Control"] == "no-store"
        found: list[str] = (await answer.json())["ids"]
        return found

    assert await ids("?seen=1") == [], "nobody has looked yet"
    assert await ids() == ["cp2", "cp10", "Ä b"]
    slots.storage("bus").write("from afar/image.png", _png("red"))
    assert await ids("?seen=1") == ["cp2", "cp10", "Ä b"]
    assert await ids() == await ids("?seen=1") == ["cp2", "cp10", "from afar", "Ä b"]


async def test_an_empty_bus_is_an_empty_list(client: Any) -> None:
    listed = await (await client.get("/datasete_gate/bus/list")).json()
    assert listed == {"ids": [], "slots": [], "foreign": 0, "history": 5}


async def test_what_is_no_slot_is_counted_and_left_alone(client: Any, slots: Application) -> None:
    theirs = ["holiday.jpg", "CON/image.png", ".hidden/image.png", "a/b/image.png"]
    for key in theirs:
        slots.storage("bus").write(key, b"theirs")
    listed = await (await client.get("/datasete_gate/bus/list")).json()
    assert (listed["ids"], listed["foreign"]) == (["cp2", "cp10", "Ä b"], len(theirs))
    assert len(slots.storage("bus").read(*theirs)) == len(theirs)


async def test_the_thumbnail_that_the_list_names_is_a_small_picture(client: Any, slots: Application) -> None:
    listed = await (await client.get("/datasete_gate/bus/list")).json()
    for entry in listed["slots"]:
        answer = await client.get(entry["thumb"] + "&size=100")
        assert answer.status == 200
        assert max(Image.open(io.BytesIO(await answer.read())).size) == 100


async def test_a_thumbnail_says_how_many_pictures_there_are_and_is_sent_again_only_when_they_changed(
    client: Any, slots: Application
) -> None:
    slots.bus.publish("cp2", [_png("red")] * 3)
    first = await client.get("/datasete_gate/bus/thumb", params={"id": "cp2"})
    assert (first.status, first.headers["Datasete-Frames"], first.headers["Datasete-Pixels"]) == (200, "3", "400x200")
    known = {"If-None-Match": first.headers["ETag"]}
    again = await client.get("/datasete_gate/bus/thumb", params={"id": "CP2"}, headers=known)
    assert (again.status, await again.read(), again.headers["Datasete-Frames"]) == (304, b"", "3")
    assert (await client.get("/datasete_gate/bus/thumb", params={"id": "cp2", "size": 64}, headers=known)).status == 200
    slots.bus.publish("cp2", [_png("white")])
    assert (await client.get("/datasete_gate/bus/thumb", params={"id": "cp2"}, headers=known)).status == 200


async def test_the_whole_picture_can_be_had_as_the_store_has_it(client: Any, slots: Application) -> None:
    old = slots.bus.load("cp2")
    slots.bus.publish("cp2", [_png("white")])
    slots.bus.flush()
    query = {"id": "cp2", "version": old.token}
    answer = await client.get("/datasete_gate/bus/image", params=query)
    assert (answer.content_type, await answer.read()) == ("image/png", old.images[0])
    known = {"If-None-Match": answer.headers["ETag"]}
    again = await client.get("/datasete_gate/bus/image", params=query, headers=known)
    assert (again.status, await again.read()) == (304, b"")
    now = await client.get("/datasete_gate/bus/image?id=cp2", headers=known)
    assert await now.read() == slots.bus.load("cp2").images[0]


async def test_a_picture_that_an_editor_saved_in_another_format_is_served_as_what_it_is(
    client: Any, slots: Application
) -> None:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG")
    slots.storage("bus").write("cp2/image.png", out.getvalue())
    assert (await client.get("/datasete_gate/bus/image?id=cp2")).content_type == "image/jpeg"


async def test_a_deleted_slot_is_gone_and_a_second_delete_says_so(client: Any, slots: Application) -> None:
    assert (await client.post("/datasete_gate/bus/delete", json={"id": "cp2"})).status == 200
    assert (await (await client.get("/datasete_gate/bus/list")).json())["ids"] == ["cp10", "Ä b"]
    assert (await client.post("/datasete_gate/bus/delete", json={"id": "cp2"})).status == 404


async def test_a_deleted_slot_has_its_history_and_comes_back(client: Any, slots: Application) -> None:
    deleted = await (await client.post("/datasete_gate/bus/delete", json={"id": "cp2"})).json()
    [version] = (await (await client.get("/datasete_gate/bus/history?id=cp2")).json())["versions"]
    assert version["version"] == deleted["version"]
    assert (await client.get("/datasete_gate/bus/thumb", params={"id": "cp2", **deleted})).status == 200
    assert (await client.post("/datasete_gate/bus/restore", json={"id": "cp2", **deleted})).status == 200
    assert Image.open(io.BytesIO(slots.bus.load("cp2").images[0])).getpixel((0, 0)) == (0, 128, 0)


async def test_everybody_hears_of_a_deletion(client: Any, slots: Application) -> None:
    await client.post("/datasete_gate/bus/delete", json={"id": "cp2"})
    assert ("datasete-slot-deleted", {"id": "cp2"}, None) in slots.host.sent


async def test_an_old_version_is_listed_shown_and_restored(client: Any, slots: Application) -> None:
    slots.bus.publish("cp2", [_png("white")])
    slots.bus.flush()
    [version, *_] = (await (await client.get("/datasete_gate/bus/history?id=cp2")).json())["versions"]
    assert (version["origin"], version["frames"], version["width"], version["height"]) == ("publish", 1, 400, 200)
    thumb = await client.get("/datasete_gate/bus/thumb", params={"id": "cp2", "version": version["version"]})
    assert Image.open(io.BytesIO(await thumb.read())).convert("RGB").getpixel((5, 5))[1] > 100
    answer = await client.post("/datasete_gate/bus/restore", json={"id": "cp2", "version": version["version"]})
    assert (answer.status, (await answer.json())["id"]) == (200, "cp2")
    restored = Image.open(io.BytesIO(slots.bus.load("cp2").images[0]))
    assert restored.getpixel((0, 0)) == (0, 128, 0)


@pytest.mark.parametrize("name", BAD_NAMES, ids=ascii)
async def test_a_bad_name_is_refused_wherever_one_is_taken(client: Any, slots: Application, name: str) -> None:
    before = slots.bus.list()
    answers = [
        await client.post("/datasete_gate/bus/delete", json={"id": name}),
        await client.post("/datasete_gate/bus/restore", json={"id": name, "version": "x"}),
        await client.get("/datasete_gate/bus/history", params={"id": name}),
        await client.get("/datasete_gate/bus/thumb", params={"id": name}),
        await client.get("/datasete_gate/bus/image", params={"id": name}),
    ]
    assert [answer.status for answer in answers] == [400] * 5
    assert slots.bus.list() == before


@pytest.mark.parametrize("version", ["", "../../x", "x", "0" * 32, "hand-", "a/b", "\0", "..", "x" * 300], ids=ascii)
async def test_a_bad_version_is_refused(client: Any, slots: Application, version: str) -> None:
    answer = await client.post("/datasete_gate/bus/restore", json={"id": "cp2", "version": version})
    assert answer.status in {400, 404}
    thumb = await client.get("/datasete_gate/bus/thumb", params={"id": "cp2", "version": version or "-"})
    assert thumb.status in {400, 404}


async def test_what_is_not_there_is_not_found(client: Any, slots: Application) -> None:
    assert (await client.get("/datasete_gate/bus/thumb?id=nobody")).status == 404
    assert (await client.get("/datasete_gate/bus/history?id=nobody")).status == 404
