"""Keeping what a gate shows in a pool, over a real server and the node itself."""

import asyncio
import uuid

import pytest
import torch

from datasete.application import build_application, set_application
from datasete.config import BusSettings, LimitSettings, Settings, SpaceSettings
from datasete.host.api import BareHost, Run
from datasete.imaging.masks import empty_mask
from datasete.imaging.png import decode_image, decode_mask, encode_image, encode_mask
from datasete.nodes.image_gate import ImageGate

LIMITS = LimitSettings()


def picture(frames=1, height=12, width=16):
    generator = torch.Generator().manual_seed(7)
    return torch.randint(0, 256, (frames, height, width, 3), generator=generator) / 255


@pytest.fixture
async def application(tmp_path):
    spaces = {
        "bus": BusSettings(url=f"memory://{uuid.uuid4()}"),
        "pools": SpaceSettings(url=f"memory://{uuid.uuid4()}"),
    }
    host = BareHost(tmp_path / "input", tmp_path / "output", tmp_path / "user")
    made = build_application(host, Settings(**spaces))
    yield made
    await asyncio.to_thread(made.close)


@pytest.fixture
async def gate(application):
    """Opens gates as runs do; gives back the token."""
    set_application(application)
    tasks = []

    async def open_gate(**inputs):
        application.host.current = Run(f"run {len(tasks)}", "7", 0, "tab")
        waiting = len(application.gates)
        tasks.append(asyncio.create_task(ImageGate().run(routes=2, unique_id="7", **inputs)))
        while len(application.gates) == waiting:
            await asyncio.sleep(0.001)
        return application.gates.pending()[-1]["token"]

    yield open_gate
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    set_application(None)


async def keep(client, **body):
    response = await client.post("/datasete_gate/keep", json=body)
    return response.status, await response.json()


def kept(application, pool_id, index=0):
    found = application.pools.picture(pool_id, index)
    mask = found.mask and decode_mask(found.mask, LIMITS)
    return decode_image(found.image, LIMITS), mask, found.record.label


async def test_a_frame_is_kept_whole_with_its_label_and_without_a_mask(client, application, gate):
    shown = picture(frames=3)
    token = await gate(image=shown)
    status, body = await keep(client, token=token, pool_id="mine", label="the second", frames=1)
    assert status == 200, body
    assert (status, body["pool_id"], body["added"], body["count"]) == (200, "mine", 1, 1)
    image, mask, label = kept(application, "mine")
    assert torch.equal(image, shown[1])
    assert (mask, label) == (None, "the second")


async def test_the_mask_painted_so_far_goes_with_every_frame(client, application, gate, mask_png):
    token = await gate(image=picture(frames=2, height=48, width=64))
    application.gates.attach_mask(token, mask_png)
    status, body = await keep(client, token=token, pool_id="mine", frames="all")
    assert (status, body["added"]) == (200, 2)
    for index in range(2):
        assert torch.equal(kept(application, "mine", index)[1], decode_mask(mask_png, LIMITS))


async def test_the_masks_of_the_slot_go_with_their_frames(client, application, gate):
    shown, masks = picture(frames=2), empty_mask(2, 12, 16)
    masks[1, 3:6, 2:9] = 1
    application.bus.publish("cp1", [encode_image(frame) for frame in shown], [encode_mask(mask) for mask in masks])
    token = await gate(get_id="cp1")
    await keep(client, token=token, pool_id="mine", frames="all")
    assert kept(application, "mine", 0)[1] is None
    assert torch.equal(kept(application, "mine", 1)[1], masks[1])


async def test_a_new_profile_is_made_for_it(client, application, gate):
    token = await gate(image=picture())
    status, body = await keep(client, token=token, profile="Keepers")
    assert status == 200
    assert application.profiles.get(body["pool_id"]).name == "Keepers"
    status, body = await keep(client, token=token, profile="KEEPERS")
    assert (status, body["error"]["code"]) == (409, "conflict")


async def test_a_profile_that_could_not_be_filled_is_not_left_behind(client, application, gate):
    token = await gate(image=picture())
    status, _ = await keep(client, token=token, profile="Keepers", label="x" * 20_000)
    assert status == 400
    assert application.profiles.registry().profiles == ()


async def test_the_gate_waits_on_and_a_repeated_request_counts_once(client, application, gate):
    token = await gate(image=picture())
    for _ in range(2):
        status, body = await keep(client, token=token, pool_id="mine", operation="one")
        assert (status, body["count"]) == (200, 1)
    assert [entry["token"] for entry in application.gates.pending()] == [token]


BAD = {
    "no token": ({"token": None}, 400),
    "an empty token": ({"token": ""}, 400),
    "a dead token": ({"token": "0" * 32}, 409),
    "nowhere": ({"pool_id": ""}, 400),
    "two places": ({"profile": "x"}, 400),
    "a path": ({"pool_id": "../x"}, 400),
    "the registry": ({"pool_id": "profiles.json"}, 400),
    "a name that leads out": ({"pool_id": "", "profile": "../x"}, 400),
    "a frame that is not there": ({"frames": 2}, 404),
    "a frame below the first": ({"frames": -1}, 404),
    "a frame that is none": ({"frames": "some"}, 400),
    "a label that is none": ({"label": []}, 400),
    "a label without end": ({"label": "x" * 10_001}, 400),
}


@pytest.mark.parametrize(("change", "expected"), BAD.values(), ids=list(BAD))
async def test_bad_input_is_a_sentence_and_adds_nothing(client, application, gate, change, expected):
    token = await gate(image=picture(frames=2))
    status, body = await keep(client, **({"token": token, "pool_id": "mine", "frames": "all"} | change))
    assert (status, bool(body["error"]["message"])) == (expected, True)
    assert application.pools.ids() == []
    assert len(application.gates) == 1
