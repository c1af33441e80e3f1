"""The pool node, and the profile node in front of it."""

import io
import itertools

import numpy as np
import pytest
import torch
from PIL import Image

from datasete.application import build_application, set_application
from datasete.config import Settings, SpaceSettings
from datasete.errors import CorruptData, InvalidInput, InvalidName, StoreError
from datasete.host.api import BareHost
from datasete.nodes import NODE_CLASS_MAPPINGS, NODE_DISPLAY_NAME_MAPPINGS
from datasete.nodes.grid_image_pool import GridImagePool
from datasete.pools import Upload, commands

numbers = itertools.count()
PIXELS = np.random.default_rng(7).integers(0, 256, (5, 7, 3), np.uint8)


@pytest.fixture
def app(tmp_path):
    settings = Settings(pools=SpaceSettings(url=f"memory://pool-node-{next(numbers)}"))
    made = build_application(BareHost(tmp_path / "input", tmp_path / "output", tmp_path / "user"), settings)
    set_application(made)
    yield made
    set_application(None)
    made.close()


def encoded(array, form="PNG"):
    file = io.BytesIO()
    Image.fromarray(array).save(file, form)
    return file.getvalue()


def upload(number=0, **more):
    return Upload(encoded(PIXELS ^ number), label=f"picture {number}", **more)


async def run(index=-1, pool_id="p", profile=None):
    return await GridImagePool().run(index, pool_id, profile)


async def state(index=-1, pool_id="p", **wired):
    return await GridImagePool.IS_CHANGED(index, pool_id, **wired)


def test_the_ports_are_those_of_the_contract():
    types = GridImagePool.INPUT_TYPES()
    assert list(types["required"]) == ["index", "pool_id"]
    assert list(types["optional"]) == ["profile"]
    assert types["required"]["index"][1]["default"] == -1 == types["required"]["index"][1]["min"]
    assert types["required"]["pool_id"][1]["default"] == "default"
    assert types["optional"]["profile"][0] == "POOL_PROFILE"
    assert GridImagePool.RETURN_TYPES == ("IMAGE", "MASK", "INT", "INT", "STRING")
    assert GridImagePool.RETURN_NAMES == ("image", "mask", "index", "count", "label")
    assert NODE_CLASS_MAPPINGS["GridImagePool"] is GridImagePool
    assert NODE_DISPLAY_NAME_MAPPINGS["GridImagePool"] == "Image Pool (Grid)"
    assert GridImagePool.CATEGORY == "Datasete Gates"


async def test_an_empty_pool_gives_a_black_pixel(app):
    image, mask, index, count, label = await run()
    assert image.shape == (1, 1, 1, 3)
    assert mask.shape == (1, 1, 1)
    assert not image.any()
    assert not mask.any()
    assert (index, count, label) == (0, 0, "")


async def test_a_picture_comes_out_to_the_bit_with_a_zero_mask(app):
    app.pools.add("p", [upload()])
    image, mask, index, count, label = await run()
    assert image.dtype == torch.float32
    assert ((image[0] * 255).round().to(torch.uint8).numpy() == PIXELS).all()
    assert mask.shape == (1, 5, 7)
    assert not mask.any()
    assert (index, count, label) == (0, 1, "picture 0")


async def test_a_mask_of_another_size_is_fitted(app):
    app.pools.add("p", [upload(mask=encoded(np.full((10, 14), 255, np.uint8)))])
    mask = (await run())[1]
    assert mask.shape == (1, 5, 7)
    assert (mask == 1).all()


@pytest.mark.parametrize(("index", "chosen"), [(-1, 1), (0, 0), (1, 1), (2, 2), (3, 2), (10**6, 2)])
async def test_an_index_is_the_active_picture_or_brought_into_range(app, index, chosen):
    app.pools.add("p", [upload(n) for n in range(3)])
    app.pools.edit("p", commands.activate(app.pools.name_at("p", 1)))
    _, _, at, count, label = await run(index)
    assert (at, count, label) == (chosen, 3, f"picture {chosen}")


async def test_a_profile_wins_over_the_pool_id(app):
    profile = app.profiles.create("samples")
    app.pools.add(profile.id, [upload(5)])
    app.pools.add("p", [upload(1)])
    assert (await run(profile=profile.id))[4] == "picture 5"


@pytest.mark.parametrize(
    ("mode", "form", "channels"),
    [
        *[(mode, "PNG", 3) for mode in ("1", "L", "I;16", "P", "RGB")],
        *[(mode, form, 3) for mode, form in (("L", "JPEG"), ("L", "WEBP"), ("L", "TIFF"), ("CMYK", "JPEG"))],
        *[(mode, "PNG", 4) for mode in ("LA", "RGBA")],
    ],
)
async def test_every_picture_is_in_colour_as_other_nodes_need_it(app, mode, form, channels):
    file = io.BytesIO()
    source = Image.fromarray(PIXELS).convert("L") if mode == "I;16" else Image.fromarray(PIXELS)
    source.convert(mode).save(file, form)
    app.pools.add("p", [Upload(file.getvalue())])
    image = (await run())[0]
    assert image.shape == (1, 5, 7, channels)
    assert image.is_contiguous()
    if mode in {"1", "L", "I;16"} and form != "WEBP":  # which has no grey of its own
        assert (image == image[..., :1]).all()


async def test_a_photograph_that_lies_on_its_side_is_turned(app):
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    Image.fromarray(PIXELS).save(file, "JPEG", exif=exif)
    app.pools.add("p", [Upload(file.getvalue())])
    assert (await run())[0].shape == (1, 7, 5, 3)


async def test_a_stored_picture_that_is_damaged_is_named(app):
    app.pools.add("p", [upload()])
    app.pools.storage.write("p/img_0001.png", b"hello")
    with pytest.raises(CorruptData, match=r"“img_0001\.png” in the pool “p” cannot be used"):
        await run()
    assert app.pools.storage.get("p/img_0001.png").data == b"hello"


async def test_a_pool_that_cannot_be_read_is_an_error_never_empty(app):
    app.pools.storage.write("p/manifest.json", b"{")
    with pytest.raises(CorruptData):
        await run()
    assert await state() != await state()


@pytest.mark.parametrize("pool_id", ["../x", "", "a/b", "con", "profiles.json", "x" * 65])
async def test_a_bad_id_is_refused_before_and_in_a_run(app, pool_id):
    assert "cannot be used" in str(GridImagePool.VALIDATE_INPUTS(pool_id)) or "not a pool" in str(
        GridImagePool.VALIDATE_INPUTS(pool_id)
    )
    with pytest.raises(InvalidName):
        await run(pool_id=pool_id)
    with pytest.raises(InvalidName):
        await run(profile=pool_id or "..")


async def test_an_index_by_wire_that_is_none_is_refused(app):
    with pytest.raises(InvalidInput, match="whole number"):
        await run(index="first")


def test_a_good_or_wired_id_passes_validation():
    assert GridImagePool.VALIDATE_INPUTS("default") is True
    assert GridImagePool.VALIDATE_INPUTS(None) is True


SHOWN = {
    "a label": lambda app, names: app.pools.edit("p", commands.label(names[1], "new")),
    "a mask": lambda app, names: app.pools.set_mask("p", names[1], encoded(PIXELS[..., 0])),
    "activity": lambda app, names: app.pools.edit("p", commands.activate(names[0])),
    "its removal": lambda app, names: app.pools.remove("p", [names[1]]),
    "another's removal": lambda app, names: app.pools.remove("p", [names[2]]),
    "one more": lambda app, names: app.pools.add("p", [upload(9)]),
    "its place": lambda app, names: app.pools.edit("p", commands.move([names[1]], None)),
}
NOT_SHOWN = {
    "another's label": lambda app, names: app.pools.edit("p", commands.label(names[0], "new")),
    "another's mask": lambda app, names: app.pools.set_mask("p", names[2], encoded(PIXELS[..., 0])),
    "another pool": lambda app, names: app.pools.add("q", [upload(9)]),
    "others' places": lambda app, names: app.pools.edit("p", commands.arrange([names[2], names[1], names[0]])),
    "a removal undone": lambda app, names: (app.pools.remove("p", [names[0]]), app.pools.undo("p")),
    "nothing": lambda app, names: None,
}


@pytest.mark.parametrize("what", SHOWN)
async def test_the_cache_key_changes_with_what_the_outputs_show(app, what):
    names = three(app)
    before, outputs = await state(), (await run())[1:]
    SHOWN[what](app, names)
    assert await state() != before
    after = (await run())[1:]
    assert after[1:] != outputs[1:] or not torch.equal(after[0], outputs[0])


@pytest.mark.parametrize("what", NOT_SHOWN)
async def test_the_cache_key_changes_with_nothing_else(app, what):
    names = three(app)
    before = await state()
    NOT_SHOWN[what](app, names)
    assert await state() == before


def three(app):
    app.pools.add("p", [upload(n) for n in range(3)])
    names = [picture.image for picture in app.pools.manifest("p").pictures]
    app.pools.edit("p", commands.activate(names[1]))
    return names


async def test_two_indices_that_mean_the_same_picture_have_the_same_key(app):
    three(app)
    assert await state(5) == await state(2) != await state(0)


async def test_a_wired_profile_is_known_by_the_id_that_the_frontend_sends(app):
    profile = app.profiles.create("samples")
    app.pools.add(profile.id, [upload(5)])
    key = await state(pool_id=profile.id, profile=None)
    assert key == await state(pool_id=profile.id)
    app.pools.edit(profile.id, commands.label("img_0001.png", "new"))
    assert await state(pool_id=profile.id, profile=None) != key


async def test_a_wired_profile_that_nobody_registered_is_never_cached(app):
    app.pools.add("p", [upload(5)])
    assert await state(profile=None) != await state(profile=None)
    app.pools.storage.write("profiles.json", b"{")
    assert await state(profile=None) != await state(profile=None)


async def test_a_wired_index_or_id_is_never_cached(app):
    assert await state(index=None) != await state(index=None)
    assert await state(pool_id=None) != await state(pool_id=None)


async def test_a_store_that_cannot_be_reached_is_an_error(app):
    class Gone:
        capabilities = app.pools.storage.capabilities

        def read(self, keys):
            raise OSError("gone")

        def close(self):
            pass

    app.pools.storage.store = Gone()
    with pytest.raises(StoreError):
        await run()
