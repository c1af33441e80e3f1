"""Whole walks on the embedded host, through its HTTP API, with no browser anywhere."""

from __future__ import annotations

import asyncio
import json
import uuid

import pytest
from PIL import Image

from datasete.workbench.serve import make_app

SIX = [f"{n}.png" for n in range(1, 7)]


@pytest.fixture
def data(tmp_path):
    frontend = tmp_path / "frontend"
    frontend.mkdir()
    (frontend / "index.html").write_text("page")
    for number, name in enumerate(SIX):
        path = tmp_path / "data" / "input" / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 6), (10 * number, 0, 0)).save(path)
    return tmp_path / "data"


@pytest.fixture
def serve(data, aiohttp_client):
    async def serve():
        return Served(await aiohttp_client(make_app(data, data.parent / "frontend")), data)

    return serve


def walk(directory="photos", loaders=1, seed=None, **inputs):
    """Load, save under the same name; `loaders` of them side by side."""
    prompt = {}
    for number in range(loaders):
        loader = {
            "directory": directory,
            "filter_preset": "All Images",
            "iteration_mode": "Continue",
            "error_handling": "Stop on error",
            **inputs,
        }
        prompt[f"{number}0"] = {"class_type": "BatchImageLoader", "inputs": loader}
        saver = {
            "image": [f"{number}0", 0],
            "quality": 100,
            "overwrite_mode": "Rename",
            "output_base_name": [f"{number}0", 5],
            "output_directory": f"out{number}",
        }
        prompt[f"{number}1"] = {"class_type": "BatchImageSaver", "inputs": saver}
    return prompt


class Served:
    def __init__(self, client, data):
        self.client, self.data = client, data

    async def post(self, prompt, **body):
        answer = await self.client.post("/prompt", json={"prompt": prompt, **body})
        assert answer.status == 200, await answer.text()
        return (await answer.json())["prompt_id"]

    async def get(self, path):
        return await (await self.client.get(path)).json()

    async def idle(self, runs=1):
        """Wait until nothing is queued and at least `runs` runs are over; return how many are."""
        while True:
            queue = await self.get("/queue")
            history = await self.get("/history")
            if len(history) >= runs and not queue["queue_running"] and not queue["queue_pending"]:
                return len(history)
            await asyncio.sleep(0.02)

    async def batch(self):
        (batch,) = (await self.get("/datasete/batch/list"))["batches"]
        return batch

    def saved(self, folder="out0"):
        return sorted(path.name for path in (self.data / "output" / folder).glob("*"))


async def test_one_post_walks_a_folder_to_its_end(serve):
    served = await serve()
    await served.post(walk())
    assert await served.idle(6) == 6
    assert served.saved() == SIX
    batch = await served.batch()
    assert (batch["state"], batch["done"], batch["status"]) == ("finished", 6, "finished · 6 of 6 · photos")


@pytest.mark.parametrize("mode", ["Continue", "Reset"])
async def test_ten_posts_walk_it_once(serve, mode):
    served = await serve()
    for _ in range(10):
        await served.post(walk(iteration_mode=mode))
    assert await served.idle(10) <= 11
    assert served.saved() == SIX


async def test_two_loaders_in_one_workflow(serve):
    served = await serve()
    await served.post(walk(loaders=2))
    assert await served.idle(6) == 6
    assert served.saved("out0") == served.saved("out1") == SIX


async def test_several_workflows_over_one_folder(serve):
    served = await serve()
    await served.post(walk())
    other = walk("./photos/")
    other["99"] = {"class_type": "PreviewAny", "inputs": {"source": ["00", 6]}}
    await served.post(other)
    await served.idle(6)
    assert served.saved() == SIX


async def test_cancel_keeps_the_place(serve):
    served = await serve()
    gated = walk()
    gated["5"] = {"class_type": "ImageGate", "inputs": {"routes": 2, "image": ["00", 0]}}
    gated["01"]["inputs"]["image"] = ["5", 1]
    await served.post(gated, client_id="tab")
    for _ in range(2):
        await gate(served, "1")
    await gate(served, "__cancel__")
    await served.idle(3)
    assert served.saved() == SIX[:2]
    assert (await served.batch())["state"] == "stopped"
    await served.post(walk())
    await served.idle(4)
    assert served.saved() == SIX


@pytest.mark.parametrize("errors", ["Stop on error", "Skip on error"])
@pytest.mark.parametrize("way", ["gate", "interrupt", "clear"])
async def test_what_a_person_ends_is_over_also_when_errors_are_skipped(serve, errors, way):
    served = await serve()
    gated = walk(error_handling=errors)
    gated["5"] = {"class_type": "ImageGate", "inputs": {"routes": 2, "image": ["00", 0]}}
    gated["01"]["inputs"]["image"] = ["5", 1]
    await served.post(gated, client_id="tab")
    await gate(served, "1")
    if way == "gate":
        await gate(served, "__cancel__")
    else:
        await opened(served)
        await served.client.post("/interrupt" if way == "interrupt" else "/queue", json={"clear": True})
    if way == "clear":
        await gate(served, "1")
    await served.idle(2)
    batch = await served.batch()
    done = 2 if way == "clear" else 1
    assert (batch["state"], batch["index"], batch["done"], batch["skipped"]) == ("stopped", done, done, 0)
    reasons = {"gate": "Stopped at a gate.", "interrupt": "The run was cancelled", "clear": "The queue was cleared."}
    assert batch["message"].startswith(reasons[way])


async def opened(served):
    """The gate that waits."""
    while not (waiting := (await served.get("/datasete_gate/pending"))["gates"]):
        await asyncio.sleep(0.01)
    return waiting


async def gate(served, message):
    waiting = await opened(served)
    body = {"id": "5", "message": message, "token": waiting[0]["token"]}
    assert (await served.client.post("/datasete_gate/choice", json=body)).status == 200
    while waiting[0]["token"] in json.dumps(await served.get("/datasete_gate/pending")):
        await asyncio.sleep(0.01)


async def test_a_broken_file_stops_the_batch_with_its_name(serve):
    served = await serve()
    (served.data / "input" / "photos" / "3.png").write_bytes(b"broken")
    prompt_id = await served.post(walk())
    await served.idle(3)
    assert served.saved() == SIX[:2]
    batch = await served.batch()
    assert (batch["state"], batch["index"]) == ("stopped", 2)
    assert "“3.png” cannot be loaded" in batch["message"]
    assert prompt_id in await served.get("/history")


async def test_a_broken_file_is_skipped_on_request(serve):
    served = await serve()
    (served.data / "input" / "photos" / "3.png").write_bytes(b"broken")
    await served.post(walk(error_handling="Skip on error"))
    await served.idle(5)
    assert served.saved() == [name for name in SIX if name != "3.png"]
    key = (await served.batch())["key"]
    (skipped,) = (await served.get(f"/datasete/batch/skipped?key={key}"))["skipped"]
    assert skipped["name"] == "3.png"


async def test_a_walk_is_paused_and_resumed_with_no_tab_open(serve):
    served = await serve()
    prompt = walk()
    prompt["5"] = {"class_type": "ImageGate", "inputs": {"routes": 2, "image": ["00", 0]}}
    prompt["01"]["inputs"]["image"] = ["5", 1]
    await served.post(prompt)
    await gate(served, "1")
    await opened(served)
    key = (await served.batch())["key"]
    assert (await served.client.post("/datasete/batch/pause", json={"key": key})).status == 200
    await gate(served, "1")
    await served.idle(2)
    assert (await served.batch())["state"] == "paused"
    assert (await served.client.post("/datasete/batch/resume", json={"key": key})).status == 200
    for _ in range(4):
        await gate(served, "1")
    await served.idle(6)
    assert served.saved() == SIX


async def test_seeds_advance_in_the_prompt_and_in_the_workflow(serve):
    served = await serve()
    prompt = walk()
    prompt["7"] = {"class_type": "PrimitiveInt", "inputs": {"value": 40}}
    prompt["8"] = {"class_type": "PreviewAny", "inputs": {"source": ["7", 0]}}
    workflow = {"nodes": [{"id": 7, "type": "PrimitiveInt", "widgets_values": [40, "increment"]}], "links": []}
    await served.post(prompt, extra_data={"extra_pnginfo": {"workflow": workflow}})
    await served.idle(6)
    rows = [entry["prompt"] for entry in (await served.get("/history")).values()]
    assert [row[2]["7"]["inputs"]["value"] for row in rows] == [40, 41, 42, 43, 44, 45]
    values = [row[3]["extra_pnginfo"]["workflow"]["nodes"][0]["widgets_values"] for row in rows]
    assert values == [[seed, "increment"] for seed in range(40, 46)]
    with Image.open(served.data / "output" / "out0" / "6.png") as image:
        assert json.loads(image.text["workflow"])["nodes"][0]["widgets_values"] == [45, "increment"]


async def test_a_partial_run_stays_partial(serve):
    served = await serve()
    await served.post(walk(loaders=2), partial_execution_targets=["11"])
    await served.idle(6)
    assert (served.saved("out0"), served.saved("out1")) == ([], SIX)


async def test_a_success_counts_although_the_history_is_cleared(serve):
    served = await serve()
    await served.post(walk())
    while (await served.get("/queue"))["queue_running"] or len(served.saved()) < 6:
        await served.client.post("/history", json={"clear": True})
    await served.idle(0)
    assert served.saved() == SIX


async def test_a_cleared_queue_ends_the_walk_and_a_press_goes_on(serve):
    served = await serve()
    gated = walk()
    gated["5"] = {"class_type": "ImageGate", "inputs": {"routes": 2, "image": ["00", 0]}}
    gated["01"]["inputs"]["image"] = ["5", 1]
    await served.post(gated)
    await served.post(gated)
    await gate(served, "1")
    await opened(served)
    await served.client.post("/queue", json={"clear": True})
    await gate(served, "1")
    await served.idle(2)
    runs = len(await served.get("/history"))
    await served.post(walk())
    await served.idle(runs + 1)
    assert served.saved() == SIX


async def test_a_walk_goes_on_when_the_server_starts_again(serve, data):
    served = await serve()
    gated = walk()
    gated["5"] = {"class_type": "ImageGate", "inputs": {"routes": 2, "image": ["00", 0]}}
    gated["01"]["inputs"]["image"] = ["5", 1]
    await served.post(gated)
    for _ in range(2):
        await gate(served, "1")
    await opened(served)
    await served.client.close()
    served = await serve()
    for _ in range(4):
        await gate(served, "1")
    await served.idle(4)
    assert served.saved() == SIX


async def test_events_tell_every_tab(serve):
    served = await serve()
    socket = await served.client.ws_connect("/ws", params={"clientId": uuid.uuid4().hex})
    await served.post(walk())
    events = []
    while not events or not events[-1]["status"].startswith("finished"):
        message = await asyncio.wait_for(socket.receive_json(), 30)
        if message["type"] == "datasete-batch":
            events.append(message["data"])
    assert {event["total"] for event in events} == {6}
    assert [event["index"] for event in events] == sorted(event["index"] for event in events)
    await socket.close()
