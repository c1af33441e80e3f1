"""The websocket."""

from __future__ import annotations


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
