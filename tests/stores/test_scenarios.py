"""What people do with gates, pools and batches, the same whether the spaces are local, on a bucket or on a share."""

import asyncio
import io
import random

import pytest
from host_process import gate_node, picture
from PIL import Image
from scenario_host import Place, ScenarioHost, half_painted, ok, pixels

from datasete.batch.machine import SERIES_GAP_MS
from datasete.workbench.serve import make_app

SIZE = (32, 24)
ONE, TWO = picture(40), picture(90)
MASK = half_painted(SIZE)


@pytest.fixture(params=["local", "seaweedfs", "samba"])
def place(request, tmp_path):
    server = None if request.param == "local" else request.getfixturevalue(request.param)
    return Place(tmp_path, server)


@pytest.fixture
async def scene(place, tmp_path, monkeypatch, aiohttp_client):
    for variable, value in place.environment().items():
        monkeypatch.setenv(variable, value)
    data, frontend = tmp_path / "data", tmp_path / "frontend"
    (data / "input").mkdir(parents=True)
    frontend.mkdir()
    (frontend / "index.html").write_text("page")
    for name, content in (("one.png", ONE), ("two.png", TWO)):
        (data / "input" / name).write_bytes(content)
    return ScenarioHost(await aiohttp_client(make_app(data, frontend)), tmp_path)


def gated(source="", **inputs):
    """A gate whose two routes and mask are all shown."""
    return {
        "gate": gate_node(source, **inputs),
        "first": ("PreviewImage", {"images": ["gate", 1]}),
        "second": ("PreviewImage", {"images": ["gate", 2]}),
        "mask": ("MaskPreview", {"mask": ["gate", 0]}),
    }


async def passed(scene, name, mask=None, **inputs):
    """Send a picture through a gate's first route, painted or not; the run's history."""
    run = await scene.queue(load=("LoadImage", {"image": name}), **gated("load", **inputs))
    gate = await scene.gate()
    if mask:
        await scene.form("/datasete_gate/mask", ("mask", "mask.png", mask), token=gate["token"])
    await scene.answer(gate, "1")
    return ok(await scene.done(run))


async def entered(scene, slot):
    """What a workflow gets that begins with a slot: the picture and the mask."""
    run = await scene.queue(**gated(get_id=slot))
    gate = await scene.gate()
    assert (gate["slot"], gate["width"], gate["height"]) == (slot, *SIZE)
    await scene.answer(gate, "1")
    run = ok(await scene.done(run))
    return await scene.output(run, "first"), await scene.output(run, "mask", "L")


async def test_a_gate_shows_a_picture_takes_a_mask_and_routes(scene):
    run = await scene.queue(load=("LoadImage", {"image": "one.png"}), **gated("load"))
    gate = await scene.gate()
    size, _ = await scene.pixels(gate["preview"])
    assert size == (gate["width"], gate["height"]) == SIZE
    await scene.form("/datasete_gate/mask", ("mask", "mask.png", MASK), token=gate["token"])
    assert await scene.pixels(f"/datasete_gate/mask/{gate['token']}/0", "L") == pixels(MASK, "L")
    await scene.answer(gate, "2")
    run = ok(await scene.done(run))
    assert "first" not in run["outputs"]
    assert await scene.output(run, "second") == pixels(ONE)
    assert await scene.output(run, "mask", "L") == pixels(MASK, "L")


async def test_what_is_published_is_entered_again_by_another_workflow(scene, place):
    await passed(scene, "one.png", MASK, send_id="cp1")
    assert (await scene.get("/datasete_gate/bus/list"))["ids"] == ["cp1"]
    assert await entered(scene, "cp1") == (pixels(ONE), pixels(MASK, "L"))
    await place.holds("bus", "cp1/image.png", "cp1/mask.png")


async def test_a_gate_that_is_stopped_publishes_nothing(scene, place):
    run = await scene.queue(load=("LoadImage", {"image": "one.png"}), **gated("load", send_id="cp1"))
    await scene.answer(await scene.gate(), "__cancel__")
    run = await scene.done(run)
    assert (run["status"]["status_str"], run["outputs"]) == ("error", {})
    assert (await scene.get("/datasete_gate/bus/list"))["ids"] == []
    assert not {key for key in place.keys("bus") if "cp1" in key}


async def test_a_slot_has_a_history_from_which_it_is_restored(scene):
    await passed(scene, "one.png", MASK, send_id="cp1")
    await passed(scene, "two.png", send_id="cp1")
    assert await entered(scene, "cp1") == (pixels(TWO), blank())
    versions = (await scene.get("/datasete_gate/bus/history?id=cp1"))["versions"]
    assert [(each["origin"], each["width"], each["height"]) for each in versions] == [("publish", *SIZE)]
    old = versions[0]["version"]
    assert await scene.pixels("/datasete_gate/bus/image", id="cp1", version=old) == pixels(ONE)
    await scene.post("/datasete_gate/bus/restore", json={"id": "cp1", "version": old})
    assert await entered(scene, "cp1") == (pixels(ONE), pixels(MASK, "L"))


async def test_a_deleted_slot_is_gone_until_the_deletion_is_undone(scene):
    await passed(scene, "one.png", MASK, send_id="cp1")
    version = (await scene.post("/datasete_gate/bus/delete", json={"id": "cp1"}))["version"]
    assert (await scene.get("/datasete_gate/bus/list"))["ids"] == []
    assert ok(await scene.done(await scene.queue(**gated(get_id="cp1"))))["outputs"].keys() == {"mask"}
    await scene.post("/datasete_gate/bus/restore", json={"id": "cp1", "version": version})
    assert (await scene.get("/datasete_gate/bus/list"))["ids"] == ["cp1"]
    assert await entered(scene, "cp1") == (pixels(ONE), pixels(MASK, "L"))


def blank():
    return SIZE, bytes(SIZE[0] * SIZE[1])


def noise(seed, kind="PNG"):
    """A picture like no other."""
    out = io.BytesIO()
    Image.frombytes("RGB", SIZE, random.Random(seed).randbytes(SIZE[0] * SIZE[1] * 3)).save(out, kind)
    return out.getvalue()


PICTURES = [noise(1), noise(2, "JPEG"), noise(3)]


async def filled(scene, pool="p"):
    """A pool with three labelled pictures, offered together with a broken one."""
    files = [("a.png", PICTURES[0]), ("b.jpg", PICTURES[1]), ("broken.png", PICTURES[0][:60]), ("c.png", PICTURES[2])]
    return await scene.form(
        "/grid_pool/add",
        *(("image", name, data) for name, data in files),
        pool_id=pool,
        label=["ape", "bee", "broken", "cat"],
    )


async def pool(scene, path, pool="p", **body):
    return await scene.post(f"/grid_pool/{path}", json={"pool_id": pool, **body})


def labels(view):
    return [slot["label"] for slot in view["slots"]]


async def used(scene, index=-1, **wires):
    """What a workflow gets from a pool: picture, mask, index, count and label."""
    outputs = {f"text{slot}": ("PreviewAny", {"source": ["pool", slot]}) for slot in (2, 3, 4)}
    run = await scene.queue(
        pool=("GridImagePool", {"index": index, "pool_id": "p", **wires.pop("inputs", {})}),
        image=("PreviewImage", {"images": ["pool", 0]}),
        mask=("MaskPreview", {"mask": ["pool", 1]}),
        **outputs,
        **wires,
    )
    run = ok(await scene.done(run))
    texts = [run["outputs"][name]["text"][0] for name in outputs]
    return await scene.output(run, "image"), await scene.output(run, "mask", "L"), *texts


async def files(scene, pool):
    """All that a pool holds, in its order: label, the picture's bytes and the mask's."""
    slots = (await scene.get(f"/grid_pool/list?pool_id={pool}"))["slots"]

    async def content(name):
        return await scene.bytes("/grid_pool/file", pool_id=pool, image=name) if name else None

    return [(slot["label"], await content(slot["image"]), await content(slot["mask"])) for slot in slots]


async def test_good_pictures_are_added_and_the_broken_one_among_them_is_named(scene, place):
    view = await filled(scene)
    assert (view["added"], [error["file"] for error in view["errors"]]) == (3, ["broken.png"])
    assert await files(scene, "p") == list(zip(["ape", "bee", "cat"], PICTURES, [None] * 3, strict=True))
    assert {"p/manifest.json", *(f"p/{slot['image']}" for slot in view["slots"])} <= place.keys("pools")


async def test_a_pool_is_labelled_reordered_masked_and_used(scene):
    await filled(scene)
    await pool(scene, "label", index=1, label="wasp")
    assert labels(await pool(scene, "reorder", order=[2, 0, 1])) == ["cat", "ape", "wasp"]
    await scene.form("/grid_pool/set_mask", ("mask", "mask.png", MASK), pool_id="p", index=0)
    await pool(scene, "active", index=2)
    assert await used(scene) == (pixels(PICTURES[1]), blank(), "2", "3", "wasp")
    assert await used(scene, 0) == (pixels(PICTURES[2]), pixels(MASK, "L"), "0", "3", "cat")
    await pool(scene, "label", index=0, label="lynx")
    assert (await used(scene, 0))[-1] == "lynx"


async def test_what_is_removed_from_a_pool_comes_back(scene):
    await filled(scene)
    await scene.form("/grid_pool/set_mask", ("mask", "mask.png", MASK), pool_id="p", index=1)
    whole = await files(scene, "p")
    assert labels(await pool(scene, "remove", index=1)) == ["ape", "cat"]
    assert await used(scene, 1) == (pixels(PICTURES[2]), blank(), "1", "2", "cat")
    assert labels(await pool(scene, "undo")) == ["ape", "bee", "cat"]
    assert await files(scene, "p") == whole
    assert await used(scene, 1) == (pixels(PICTURES[1]), pixels(MASK, "L"), "1", "3", "bee")


async def test_a_thumbnail_is_a_small_picture(scene):
    slots = (await filled(scene))["slots"]
    size, _ = await scene.pixels("/grid_pool/thumb", pool_id="p", image=slots[1]["image"], size=16)
    assert size == (16, 12)


async def test_a_profile_is_made_copied_carried_out_and_in_with_not_a_bit_changed(scene):
    await filled(scene)
    await scene.form("/grid_pool/set_mask", ("mask", "mask.png", MASK), pool_id="p", index=1)
    made = await scene.post("/grid_pool/profiles/create", json={"name": "Zoo", "from": "p"})
    copy = await scene.post("/grid_pool/profiles/duplicate", json={"id": made["id"]})
    archive = await scene.bytes("/grid_pool/profiles/export", id=made["id"])
    back = await scene.form("/grid_pool/profiles/import", ("file", "zoo.zip", archive))
    listed = (await scene.get("/grid_pool/profiles/list"))["profiles"]
    assert [each["name"] for each in listed] == ["Zoo", "Zoo (2)", "Zoo (3)"]
    whole = await files(scene, "p")
    assert [data for _, data, _ in whole] == PICTURES
    for profile in (made, copy, back):
        assert await files(scene, profile["id"]) == whole
    chosen = ("PoolProfile", {"profile": "Zoo (3)", "profile_id": back["id"]})
    got = await used(scene, 1, inputs={"profile": ["profile", 0]}, profile=chosen)
    assert got == (pixels(PICTURES[1]), pixels(MASK, "L"), "1", "3", "bee")


FOLDER = ["1.png", "2.png", "3.png", "10.png"]


@pytest.fixture
def folder(place):
    """Four pictures in a folder of a space, between a note and another folder that do not count."""
    place.put({f"shoots/may/{name}": noise(name) for name in FOLDER})
    place.put({"shoots/may/notes.txt": b"a note", "shoots/june/9.png": noise("june")})


def walk(source="load", **inputs):
    """Load a folder's pictures and save each under its name; a second one of a name would get another."""
    loader = {
        "directory": "nas:shoots/may", "filter_preset": "All Images", "iteration_mode": "Continue",
        "error_handling": "Stop on error", **inputs,
    }  # fmt: skip
    saver = {
        "image": [source, 0 if source == "load" else 1], "quality": 100, "overwrite_mode": "Rename",
        "output_directory": "out", "output_base_name": ["load", 5],
    }  # fmt: skip
    return {"load": ("BatchImageLoader", loader), "save": ("BatchImageSaver", saver)}


def saved(scene):
    """What the saver wrote on this machine, as name and pixels."""
    return {path.name: pixels(path.read_bytes()) for path in (scene.folder / "data/output/out").glob("*")}


def wanted(names):
    return {name: pixels(noise(name)) for name in names}


@pytest.mark.usefixtures("folder")
async def test_one_press_walks_a_folder_of_a_space_to_its_end_each_file_once(scene):
    await scene.queue(**walk())
    batch = await scene.batch("finished")
    assert (batch["done"], batch["total"]) == (4, 4)
    assert len(await scene.get("/history")) == 4
    assert saved(scene) == wanted(FOLDER)


TREE = ["cat.jpg", "cat.png", "Cat.webp", "a/001.png", "b/001.png"]


@pytest.mark.parametrize("mode", ["Overwrite", "Skip"])
async def test_a_tree_in_a_space_has_as_many_results_as_sources_in_every_pass(scene, place, mode):
    place.put({f"shoots/tree/{name}": noise(name) for name in TREE})
    workflow = walk(directory="nas:shoots/tree/**")
    to = {"overwrite_mode": mode, "output_directory": "nas:results", "subfolder": ["load", 12]}
    workflow["save"] = ("BatchImageSaver", workflow["save"][1] | to)
    for passes in (1, 2):
        await asyncio.sleep((SERIES_GAP_MS / 1000 + 0.1) * (passes - 1))  # a press of its own
        await scene.done(await scene.queue(**workflow))
        batch = await scene.batch("finished")
        assert (batch["done"], batch["renamed"], batch["serial"]) == (5, 2, 5 * passes)
        results = {key.removeprefix("results/") for key in place.keys("nas") if key.startswith("results/")}
        assert len({name.casefold() for name in results}) == len(results) == 5
        assert {"a/001.png", "b/001.png"} < results


@pytest.mark.usefixtures("folder")
async def test_a_file_that_cannot_be_loaded_is_skipped_and_told(scene, place):
    place.put({"shoots/may/3.png": noise("3.png")[:60]})
    await scene.queue(**walk(error_handling="Skip on error"))
    batch = await scene.batch("finished")
    told = (await scene.get(f"/datasete/batch/skipped?key={batch['key']}"))["skipped"]
    assert [(each["index"], each["name"]) for each in told] == [(2, "3.png")]
    assert saved(scene) == wanted(["1.png", "2.png", "10.png"])


@pytest.mark.usefixtures("folder")
async def test_a_walk_is_paused_and_goes_on_where_it_was(scene):
    async def let_through(name):
        gate = await scene.gate()
        assert gate["batch"]["filename"] == name
        await scene.answer(gate, "1")
        await scene.gone(gate)

    await scene.queue(**walk("gate"), gate=gate_node("load"))
    await let_through("1.png")
    await scene.gate()
    key = (await scene.get("/datasete/batch/list"))["batches"][0]["key"]
    await scene.post("/datasete/batch/pause", json={"key": key})
    await let_through("2.png")
    await scene.batch("paused")
    assert saved(scene) == wanted(["1.png", "2.png"])
    await scene.post("/datasete/batch/resume", json={"key": key})
    for name in ("3.png", "10.png"):
        await let_through(name)
    await scene.batch("finished")
    assert saved(scene) == wanted(FOLDER)
