"""The gate node, called as ComfyUI calls it, with no ComfyUI there."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import torch

from datasete.application import Application, build_application, set_application
from datasete.config import BusSettings, GateSettings, LimitSettings, Settings, StorageSettings
from datasete.errors import ConfigError, CorruptData, InvalidInput, InvalidName, StoreDenied, StoreFull, TooLarge
from datasete.host.api import BareHost, Blocked, Interrupted, Run
from datasete.imaging.png import decode_image, decode_mask, encode_image, encode_mask
from datasete.nodes import NODE_CLASS_MAPPINGS, NODE_DISPLAY_NAME_MAPPINGS
from datasete.nodes.image_gate import ImageGate
from datasete.plugin import ANY, Capabilities, Space, StoreUnavailable, hookimpl

BAD_NAMES = ["../x", "a/b", "a\\b", "..", ".", " a", "a ", "a.", "con", "NUL", "com1.png", "a:b", "*", "🙂"]
BAD_NAMES += ["x" * 65, "x" * 300, "a\0b", "a\nb", "\u202ea"]


class Desk:
    """An application around a bare host, and nodes that run in it."""

    def __init__(self, application: Application, host: BareHost) -> None:
        self.app, self.host = application, host

    async def start(self, run: Run | None = None, **inputs: Any) -> asyncio.Task[Any]:
        """Call the node as one item of a run; return when it waits at its gate, or is done."""
        self.host.current = run or Run("p", "7", 0, "tab")
        waiting = len(self.app.gates)
        task = asyncio.create_task(ImageGate().run(**{"routes": 2, "unique_id": "7"} | inputs))
        while len(self.app.gates) == waiting and not task.done():
            await asyncio.sleep(0.001)
        return task

    async def passed(
        self, route: int = 1, mask: bytes | None = None, masks: dict[int, bytes] | None = None, **inputs: Any
    ) -> tuple[Any, ...]:
        """Run the node, paint a mask for all frames and some for single ones, and choose a route."""
        task = await self.start(**inputs)
        [entry] = self.app.gates.pending()
        if mask is not None:
            self.app.gates.attach_mask(entry["token"], mask)
        for frame, data in (masks or {}).items():
            self.app.gates.attach_mask(entry["token"], data, frame)
        self.app.gates.choose(route, token=entry["token"])
        outputs: tuple[Any, ...] = await task
        return outputs


@pytest.fixture
def host(tmp_path: Path) -> BareHost:
    return BareHost(tmp_path / "input", tmp_path / "output", tmp_path / "user")


@pytest.fixture
async def desk(host: BareHost) -> AsyncIterator[Desk]:
    application = build_application(host, Settings(bus=BusSettings(url=f"memory://{uuid.uuid4()}")))
    set_application(application)
    yield Desk(application, host)
    assert len(application.gates) == 0
    set_application(None)
    await asyncio.to_thread(application.close)


def shown_by(desk: Desk) -> list[object]:
    return [data for event, data, _ in desk.host.sent if event == "datasete-gate-show"]


def said_by(desk: Desk) -> list[object]:
    """What gates said that asked nothing."""
    return [data for event, data, _ in desk.host.sent if event == "datasete-gate-unasked"]


def picture(frames: int = 1, height: int = 12, width: int = 16, channels: int = 3) -> torch.Tensor:
    return torch.randint(0, 256, (frames, height, width, channels), generator=torch.Generator().manual_seed(7)) / 255


def routes_of(outputs: tuple[Any, ...]) -> list[int]:
    """The 1-based routes that are not blocked."""
    return [number for number, value in enumerate(outputs[1:], start=1) if not isinstance(value, Blocked)]


def test_the_node_has_the_ports_that_workflows_know() -> None:
    assert NODE_CLASS_MAPPINGS["ImageGate"] is ImageGate
    assert NODE_DISPLAY_NAME_MAPPINGS["ImageGate"] == "Image Gate (Manual Router)"
    ports = ImageGate.INPUT_TYPES()
    assert [*ports["required"], *ports["optional"]] == ["routes", "image", "send_id", "get_id"]
    kind, options = ports["required"]["routes"]
    assert (kind, options["default"], options["min"], options["max"]) == ("INT", 2, 1, 10)
    assert ports["optional"]["image"][0] == "IMAGE"
    assert all(
        (ports["optional"][name][0], ports["optional"][name][1]["default"]) == ("STRING", "")
        for name in ("send_id", "get_id")
    )
    hidden = {"unique_id": "UNIQUE_ID", "prompt": "PROMPT", "extra_pnginfo": "EXTRA_PNGINFO", "dynprompt": "DYNPROMPT"}
    assert ports["hidden"] == hidden
    assert [*ImageGate.RETURN_TYPES] == ["MASK", *["IMAGE"] * 10]
    assert [*ImageGate.RETURN_NAMES] == ["mask", *[f"route_{number}" for number in range(1, 11)]]
    assert len(ImageGate.OUTPUT_TOOLTIPS) == 11
    assert ImageGate.CATEGORY == "Datasete Gates"
    assert asyncio.iscoroutinefunction(getattr(ImageGate, ImageGate.FUNCTION))


def test_a_gate_never_equals_its_last_run() -> None:
    answers = [ImageGate.IS_CHANGED(routes=2, image=None, send_id="", get_id="") for _ in range(2)]
    assert answers[0] != answers[1]
    assert all(isinstance(answer, str) for answer in answers)


@pytest.mark.parametrize("name", BAD_NAMES, ids=ascii)
@pytest.mark.parametrize("where", ["send_id", "get_id"])
def test_a_bad_name_is_refused_before_anything_runs(where: str, name: str) -> None:
    said = ImageGate.VALIDATE_INPUTS(**{where: name})
    assert isinstance(said, str)
    assert said.startswith(f"{where}: ")
    assert "cannot be used" in said


@pytest.mark.parametrize("name", ["", "cp1", "Ä b (2)", None])
def test_a_good_name_and_one_that_is_wired_pass_validation(name: str | None) -> None:
    assert ImageGate.VALIDATE_INPUTS(send_id=name, get_id=name) is True


@pytest.mark.parametrize("name", [*BAD_NAMES, 7, ["cp1"]], ids=ascii)
@pytest.mark.parametrize("where", ["send_id", "get_id"])
async def test_a_bad_name_that_arrives_by_wire_is_refused_before_the_pause(
    desk: Desk, where: str, name: object
) -> None:
    task = await desk.start(image=picture(), **{where: name})
    with pytest.raises(InvalidName):
        await task
    assert not shown_by(desk)
    assert desk.app.bus.list() == []


@pytest.mark.parametrize("routes", [0, 11, -1, None, "2"])
async def test_a_number_of_routes_that_cannot_be_is_refused(desk: Desk, routes: object) -> None:
    with pytest.raises(InvalidInput, match="1 to 10 routes"):
        await (await desk.start(image=picture(), routes=routes))


@pytest.mark.parametrize("shape", [(0, 4, 4, 3), (1, 0, 4, 3), (4, 4, 3)])
async def test_what_is_no_batch_of_pictures_is_refused(desk: Desk, shape: tuple[int, ...]) -> None:
    with pytest.raises(InvalidInput, match="batch of pictures"):
        await (await desk.start(image=torch.zeros(shape)))


@pytest.mark.parametrize("route", range(1, 11))
async def test_only_the_chosen_route_carries_the_picture(desk: Desk, route: int) -> None:
    image = picture(frames=2)
    outputs = await desk.passed(route, image=image, routes=10)
    assert len(outputs) == 11
    assert routes_of(outputs) == [route]
    assert outputs[route] is image


async def test_without_a_painted_mask_it_is_zeros_of_the_pictures_size(desk: Desk) -> None:
    outputs = await desk.passed(image=picture(frames=3))
    assert (outputs[0].shape, outputs[0].dtype, outputs[0].max()) == ((3, 12, 16), torch.float32, 0)


@pytest.mark.parametrize("inputs", [{}, {"get_id": "nobody"}], ids=str)
async def test_without_a_picture_nothing_waits_and_nothing_passes(desk: Desk, inputs: dict[str, str]) -> None:
    outputs = await (await desk.start(send_id="cp1", **inputs))
    assert routes_of(outputs) == []
    assert (outputs[0].shape, outputs[0].max()) == ((1, 1, 1), 0)
    assert not shown_by(desk)
    assert desk.app.bus.list() == []


@pytest.mark.parametrize(
    ("inputs", "said"),
    [({}, "No picture arrived: nothing passed."), ({"get_id": "nowhere"}, "“nowhere” holds nothing: nothing passed.")],
    ids=["no picture", "no such slot"],
)
async def test_a_gate_says_why_nothing_passed(desk: Desk, inputs: dict[str, str], said: str) -> None:
    await (await desk.start(extra_pnginfo={"workflow": {"id": "w"}}, **inputs))
    assert said_by(desk) == [{"id": "7", "workflow": "w", "message": said, "hint": ""}]


async def test_a_gate_says_what_failed(desk: Desk) -> None:
    with pytest.raises(InvalidInput) as refused:
        await (await desk.start(image=torch.zeros(1, 4, 6, 2)))
    error = refused.value
    assert said_by(desk) == [{"id": "7", "workflow": "", "message": error.message, "hint": error.hint}]


async def test_a_gate_that_was_answered_or_stopped_says_nothing_more(desk: Desk) -> None:
    await desk.passed(image=picture())
    task = await desk.start(image=picture())
    desk.app.gates.choose(None, node_id="7")
    with pytest.raises(Interrupted):
        await task
    assert said_by(desk) == []


async def test_a_slot_is_shown_when_no_picture_is_wired(desk: Desk) -> None:
    image, mask = picture(frames=2), torch.zeros(2, 12, 16)
    mask[1, 3:5] = 1
    desk.app.bus.publish("cp1", [encode_image(frame) for frame in image], [encode_mask(frame) for frame in mask])
    task = await desk.start(get_id="cp1")
    [entry] = desk.app.gates.pending("tab")
    assert (entry["slot"], entry["frames"], entry["width"], entry["height"], entry["own"]) == ("cp1", 2, 16, 12, True)
    assert 0 <= entry["slot_age"] < 60
    desk.app.gates.choose(2, node_id="7")
    outputs = await task
    assert torch.equal(outputs[2], image)
    assert torch.equal(outputs[0], mask)


async def test_a_wired_picture_wins_over_the_bus_and_its_mask(desk: Desk) -> None:
    desk.app.bus.publish("cp1", [encode_image(picture()[0])], [encode_mask(torch.ones(12, 16))])
    image = picture(height=5, width=6)
    outputs = await desk.passed(image=image, get_id="cp1")
    assert outputs[1] is image
    assert outputs[0].max() == 0
    assert desk.app.gates.pending() == []


async def test_painted_wins_over_loaded_and_loaded_over_zeros(desk: Desk) -> None:
    desk.app.bus.publish("cp1", [encode_image(picture()[0])], [encode_mask(torch.full((12, 16), 0.2))])
    loaded = await desk.passed(get_id="cp1")
    assert torch.allclose(loaded[0], torch.full((1, 12, 16), 0.2))
    painted = await desk.passed(get_id="cp1", mask=encode_mask(torch.ones(12, 16)))
    assert torch.equal(painted[0], torch.ones(1, 12, 16))


async def test_a_painted_mask_is_resized_and_goes_to_every_frame(desk: Desk) -> None:
    half = torch.zeros(6, 8)
    half[:, :4] = 1
    outputs = await desk.passed(image=picture(frames=3), mask=encode_mask(half))
    assert outputs[0].shape == (3, 12, 16)
    for mask in outputs[0]:
        assert mask[:, :6].min() == 1
        assert mask[:, 10:].max() == 0


def plain(value: float, height: int = 12, width: int = 16) -> bytes:
    """A mask of one strength."""
    return encode_mask(torch.full((height, width), float(value)))


def strengths(mask: torch.Tensor) -> list[float]:
    """Of masks that are the same all over: how strong each frame's is."""
    assert (mask.amin((1, 2)) == mask.amax((1, 2))).all()
    return [round(value, 3) for value in mask[:, 0, 0].tolist()]


async def test_frames_have_masks_of_their_own_and_the_others_zeros(desk: Desk) -> None:
    outputs = await desk.passed(image=picture(frames=4), masks={1: plain(1), 3: plain(0.2)})
    assert strengths(outputs[0]) == [0, 1, 0, 0.2]


async def test_a_frames_own_mask_wins_over_the_one_for_all(desk: Desk) -> None:
    outputs = await desk.passed(image=picture(frames=3), mask=plain(1), masks={1: plain(0)})
    assert strengths(outputs[0]) == [1, 0, 1]


async def test_frames_that_were_not_painted_keep_what_was_loaded(desk: Desk) -> None:
    images, loaded = picture(frames=3), [plain(0.2), plain(0.4), plain(0.6)]
    desk.app.bus.publish("cp1", [encode_image(frame) for frame in images], loaded)
    outputs = await desk.passed(get_id="cp1", masks={1: plain(1)})
    assert strengths(outputs[0]) == [0.2, 1, 0.6]
    outputs = await desk.passed(get_id="cp1", mask=plain(0))
    assert strengths(outputs[0]) == [0, 0, 0]


async def test_a_frames_mask_of_another_size_is_resized(desk: Desk) -> None:
    half = torch.zeros(24, 32)
    half[:, :16] = 1
    outputs = await desk.passed(image=picture(frames=2), masks={1: encode_mask(half)})
    assert outputs[0].shape == (2, 12, 16)
    assert outputs[0][0].max() == 0
    assert (outputs[0][1, :, :7].min(), outputs[0][1, :, 9:].max()) == (1, 0)


async def test_masks_of_single_frames_are_published_with_their_frames(desk: Desk) -> None:
    await desk.passed(image=picture(frames=3), send_id="cp1", masks={2: plain(1), 0: plain(0.2)})
    again = await desk.passed(get_id="cp1")
    assert strengths(again[0]) == [0.2, 0, 1]


async def test_what_leaves_a_gate_for_a_pool_has_its_frames_mask(desk: Desk) -> None:
    images, loaded = picture(frames=2), [plain(0.2), plain(0.4)]
    desk.app.bus.publish("cp1", [encode_image(frame) for frame in images], loaded)
    task = await desk.start(get_id="cp1")
    session = desk.app.gates.find(desk.app.gates.pending()[0]["token"])
    desk.app.gates.attach_mask(session.token, plain(1), 1)
    kept = [session.view.full_frame(frame, session.mask.at(frame))[1] for frame in range(2)]
    assert [decode_mask(data, LimitSettings())[0, 0].item() for data in kept] == pytest.approx([0.2, 1])
    desk.app.gates.choose(1, token=session.token)
    await task


async def test_what_passes_is_published_before_it_is_handed_on(desk: Desk) -> None:
    image = picture(frames=2, channels=4)
    painted = torch.zeros(12, 16)
    painted[2:4] = 1
    await desk.passed(image=image, send_id="cp1", mask=encode_mask(painted))
    slot = desk.app.bus.load("cp1")
    assert torch.equal(torch.stack([decode_image(data, LimitSettings()) for data in slot.images]), image)
    assert len(slot.masks) == 2
    assert all(torch.equal(decode_mask(data, LimitSettings()), painted) for data in slot.masks)
    assert ("datasete-slot-published", {"id": "cp1"}, None) in desk.host.sent
    again = await desk.passed(get_id="cp1")
    assert torch.equal(again[1], image)
    assert torch.equal(again[0], painted.expand(2, -1, -1))


async def test_every_pass_publishes_anew(desk: Desk) -> None:
    await desk.passed(image=picture(), send_id="cp1")
    first = desk.app.bus.load("cp1").token
    await desk.passed(get_id="cp1", send_id="cp1")
    assert desk.app.bus.load("cp1").token != first


async def test_a_stop_raises_the_hosts_interrupt_and_publishes_nothing(desk: Desk) -> None:
    task = await desk.start(image=picture(), send_id="cp1")
    desk.app.gates.choose(None, node_id="7")
    with pytest.raises(Interrupted):
        await task
    assert desk.app.bus.list() == []


async def test_the_hosts_interrupt_ends_the_wait(desk: Desk) -> None:
    task = await desk.start(image=picture(), send_id="cp1")
    desk.host.stopping = True
    with pytest.raises(Interrupted):
        await task
    assert desk.app.bus.list() == []


async def test_a_cancelled_run_leaves_no_gate_behind(desk: Desk) -> None:
    task = await desk.start(image=picture())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert desk.app.gates.pending() == []


async def test_gates_of_a_list_wait_together_and_are_shown_one_by_one(desk: Desk) -> None:
    images = [picture(height=4 + index) for index in range(3)]
    tasks = [await desk.start(Run("p", "7", index, "tab"), image=image) for index, image in enumerate(images)]
    shown = []
    for index, task in enumerate(tasks):
        shown.append(next(entry["list_index"] for entry in desk.app.gates.pending() if entry["shown"]))
        desk.app.gates.choose(index % 2 + 1, node_id="7")
        assert (await task)[index % 2 + 1] is images[index]
    assert shown == [0, 1, 2]


async def test_gates_of_a_list_open_in_its_order_whichever_picture_is_ready_first(desk: Desk) -> None:
    large = torch.zeros(1).expand(1, 2000, 2000, 3)  # takes a while to check
    tasks = []
    for index, image in enumerate([large, picture(), picture()]):
        desk.host.current = Run("p", "7", index, "tab")
        tasks.append(asyncio.create_task(ImageGate().run(2, image, unique_id="7")))
        await asyncio.sleep(0)
    shown = []
    for _ in tasks:
        while not any(entry["shown"] for entry in desk.app.gates.pending()):
            await asyncio.sleep(0.001)
        shown.append(next(entry["list_index"] for entry in desk.app.gates.pending() if entry["shown"]))
        desk.app.gates.choose(1, node_id="7")
    await asyncio.gather(*tasks)
    assert shown == [0, 1, 2]


async def test_open_gates_can_be_answered_in_any_order(desk: Desk) -> None:
    first = await desk.start(Run("p", "7", 0, "tab"), image=picture())
    second = await desk.start(Run("p", "4:2", 0, "tab"), image=picture())
    desk.app.gates.choose(2, node_id="4:2")
    assert routes_of(await second) == [2]
    assert not first.done()
    desk.app.gates.choose(1, node_id="7")
    assert routes_of(await first) == [1]


async def test_previews_are_small_pictures_of_each_frame(desk: Desk) -> None:
    image = torch.zeros(2, 300, 400, 3)
    image[1] = 1
    task = await desk.start(image=image)
    session = desk.app.gates.find(desk.app.gates.pending()[0]["token"])
    pages = [session.view.preview(frame, 100) for frame in range(2)]
    assert [kind for _, kind in pages] == ["image/jpeg"] * 2
    assert pages[0][0] != pages[1][0]
    desk.app.gates.choose(1, node_id="7")
    await task


@pytest.mark.parametrize(
    ("sent", "known"),
    [
        ({"workflow": {"id": "abc"}}, "abc"),
        ({"workflow": {"id": 7}}, ""),
        ({"workflow": {"id": "x" * 65}}, ""),
        ({"workflow": None}, ""),
        (None, ""),
        ([], ""),
    ],
    ids=str,
)
async def test_the_workflow_that_queued_the_run_is_told(desk: Desk, sent: object, known: str) -> None:
    task = await desk.start(image=picture(), extra_pnginfo=sent, prompt={})
    assert desk.app.gates.pending()[0]["workflow"] == known
    desk.app.gates.choose(1, node_id="7")
    await task


class LoopedPrompt:
    """What ComfyUI knows in the second round of a loop."""

    def get_display_node_id(self, node_id: str) -> str:
        return "7" if node_id == "5.0.0.7" else node_id


async def test_a_gate_that_a_loop_copied_is_seen_at_the_node_on_the_canvas(desk: Desk) -> None:
    node = {"id": 7, "type": "ImageGate", "title": "Good?", "properties": {"routeLabels": ["yes", "no"]}}
    sent = {"workflow": {"id": "abc", "nodes": [node]}}
    run = Run("p", "5.0.0.7", 0, "tab")
    task = await desk.start(run, image=picture(), extra_pnginfo=sent, dynprompt=LoopedPrompt())
    [entry] = desk.app.gates.pending()
    assert (entry["id"], entry["display"], entry["title"]) == ("5.0.0.7", "7", "Good?")
    assert entry["labels"] == ["yes", "no"]
    desk.app.gates.choose(2, node_id="7")
    assert routes_of(await task) == [2]


async def test_a_script_without_a_run_gets_a_gate_of_its_own(desk: Desk) -> None:
    task = asyncio.create_task(ImageGate().run(2, picture(), unique_id="5"))
    while not desk.app.gates.pending():
        await asyncio.sleep(0.001)
    [entry] = desk.app.gates.pending()
    assert entry["id"] == "5"
    assert uuid.UUID(str(entry["prompt_id"]))
    desk.app.gates.choose(1, node_id="5")
    assert routes_of(await task) == [1]


async def test_without_an_application_the_node_says_what_is_missing() -> None:
    set_application(None)
    with pytest.raises(ConfigError, match="not started"):
        await ImageGate().run(2, picture())


@pytest.fixture
async def local(host: BareHost) -> AsyncIterator[Desk]:
    application = build_application(host, Settings())
    set_application(application)
    yield Desk(application, host)
    set_application(None)
    await asyncio.to_thread(application.close)


@pytest.mark.parametrize(
    "content",
    [b"", b"not a picture", b"\x89PNG\r\n\x1a\n", encode_image(picture()[0])[:60], b"\xff\xd8\xff\xe0" + bytes(50)],
    ids=["empty", "text", "signature", "cut", "broken jpeg"],
)
async def test_a_slot_that_cannot_be_read_is_named_and_left_alone(local: Desk, content: bytes) -> None:
    file = local.host.input_dir / "gate_bus" / "cp1" / "image.png"
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    with pytest.raises(CorruptData, match="cp1"):
        await (await local.start(get_id="cp1"))
    assert file.read_bytes() == content
    assert local.app.gates.pending() == []


async def test_a_grey_slot_is_in_colour_as_other_nodes_need_it(desk: Desk) -> None:
    frames = picture(frames=2, channels=1)
    desk.app.bus.publish("grey", [encode_image(frame) for frame in frames], [])
    _, image, *_ = await desk.passed(get_id="grey")
    assert torch.equal(image, frames.expand(-1, -1, -1, 3))


async def test_a_slot_whose_frames_differ_is_refused_by_name(desk: Desk) -> None:
    desk.app.bus.publish("cp1", [encode_image(picture()[0]), encode_image(picture(height=5)[0])])
    with pytest.raises(CorruptData, match="“cp1” differ"):
        await (await desk.start(get_id="cp1"))


async def test_a_picture_saved_by_hand_is_shown_without_a_mask(local: Desk) -> None:
    folder = local.host.input_dir / "gate_bus" / "mine"
    folder.mkdir(parents=True)
    (folder / "image.png").write_bytes(encode_image(picture()[0]))
    outputs = await local.passed(get_id="mine")
    assert torch.equal(outputs[1], picture())
    assert outputs[0].max() == 0


class Faulty:
    """A store that holds nothing and fails as it is told."""

    capabilities = Capabilities(atomic_replace=True, conditional_write=True, server_copy=True)

    def __init__(self, reading: Exception | None, writing: Exception | None) -> None:
        self.reading, self.writing = reading, writing

    def read(self, keys: Any) -> dict[str, Any]:
        return self._fail(self.reading, {})

    def list(self, prefix: str = "", after: str = "", limit: int = 1000) -> Any:
        from datasete.plugin import Listing

        return self._fail(self.reading, Listing(()))

    def write(self, key: str, data: bytes, when: object = ANY) -> str:
        return self._fail(self.writing, "1")

    def copy(self, source: str, target: str, version: str | None = None) -> str:
        return self._fail(self.writing, "1")

    def delete(self, keys: Any, versions: Any = None) -> int:
        return 0

    def close(self) -> None:
        pass

    def _fail(self, error: Exception | None, answer: Any) -> Any:
        if error:
            raise error
        return answer


class Plugin:
    def __init__(self, store: Faulty) -> None:
        self.store = store

    @hookimpl
    def datasete_open_store(self, space: Space) -> Faulty:
        return self.store


async def faulty(host: BareHost, policy: GateSettings | None = None, **faults: Exception | None) -> Desk:
    settings = Settings(storage=StorageSettings(deadline=0.01), gates=policy or GateSettings())
    plugin = Plugin(Faulty(faults.get("reading"), faults.get("writing")))
    application = build_application(host, settings, {"faulty": plugin})
    set_application(application)
    return Desk(application, host)


@pytest.mark.parametrize(
    ("fault", "error"), [(StoreUnavailable("No answer."), StoreUnavailable), (PermissionError(13, "no"), StoreDenied)]
)
async def test_a_store_that_cannot_be_read_is_an_error_and_never_an_empty_slot(
    host: BareHost, fault: Exception, error: type[Exception]
) -> None:
    desk = await faulty(host, reading=fault)
    with pytest.raises(error):
        await (await desk.start(get_id="cp1"))
    await asyncio.to_thread(desk.app.close)


class TestAPublishThatFails:
    """The store is full, or gone, when a choice is carried out."""

    @pytest.fixture
    async def desk(self, host: BareHost) -> AsyncIterator[Desk]:
        desk = await faulty(host, writing=OSError(28, "No space left on device"))
        yield desk
        assert len(desk.app.gates) == 0
        await asyncio.to_thread(desk.app.close)

    def mend(self, desk: Desk) -> None:
        store: Any = desk.app.storage("bus").store
        store.writing = None

    async def in_trouble(self, desk: Desk, task: asyncio.Task[Any]) -> dict[str, Any]:
        """The gate as it asks again."""
        while not any(entry["trouble"] for entry in desk.app.gates.pending()):
            assert not task.done(), await task
            await asyncio.sleep(0.001)
        return next(dict(entry) for entry in desk.app.gates.pending() if entry["trouble"])

    async def test_the_gate_asks_again_with_the_reason(self, desk: Desk) -> None:
        task = await desk.start(image=picture(), send_id="cp1")
        [before] = desk.app.gates.pending()
        desk.app.gates.choose(2, node_id="7")
        entry = await self.in_trouble(desk, task)
        trouble = entry["trouble"]
        assert "full" in trouble["message"]
        assert "kept here" in trouble["hint"]
        assert trouble["route"] == 2
        assert (entry["id"], entry["preview"] != before["preview"]) == ("7", True)
        desk.app.gates.choose(None, node_id="7")
        with pytest.raises(Interrupted):
            await task

    async def test_it_is_done_when_the_store_is_back(self, desk: Desk) -> None:
        image = picture()
        task = await desk.start(image=image, send_id="cp1")
        desk.app.gates.choose(2, node_id="7")
        await self.in_trouble(desk, task)
        self.mend(desk)
        desk.app.gates.retry(node_id="7")
        outputs = await task
        assert routes_of(outputs) == [2]
        assert outputs[2] is image

    async def test_it_asks_as_often_as_it_fails(self, desk: Desk) -> None:
        task = await desk.start(image=picture(), send_id="cp1")
        desk.app.gates.choose(1, node_id="7")
        tokens = set()
        for turn in range(3):
            entry = await self.in_trouble(desk, task)
            tokens.add(entry["token"])
            if turn == 2:
                self.mend(desk)
            desk.app.gates.retry(token=entry["token"])
        assert routes_of(await task) == [1]
        assert len(tokens) == 3

    async def test_what_was_painted_is_kept_and_may_be_painted_over(self, desk: Desk) -> None:
        task = await desk.start(image=picture(), send_id="cp1")
        [entry] = desk.app.gates.pending()
        desk.app.gates.attach_mask(str(entry["token"]), encode_mask(torch.ones(12, 16)))
        desk.app.gates.choose(1, node_id="7")
        assert (await self.in_trouble(desk, task))["masked"]
        self.mend(desk)
        desk.app.gates.retry(node_id="7")
        assert (await task)[0].min() == 1

    async def test_another_route_may_be_chosen(self, desk: Desk) -> None:
        task = await desk.start(image=picture(), send_id="cp1")
        desk.app.gates.choose(1, node_id="7")
        await self.in_trouble(desk, task)
        self.mend(desk)
        desk.app.gates.choose(2, node_id="7")
        assert routes_of(await task) == [2]

    async def test_an_item_of_a_list_waits_beside_its_siblings(self, desk: Desk) -> None:
        tasks = [await desk.start(Run("p", "7", index, "tab"), image=picture(), send_id="cp1") for index in range(2)]
        desk.app.gates.choose(1, node_id="7")
        entry = await self.in_trouble(desk, tasks[0])
        assert (len(desk.app.gates), entry["list_index"]) == (2, 0)
        self.mend(desk)
        desk.app.gates.retry(token=entry["token"])
        assert routes_of(await tasks[0]) == [1]
        desk.app.gates.choose(2, node_id="7")
        assert routes_of(await tasks[1]) == [2]

    async def test_without_send_id_there_is_nothing_to_fail(self, desk: Desk) -> None:
        task = await desk.start(image=picture())
        desk.app.gates.choose(1, node_id="7")
        assert routes_of(await task) == [1]

    async def test_a_gate_in_no_trouble_has_nothing_to_try_again(self, desk: Desk) -> None:
        task = await desk.start(image=picture(), send_id="cp1")
        with pytest.raises(InvalidInput, match="Nothing failed"):
            desk.app.gates.retry(node_id="7")
        desk.app.gates.choose(None, node_id="7")
        with pytest.raises(Interrupted):
            await task


@pytest.mark.parametrize("policy", ["headless", "after"])
async def test_where_a_policy_answers_a_publish_is_tried_once_more_and_then_fails(host: BareHost, policy: str) -> None:
    desk = await faulty(host, policy=GateSettings(policy=policy, after_s=0.01), writing=OSError(28, "No space left"))
    tasks = [await desk.start(Run("p", "7", index, "tab"), image=picture(), send_id="cp1") for index in range(2)]
    for task in tasks:
        with pytest.raises(StoreFull, match="full"):
            await task
    assert desk.app.gates.pending() == []
    await asyncio.to_thread(desk.app.close)


async def test_a_choice_that_fails_is_tried_again_by_the_policy_when_the_person_has_gone(host: BareHost) -> None:
    policy = GateSettings(policy="after", route=1, after_s=1.0)
    desk = await faulty(host, policy=policy, writing=OSError(28, "No space left"))
    task = await desk.start(image=picture(), send_id="cp1")
    desk.app.gates.choose(2, node_id="7")
    with pytest.raises(StoreFull, match="full"):
        await task
    await asyncio.to_thread(desk.app.close)


@pytest.mark.parametrize(
    "image",
    [
        torch.zeros(1, 4, 6, 2),
        torch.zeros(1, 4, 6, 5),
        torch.zeros(1, 4, 6, 3, dtype=torch.uint8),
        torch.zeros(1, 4, 6, 3, dtype=torch.int64),
        torch.full((1, 4, 6, 3), torch.nan),
        torch.zeros(1, 0, 6, 3),
    ],
    ids=["2 channels", "5 channels", "uint8", "int64", "nan", "empty"],
)
@pytest.mark.parametrize("send_id", ["", "cp1"])
async def test_what_cannot_be_shown_is_refused_before_the_pause(desk: Desk, image: torch.Tensor, send_id: str) -> None:
    with pytest.raises(InvalidInput, match=r"\[1, "):
        await (await desk.start(image=image, send_id=send_id))
    assert not shown_by(desk)
    assert desk.app.bus.list() == []


async def limited(host: BareHost, **limits: int) -> Desk:
    bus = BusSettings(url=f"memory://{uuid.uuid4()}")
    application = build_application(host, Settings(bus=bus, limits=LimitSettings(**limits)))
    set_application(application)
    return Desk(application, host)


async def test_what_no_slot_takes_is_refused_before_the_pause_and_shown_where_nothing_is_published(
    host: BareHost,
) -> None:
    desk = await limited(host, image_pixels=100)
    with pytest.raises(TooLarge, match="megapixels"):
        await (await desk.start(image=picture(), send_id="cp1"))
    assert routes_of(await desk.passed(image=picture())) == [1]
    await asyncio.to_thread(desk.app.close)


async def test_our_own_picture_may_have_more_bytes_than_an_upload(host: BareHost) -> None:
    desk = await limited(host, image_bytes=300)
    image = picture(frames=2)
    await desk.passed(image=image, send_id="cp1")
    again = await desk.passed(get_id="cp1")
    assert torch.equal(again[1], image)
    assert desk.app.bus.first_frame("cp1").frames == 2
    await asyncio.to_thread(desk.app.close)


class TestAChoiceThatCannotBeCarriedOut:
    """What turns up after the answer keeps picture, choice and masks at the gate, whatever it is."""

    @pytest.fixture
    async def desk(self, host: BareHost) -> AsyncIterator[Desk]:
        desk = await limited(host, image_bytes=300, published_bytes=300)
        yield desk
        assert len(desk.app.gates) == 0
        await asyncio.to_thread(desk.app.close)

    async def test_too_many_bytes_after_encoding(self, desk: Desk) -> None:
        task = await desk.start(image=picture(), send_id="cp1")
        desk.app.gates.attach_mask(desk.app.gates.pending()[0]["token"], plain(1))
        desk.app.gates.choose(2, node_id="7")
        entry = await asked_again(desk, task)
        assert "at most" in entry["trouble"]["message"]
        assert (entry["trouble"]["route"], entry["masked"]) == (2, True)
        assert "kept here" in entry["trouble"]["hint"]
        desk.app.gates.choose(None, node_id="7")
        with pytest.raises(Interrupted):
            await task

    async def test_an_unforeseen_fault(self, desk: Desk) -> None:
        task = await desk.start(image=picture(), send_id="cp1")
        desk.app.gates.attach_mask(desk.app.gates.pending()[0]["token"], b"not a mask")
        desk.app.gates.choose(1, node_id="7")
        assert (await asked_again(desk, task))["trouble"]["route"] == 1
        desk.app.gates.choose(None, node_id="7")
        with pytest.raises(Interrupted):
            await task


async def asked_again(desk: Desk, task: asyncio.Task[Any]) -> dict[str, Any]:
    """The gate as it asks again after a fault."""
    while not any(entry["trouble"] for entry in desk.app.gates.pending()):
        assert not task.done(), await task
        await asyncio.sleep(0.001)
    return next(dict(entry) for entry in desk.app.gates.pending() if entry["trouble"])
