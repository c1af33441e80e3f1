"""Two machines, one bus, one pool, one folder: on a bucket and on a share."""

import asyncio
import contextlib

import aiohttp
import pytest
from host_process import gate_node, machine, picture, shown

from datasete_fsspec import datasete_open_store

EDITS = 8


@pytest.fixture
async def machines(server, tmp_path):
    spaces = {"bus": server.space(), "pools": server.space(), "nas": server.space()}
    store = datasete_open_store(spaces["nas"])
    for number in range(1, 4):
        store.write(f"walk/{number}.png", picture(number))
    store.close()
    async with contextlib.AsyncExitStack() as stack:
        yield [await stack.enter_async_context(machine(tmp_path / name, **spaces)) for name in ("here", "there")]


async def test_what_is_published_here_is_listed_and_loaded_there(machines):
    here, there = machines
    assert (await there.get("/datasete_gate/bus/list"))["ids"] == []
    run = await here.publish("cp1")
    assert run["status"]["status_str"] == "success"
    # nothing is remembered between two looks at the list, so the first one shows it
    assert (await there.get("/datasete_gate/bus/list"))["ids"] == ["cp1"]
    run = await there.queue(n1=gate_node(get_id="cp1", send_id="cp2"), n2=shown("n1"))
    gate = await there.gate()
    assert (gate["slot"], gate["width"], gate["height"]) == ("cp1", 32, 24)
    await there.answer(gate, "1")
    assert (await there.done(run))["status"]["status_str"] == "success"
    assert (await here.get("/datasete_gate/bus/list"))["ids"] == ["cp1", "cp2"]
    await here.queue(n1=gate_node(get_id="cp2"), n2=shown("n1"))
    gate = await here.gate()
    assert (gate["slot"], gate["width"], gate["height"]) == ("cp2", 32, 24)
    await here.answer(gate, "1")


async def test_both_edit_one_pool_at_once_and_nothing_is_lost(machines):
    async def add(each, name, number):
        form = aiohttp.FormData()
        form.add_field("pool_id", "shared")
        form.add_field("label", f"{name} {number}")
        form.add_field("image", picture(number), filename=f"{number}.png", content_type="image/png")
        await each.post("/grid_pool/add", data=form)

    async def edit(each, name):
        for number in range(EDITS):
            await add(each, name, number)

    here, there = machines
    await asyncio.gather(edit(here, "here"), edit(there, "there"))
    pools = [await each.get("/grid_pool/list?pool_id=shared") for each in machines]
    labels = [sorted(slot["label"] for slot in pool["slots"]) for pool in pools]
    assert labels[0] == labels[1] == sorted(f"{name} {number}" for name in ("here", "there") for number in range(EDITS))


async def test_a_batch_walks_a_folder_on_the_share(machines):
    here, _ = machines
    loader = {
        "directory": "nas:walk", "filter_preset": "All Images", "iteration_mode": "Continue",
        "error_handling": "Stop on error",
    }  # fmt: skip
    saver = {"image": ["n1", 0], "quality": 100, "overwrite_mode": "Rename", "output_base_name": ["n1", 5]}
    saver |= {"output_directory": "out"}
    await here.queue(n1=("BatchImageLoader", loader), n2=("BatchImageSaver", saver))
    while len(await here.get("/history")) < 3:
        await asyncio.sleep(0.05)
    assert sorted(path.name for path in (here.folder / "data/output/out").iterdir()) == ["1.png", "2.png", "3.png"]
