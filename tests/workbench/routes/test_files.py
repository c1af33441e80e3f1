"""Uploads and views, in the forms that the frontend and its MaskEditor use."""

from __future__ import annotations

import json
from io import BytesIO

import numpy as np
import pytest
from aiohttp import FormData
from full_disk import full_disk
from photographs import photograph
from PIL import Image


async def upload(client, data, name="new.png", path="/api/upload/image", **fields):
    form = FormData(quote_fields=False)
    form.add_field("image", data, filename=name, content_type="image/png")
    for key, value in fields.items():
        form.add_field(key, value)
    return await client.post(path, data=form)


def png(color=(10, 20, 30), size=(8, 6), mode="RGB", alpha=None):
    picture = Image.new(mode, size, color)
    if alpha is not None:
        picture.putalpha(alpha)
    buffer = BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


async def test_an_uploaded_picture_is_there_and_offered(client, data):
    content = photograph("small").read_bytes()
    answer = await upload(client, content)

    assert await answer.json() == {"name": "new.png", "subfolder": "", "type": "input"}
    assert (data / "input" / "new.png").read_bytes() == content
    info = await (await client.get("/api/object_info/LoadImage")).json()
    assert "new.png" in info["LoadImage"]["input"]["required"]["image"][0]


async def test_a_taken_name_is_numbered_unless_the_bytes_are_the_same(client, data):
    first, second = png((1, 1, 1)), png((2, 2, 2))
    names = [(await (await upload(client, content)).json())["name"] for content in (first, second, second, first)]

    assert names == ["new.png", "new (1).png", "new (1).png", "new.png"]
    assert (data / "input" / "new.png").read_bytes() == first


async def test_an_upload_may_overwrite(client, data):
    await upload(client, png((1, 1, 1)))
    answer = await upload(client, png((2, 2, 2)), overwrite="true")

    assert (await answer.json())["name"] == "new.png"
    assert (data / "input" / "new.png").read_bytes() == png((2, 2, 2))


async def test_an_upload_that_the_disk_cannot_take_leaves_the_old_file_alone(client, data):
    old = photograph("small").read_bytes()
    await upload(client, old)
    with full_disk(4096):
        answer = await upload(client, old + bytes(10_000), overwrite="true")
    error = (await answer.json())["error"]

    assert answer.status == 507
    assert error["message"].startswith("The disk has no space left")
    assert "unchanged" in error["hint"]
    assert [path.name for path in (data / "input").glob("*new*")] == ["new.png"]
    assert (data / "input" / "new.png").read_bytes() == old


async def test_a_fresh_upload_that_the_disk_cannot_take_leaves_nothing(client, data):
    before = sorted((data / "input").iterdir())
    with full_disk(4096):
        answer = await upload(client, bytes(10_000), name="fresh.png")

    assert answer.status == 507
    assert sorted((data / "input").iterdir()) == before


async def test_an_upload_may_go_to_a_folder(client, data):
    answer = await upload(client, png(), subfolder="pasted", type="temp")

    assert await answer.json() == {"name": "new.png", "subfolder": "pasted", "type": "temp"}
    assert (data / "temp" / "pasted" / "new.png").is_file()


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("../x.png", {}),
        ("a\\..\\x.png", {}),
        ("C:x.png", {}),
        ("x.png", {"subfolder": "../.."}),
        ("x.png", {"subfolder": "a/../../.."}),
        ("x.png", {"type": "secrets"}),
    ],
)
async def test_an_upload_that_leaves_its_folder_is_refused(client, data, name, fields):
    before = sorted(path for path in data.parent.rglob("*") if path.is_file())
    answer = await upload(client, png(), name, **fields)

    assert answer.status == 400
    assert sorted(path for path in data.parent.rglob("*") if path.is_file()) == before


async def test_an_upload_without_a_file_is_refused(client):
    assert (await client.post("/api/upload/image", data={"type": "input"})).status == 400


async def test_the_four_uploads_of_the_mask_editor_are_kept_under_their_names(client, data):
    for part in ("mask", "paint", "painted", "painted-masked"):
        answer = await upload(client, png(), f"clipspace-{part}-1700000000000.png", type="input")
        assert (await answer.json())["name"] == f"clipspace-{part}-1700000000000.png"

    assert len(list((data / "input").glob("clipspace-*"))) == 4


async def test_an_uploaded_mask_becomes_the_alpha_of_its_picture(client, data):
    alpha = Image.linear_gradient("L").resize((451, 300))
    painted = png(size=(451, 300), alpha=alpha)
    reference = json.dumps({"filename": "chelsea.png", "subfolder": "", "type": "input"})
    answer = await upload(client, painted, "masked.png", "/api/upload/mask", original_ref=reference, type="input")

    assert (await answer.json())["name"] == "masked.png"
    with Image.open(data / "input" / "masked.png") as masked, Image.open(photograph("small")) as original:
        assert masked.mode == "RGBA"
        assert np.array_equal(np.asarray(masked.convert("RGB")), np.asarray(original))
        assert np.array_equal(np.asarray(masked.getchannel("A")), np.asarray(alpha))


@pytest.mark.parametrize(
    ("reference", "status"),
    [
        ("{", 400),
        ("[]", 400),
        ('{"filename": "gone.png", "type": "input"}', 404),
        ('{"filename": "../../x", "type": "input"}', 400),
        ('{"filename": "chelsea.png", "type": "other"}', 400),
    ],
)
async def test_a_mask_without_its_picture_is_refused(client, data, reference, status):
    answer = await upload(client, png(), "masked.png", "/api/upload/mask", original_ref=reference)

    assert answer.status == status
    assert not (data / "input" / "masked.png").exists()


@pytest.mark.parametrize("mask", [b"no picture", png(size=(3, 3))])
async def test_a_mask_that_does_not_fit_is_refused(client, data, mask):
    reference = json.dumps({"filename": "chelsea.png", "type": "input"})
    answer = await upload(client, mask, "masked.png", "/api/upload/mask", original_ref=reference)

    assert answer.status == 422
    assert not (data / "input" / "masked.png").exists()


async def test_a_file_is_shown_as_it_is(client):
    answer = await client.get("/api/view", params={"filename": "chelsea.png", "type": "input"})

    assert answer.content_type == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert await answer.read() == photograph("small").read_bytes()


@pytest.mark.parametrize(("asked", "kind"), [("webp;90", "webp"), ("jpeg;50", "jpeg"), ("bmp", "webp"), ("", "webp")])
async def test_a_preview_is_smaller_and_in_the_format_asked_for(client, asked, kind):
    answer = await client.get("/api/view", params={"filename": "chelsea.png", "type": "input", "preview": asked})

    assert answer.content_type == f"image/{kind}"
    body = await answer.read()
    assert len(body) < photograph("small").stat().st_size
    assert Image.open(BytesIO(body)).size == (451, 300)


async def test_colours_and_alpha_can_be_had_apart(client, data):
    (data / "input" / "a.png").write_bytes(photograph("small-rgba").read_bytes())
    source = np.asarray(Image.open(photograph("small-rgba")))
    parts = {}
    for channel in ("rgb", "a", "rgba"):
        answer = await client.get("/api/view", params={"filename": "a.png", "type": "input", "channel": channel})
        parts[channel] = np.asarray(Image.open(BytesIO(await answer.read())))

    assert np.array_equal(parts["rgb"], source[..., :3])
    assert np.array_equal(parts["a"][..., 3], source[..., 3])
    assert np.array_equal(parts["rgba"], source)


async def test_the_alpha_of_an_opaque_picture_is_opaque(client):
    answer = await client.get("/api/view", params={"filename": "chelsea.png", "type": "input", "channel": "a"})

    assert np.asarray(Image.open(BytesIO(await answer.read())))[..., 3].min() == 255


@pytest.mark.parametrize("name", ["page.html", "code.js", "drawing.svg", "data.xml", "notes.txt"])
async def test_what_could_run_in_the_page_is_a_download(client, data, name):
    (data / "output" / name).write_text("<script>1</script>")
    answer = await client.get("/api/view", params={"filename": name})

    assert answer.content_type == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    "query",
    [
        {"filename": "../user/default/comfy.settings.json", "type": "input"},
        {"filename": "x.png", "subfolder": "../..", "type": "input"},
        {"filename": "/etc/passwd", "type": "input"},
        {"filename": "chelsea.png", "type": "user"},
        {},
    ],
)
async def test_a_view_that_leaves_its_folder_is_refused(client, query):
    assert (await client.get("/api/view", params=query)).status == 400


async def test_a_missing_file_is_not_found(client):
    assert (await client.get("/api/view", params={"filename": "gone.png", "type": "input"})).status == 404


async def test_a_preview_of_what_is_no_picture_is_a_clear_error(client, data):
    (data / "output" / "x.png").write_bytes(b"no picture")
    answer = await client.get("/api/view", params={"filename": "x.png", "preview": "webp;90"})

    assert answer.status == 422
    assert (await answer.json())["error"]["code"] == "unreadable_image"
