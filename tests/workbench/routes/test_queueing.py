"""Queue a prompt, watch it, stop it, look back at it."""

from __future__ import annotations

import uuid

import pytest


async def test_a_prompt_runs_and_its_tab_sees_every_step(client, tab, preview):
    prompt_id = await tab.queue(preview())
    seen = await tab.events()

    kinds = [message["type"] for message in seen]
    assert kinds[0] == "status"
    assert kinds[-3:] == ["execution_success", "status", "executing"]
    (executed,) = [message["data"] for message in seen if message["type"] == "executed"]
    assert executed["prompt_id"] == prompt_id
    assert executed["node"] == "2"
    image = executed["output"]["images"][0]
    assert (await client.get("/api/view", params=image)).status == 200


async def test_a_finished_run_is_in_the_history(client, tab, preview):
    prompt_id = await tab.queue(preview(), extra_data={"extra_pnginfo": {"workflow": {"id": "w"}}})
    await tab.events()

    whole = await (await client.get("/api/history")).json()
    one = await (await client.get(f"/history/{prompt_id}")).json()
    assert whole == one
    entry = one[prompt_id]
    assert entry["prompt"][1] == prompt_id
    assert entry["prompt"][3]["client_id"] == tab.client_id
    assert entry["status"]["completed"] is True
    assert entry["outputs"]["2"]["images"]


async def test_the_history_can_be_read_in_parts_and_forgotten(client, tab, preview):
    ids = []
    for name in ("chelsea.png", "camera.png", "rocket.jpg"):
        ids.append(await tab.queue(preview(name)))
        await tab.events()

    assert list(await (await client.get("/api/history?max_items=1")).json()) == ids[2:]
    assert list(await (await client.get("/api/history?max_items=1&offset=1")).json()) == ids[1:2]
    await client.post("/api/history", json={"delete": [ids[0]]})
    assert list(await (await client.get("/api/history")).json()) == ids[1:]
    await client.post("/api/history", json={"clear": True})
    assert await (await client.get("/api/history")).json() == {}
    assert await (await client.get(f"/api/history/{ids[0]}")).json() == {}


async def test_a_number_that_is_none_is_refused(client):
    assert (await client.get("/api/history?max_items=many")).status == 400


async def test_a_bad_prompt_is_refused_in_comfyuis_form(client):
    bad = {"1": {"class_type": "PreviewImage", "inputs": {}}}
    answer = await client.post("/api/prompt", json={"prompt": bad})

    assert answer.status == 400
    body = await answer.json()
    assert body["error"]["type"] == "prompt_outputs_failed_validation"
    assert body["node_errors"]["1"]["errors"][0]["type"] == "required_input_missing"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"prompt": []},
        {"prompt": {"1": "node"}},
        {"prompt": {"1": {"class_type": ["LoadImage"]}}},
        {"prompt": {"1": {"class_type": "LoadImage", "inputs": []}}},
        {"prompt": {"1": {"class_type": "Gone", "_meta": 1}}},
    ],
)
async def test_a_request_without_a_prompt_is_refused(client, body):
    answer = await client.post("/api/prompt", json=body)

    assert answer.status == 400
    assert (await answer.json())["error"]["type"] == "no_prompt"


@pytest.mark.parametrize(
    "more",
    [{"extra_data": []}, {"partial_execution_targets": 2}, {"number": "first"}, {"client_id": 7}],
)
async def test_a_field_of_the_wrong_kind_is_refused(client, preview, more):
    assert (await client.post("/api/prompt", json={"prompt": preview(), **more})).status == 400
    assert await (await client.get("/api/history")).json() == {}


@pytest.mark.parametrize("body", ["{", "[1]"])
async def test_a_body_that_is_no_json_object_is_refused(client, body):
    answer = await client.post("/api/prompt", data=body, headers={"Content-Type": "application/json"})

    assert answer.status == 400


async def test_a_prompt_may_bring_its_own_id(tab, preview):
    own = str(uuid.uuid4())

    assert await tab.queue(preview(), prompt_id=own) == own


@pytest.mark.parametrize("own", ["mine", 7, "0B5E2C64-0000-4000-8000-000000000000"])
async def test_an_id_that_is_no_lower_case_uuid_is_refused(client, preview, own):
    answer = await client.post("/api/prompt", json={"prompt": preview(), "prompt_id": own})

    assert answer.status == 400
    assert (await answer.json())["error"]["type"] == "invalid_prompt_id"


async def test_secrets_of_a_prompt_are_shown_nowhere(client, tab, preview):
    await tab.queue(preview(), extra_data={"api_key_comfy_org": "secret", "auth_token_comfy_org": "secret"})
    await tab.events()

    assert "secret" not in await (await client.get("/api/history")).text()


async def test_a_partial_run_runs_its_targets_only(tab, preview):
    both = preview() | {"3": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}}}
    await tab.queue(both, partial_execution_targets=["3"])
    seen = await tab.events()

    assert {message["data"]["node"] for message in seen if message["type"] == "executed"} == {"3"}


async def test_a_waiting_gate_holds_up_the_queue_which_shows_it(client, tab, gate, preview):
    first = await tab.queue(gate)
    await tab.next("datasete-gate-show")
    second = await tab.queue(preview())

    queue = await (await client.get("/api/queue")).json()
    assert [row[1] for row in queue["queue_running"]] == [first]
    assert [row[1] for row in queue["queue_pending"]] == [second]
    assert (await (await client.get("/api/prompt")).json())["exec_info"]["queue_remaining"] == 2

    await client.post("/api/queue", json={"delete": [second]})
    assert (await (await client.get("/api/queue")).json())["queue_pending"] == []


async def test_a_run_can_be_put_to_the_front_of_the_queue(client, tab, gate, preview):
    await tab.queue(gate)
    await tab.next("datasete-gate-show")
    ids = [await tab.queue(preview()), await tab.queue(preview(), front=True), await tab.queue(preview(), number=0.5)]

    pending = (await (await client.get("/api/queue")).json())["queue_pending"]
    assert [row[1] for row in pending] == [ids[1], ids[2], ids[0]]
    await client.post("/api/queue", json={"clear": True})
    assert (await (await client.get("/api/queue")).json())["queue_pending"] == []


@pytest.mark.parametrize("named", [True, False])
async def test_an_interrupt_ends_a_waiting_gate_and_nothing_behind_it_runs(client, tab, gate, named):
    prompt_id = await tab.queue(gate)
    await tab.next("datasete-gate-show")
    answer = await client.post("/api/interrupt", json={"prompt_id": prompt_id} if named else None)
    assert answer.status == 200
    seen = await tab.events()

    kinds = [message["type"] for message in seen]
    assert "execution_interrupted" in kinds
    assert "executed" not in kinds
    assert "execution_error" not in kinds


async def test_an_interrupt_of_another_run_is_ignored(client, tab, gate):
    await tab.queue(gate)
    show = await tab.next("datasete-gate-show")
    await client.post("/api/interrupt", json={"prompt_id": str(uuid.uuid4())})
    await client.post("/api/datasete_gate/choice", json={"id": "2", "message": "1", "token": show["data"]["token"]})
    seen = await tab.events()

    assert [message["data"]["node"] for message in seen if message["type"] == "executed"] == ["3"]


async def test_a_route_runs_only_what_is_behind_it(client, tab, gate):
    await tab.queue(gate)
    show = await tab.next("datasete-gate-show")
    body = {"id": show["data"]["id"], "message": "2", "token": show["data"]["token"]}
    assert (await client.post("/api/datasete_gate/choice", json=body)).status == 200
    seen = await tab.events()

    assert [message["data"]["node"] for message in seen if message["type"] == "executed"] == ["4"]


@pytest.mark.parametrize("client_id", [["a"], {"a": 1}, 7, True])
@pytest.mark.parametrize("inside", [True, False])
async def test_a_client_that_is_not_a_text_is_refused_and_messages_go_on(client, tab, preview, client_id, *, inside):
    named = {"client_id": client_id}
    body = {"prompt": preview(), **({"extra_data": named} if inside else named)}
    answer = await client.post("/api/prompt", json=body)
    assert answer.status == 400
    assert "client_id" in (await answer.json())["error"]["message"]
    await tab.queue(preview())
    assert [message["type"] for message in await tab.events()][-1] == "executing"
