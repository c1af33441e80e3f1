"""The store goes away: nothing is lost, nobody waits for ever, and no secret is told to anybody."""

import asyncio
import contextlib
import io
import json
import zipfile

import aiohttp
import pytest
from machine import gate_node, machine, picture, shown
from s3_servers import KEY, SECRET
from smb_server import PASSWORD
from wire import TO_CLIENT, TO_SERVER, Fault, Wire

from datasete.plugin import Space

GONE = [Fault("cut", TO_SERVER), Fault("reset", TO_CLIENT), Fault("swallow", TO_CLIENT)]


@pytest.fixture(params=["seaweedfs", "samba"])
def server(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def wire(server):
    made = Wire(server.port)
    yield made
    made.close()


def through(wire, server):
    """A space of the server's own, reached over the wire."""
    space = server.space()
    options = {**space.options, "timeout": 1}
    if "endpoint_url" in options:
        options["endpoint_url"] = f"http://127.0.0.1:{wire.port}"
    return Space("bus", space.url.replace(f":{server.port}/", f":{wire.port}/"), options)


@pytest.fixture
async def desk(server, wire, tmp_path):
    async with machine(tmp_path / "desk", bus=through(wire, server), pools=through(wire, server)) as made:
        yield made


def in_trouble(gate):
    return gate["trouble"] is not None


@pytest.mark.parametrize("fault", GONE, ids=str)
async def test_a_publish_is_offered_again_and_done_when_the_store_is_back(desk, wire, fault):
    await desk.publish("cp1")
    run = await desk.queue(n1=("LoadImage", {"image": "two.png"}), n2=gate_node("n1", send_id="cp1"), n3=shown("n2"))
    gate = await desk.gate()
    wire.break_with(fault)
    await desk.answer(gate, "1")
    gate = await desk.gate(in_trouble)
    assert gate["trouble"]["message"]
    assert "kept here" in gate["trouble"]["hint"]
    await desk.answer(gate, "__retry__")
    gate = await desk.gate(lambda again: in_trouble(again) and again["token"] != gate["token"])
    wire.heal()
    await desk.answer(gate, "__retry__")
    assert (await desk.done(run))["status"]["status_str"] == "success"
    shows = [json.loads(text) for text in desk.heard if "datasete-gate-show" in text]
    assert [bool(event["data"]["trouble"]) for event in shows] == [False, False, True, True]
    versions = (await desk.get("/datasete_gate/bus/history?id=cp1"))["versions"]
    assert len(versions) >= 1


async def test_a_person_may_stop_instead(desk, wire):
    run = await desk.queue(n1=("LoadImage", {"image": "one.png"}), n2=gate_node("n1", send_id="cp1"), n3=shown("n2"))
    gate = await desk.gate()
    wire.break_with(GONE[0])
    await desk.answer(gate, "1")
    await desk.answer(await desk.gate(in_trouble), "__cancel__")
    status = (await desk.done(run))["status"]
    assert "execution_interrupted" in json.dumps(status)
    wire.heal()
    assert (await desk.get("/datasete_gate/bus/list"))["ids"] == []


async def test_a_gate_in_no_trouble_refuses_to_try_again(desk):
    await desk.queue(n1=("LoadImage", {"image": "one.png"}), n2=gate_node("n1"), n3=shown("n2"))
    gate = await desk.gate()
    refused = await desk.post("/datasete_gate/choice", 400, json={"token": gate["token"], "message": "__retry__"})
    assert "Nothing failed" in refused["error"]["message"]
    await desk.answer(gate, "1")


async def test_a_load_fails_with_a_sentence_and_works_again_later(desk, wire):
    await desk.publish("cp1")
    wire.break_with(GONE[0])
    run = await desk.queue(n1=gate_node(get_id="cp1"), n2=shown("n1"))
    failed = json.dumps((await desk.done(run))["status"], ensure_ascii=False)
    assert "gave no whole answer" in failed
    assert "What was stored before is whole" in failed
    wire.heal()
    run = await desk.queue(n1=gate_node(get_id="cp1"), n2=shown("n1"))
    await desk.answer(await desk.gate(), "1")
    assert (await desk.done(run))["status"]["status_str"] == "success"


async def add(desk, status=200):
    form = aiohttp.FormData()
    form.add_field("pool_id", "p")
    form.add_field("image", picture(7), filename="7.png", content_type="image/png")
    return await desk.post("/grid_pool/add", status, data=form)


async def test_a_pool_edit_and_a_list_fail_with_a_sentence_and_lose_nothing(desk, wire):
    await add(desk)
    wire.break_with(GONE[0])
    for told in (await add(desk, 503), await failing_list(desk)):
        assert "gave no whole answer" in told["error"]["message"]
        assert told["error"]["hint"]
    wire.heal()
    assert len((await desk.get("/grid_pool/list?pool_id=p"))["slots"]) == 1
    await add(desk)
    assert len((await desk.get("/grid_pool/list?pool_id=p"))["slots"]) == 2


async def failing_list(desk):
    async with desk._session.get("/datasete_gate/bus/list") as answer:
        assert answer.status == 503
        return await answer.json()


async def test_no_secret_is_in_anything_that_leaves_the_program(desk, wire, server):
    secrets = [SECRET, PASSWORD, *([KEY + '"', KEY + " "] if "endpoint_url" in server.space().options else [])]
    await desk.publish("cp1")
    await add(desk)
    wire.break_with(GONE[0])
    run = await desk.queue(n1=gate_node(get_id="cp1"), n2=shown("n1"))
    await desk.done(run)
    await add(desk, 503)
    await failing_list(desk)
    with contextlib.suppress(AssertionError):
        await desk.get("/datasete/doctor")
    wire.heal()
    await desk.get("/datasete/status")
    await desk.get("/object_info")
    profile = (await desk.post("/grid_pool/profiles/create", json={"name": "Mine"}))["id"]
    await desk.get("/grid_pool/profiles/list")
    async with desk._session.get(f"/grid_pool/profiles/export?id={profile}") as answer:
        assert answer.status == 200
        archive = zipfile.ZipFile(io.BytesIO(await answer.read()))
    packed = [archive.read(name).decode("latin-1") for name in archive.namelist()]
    written = [path.read_bytes().decode("latin-1") for path in (desk.folder / "data").rglob("*") if path.is_file()]
    await asyncio.sleep(0.2)
    for kind, texts in {
        "log": [desk.log()], "event": desk.heard, "answer": desk.told, "archive": packed, "file": written,
    }.items():  # fmt: skip
        assert texts, f"there is no {kind} to look into"
        assert not [secret for secret in secrets for text in texts if secret in text], f"a secret is in a {kind}"
