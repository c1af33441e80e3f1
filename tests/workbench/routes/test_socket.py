"""The websocket."""

from __future__ import annotations

import asyncio

import aiohttp

from datasete.workbench import sockets
from datasete.workbench.app import WORKBENCH


async def test_a_tab_is_greeted_with_the_state_of_the_queue_and_its_id(tab):
    message = await tab.next()

    assert message["type"] == "status"
    assert message["data"] == {"status": {"exec_info": {"queue_remaining": 0}}, "sid": tab.client_id}


async def test_a_tab_without_an_id_is_given_one(client):
    async with client.ws_connect("/ws") as socket:
        assert (await socket.receive_json(timeout=20))["data"]["sid"]


async def test_features_are_told_to_a_tab_that_tells_its_own(client):
    async with client.ws_connect("/ws?clientId=a") as socket:
        await socket.receive_json(timeout=20)
        await socket.send_str("no json")
        await socket.send_json(["odd"])
        await socket.send_json({"type": "feature_flags", "data": {"supports_preview_metadata": True}})
        message = await socket.receive_json(timeout=20)

    assert message["type"] == "feature_flags"
    assert message["data"]["max_upload_size"] == 100 * 1024 * 1024


async def test_a_run_is_shown_to_the_tab_that_queued_it_alone(client, tab, preview):
    async with client.ws_connect("/ws?clientId=other") as other:
        await tab.queue(preview())
        await tab.events()
        await tab.queue(preview())
        kinds = set()
        while True:
            message = await other.receive_json(timeout=20)
            kinds.add(message["type"])
            if (
                message["data"]["status"]["exec_info"]["queue_remaining"] == 0
                and kinds
                and "sid" not in message["data"]
            ):
                break

    assert kinds == {"status"}


async def test_a_tab_that_reconnects_gets_the_messages_of_its_client(client, tab, gate):
    await tab.queue(gate)
    show = await tab.next("datasete-gate-show")
    async with client.ws_connect(f"/ws?clientId={tab.client_id}") as again:
        assert (await again.receive_json(timeout=20))["type"] == "status"
        message = await again.receive_json(timeout=20)
        assert (message["type"], message["data"]["node"]) == ("executing", "2")
        body = {"id": "2", "message": "1", "token": show["data"]["token"]}
        await client.post("/api/datasete_gate/choice", json=body)
        while (await again.receive_json(timeout=20))["type"] != "execution_success":
            pass


async def asleep(client, client_id):
    """Connect a tab that reads nothing from now on; return what must be kept, lest it is closed."""
    session = aiohttp.ClientSession()
    socket = await session.ws_connect(client.make_url(f"/ws?clientId={client_id}"), autoclose=False)
    await socket.receive()
    transport = socket._response.connection.transport
    transport.pause_reading()
    transport.resume_reading = lambda: None
    return session, socket


async def test_a_sleeping_tab_holds_up_no_other_and_sees_its_last_run_when_it_returns(
    client, tab, preview, monkeypatch
):
    monkeypatch.setattr(sockets, "MAX_WAITING_BYTES", 200_000)
    session, socket = await asleep(client, "asleep")
    answer = await client.post("/api/prompt", json={"prompt": preview(), "client_id": "asleep"})
    prompt_id = (await answer.json())["prompt_id"]
    while not (await (await client.get(f"/history/{prompt_id}")).json()):
        await asyncio.sleep(0.02)
    workbench = client.app[WORKBENCH]
    for number in range(300):
        workbench.sockets.send("filler", {"number": number, "text": "x" * 50_000})
        assert (await tab.next("filler"))["data"]["number"] == number
    async with client.ws_connect("/ws?clientId=asleep") as again:
        messages = [await again.receive_json(timeout=20) for _ in range(4)]
    assert [message["type"] for message in messages] == ["status", "executed", "execution_success", "executing"]
    assert {message["data"]["prompt_id"] for message in messages[1:]} == {prompt_id}
    assert not socket.closed
    await session.close()
