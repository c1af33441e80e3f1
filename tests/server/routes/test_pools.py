"""The routes of the pools, over a real server."""

import asyncio
import io
import json

import numpy as np
import pytest
from aiohttp import FormData
from oriented import CARRIERS, arrow, turned
from PIL import Image

from datasete.config import LimitSettings
from datasete.server import pool_uploads

LIMIT = 200_000


@pytest.fixture
def pool_limits():
    return {"limits": LimitSettings(image_bytes=LIMIT, image_pixels=1_000_000)}


def png(number=0, size=(8, 6), mode="RGB"):
    file = io.BytesIO()
    Image.new("RGB", size, (number % 256, 3, 4)).convert(mode).save(file, "PNG")
    return file.getvalue()


def form(*parts, **fields):
    """A multipart form: fields first, then files as (name, filename, bytes)."""
    made = FormData(default_to_multipart=True)
    for name, value in fields.items():
        made.add_field(name, str(value))
    for name, filename, data in parts:
        made.add_field(name, data, filename=filename)
    return made


async def add(page, *pictures, pool_id="p", **fields):
    response = await page.post(
        "/grid_pool/add",
        data=form(*[("image", f"{n}.png", p) for n, p in enumerate(pictures)], pool_id=pool_id, **fields),
    )
    return response.status, await response.json()


async def post(page, path, **body):
    response = await page.post(f"/grid_pool/{path}", json=body)
    return response.status, await response.json()


async def listed(page, **query):
    response = await page.get("/grid_pool/list", params={"pool_id": "p", **query})
    return await response.json()


def images(view):
    return [slot["image"] for slot in view["slots"]]


async def test_an_unknown_pool_is_an_empty_view(page):
    view = await listed(page)
    assert {key: view[key] for key in ("active", "slots", "next_seq", "revision")} == {
        "active": 0,
        "slots": [],
        "next_seq": 1,
        "revision": 0,
    }


async def test_pictures_are_added_and_everybody_is_told(page, pool_app):
    status, view = await add(page, png(1), png(2))
    assert status == 200
    assert images(view) == ["img_0001.png", "img_0002.png"]
    assert set(view["slots"][0]) == {"image", "mask", "label", "added"}
    assert (view["errors"], view["added"]) == ([], 2)
    assert ("datasete-pool-changed", {"pool": "p", "revision": 1}, None) in pool_app.host.sent


@pytest.mark.parametrize("prefix", ["", "/api"])
async def test_the_routes_are_there_with_and_without_api(page, prefix):
    response = await page.get(f"{prefix}/grid_pool/list", params={"pool_id": "p"})
    assert response.status == 200


async def test_labels_and_masks_go_with_the_pictures_in_their_order(page, pool_app):
    made = FormData(default_to_multipart=True)
    made.add_field("pool_id", "p")
    for number in range(3):
        made.add_field("image", png(number), filename=f"{number}.png")
        made.add_field("label", f"label {number}")
        made.add_field("mask", b"" if number == 1 else png(200, mode="L"), filename="mask.png")
    response = await page.post("/grid_pool/add", data=made)
    slots = (await response.json())["slots"]
    assert [slot["label"] for slot in slots] == ["label 0", "label 1", "label 2"]
    assert [bool(slot["mask"]) for slot in slots] == [True, False, True]
    assert pool_app.pools.picture("p", 0).mask is not None


async def test_a_label_and_a_mask_may_come_before_their_picture(page):
    status, view = await add_raw(page, ("mask", "m.png", png(9, mode="L")), ("image", "i.png", png(1)), label="first")
    assert status == 200
    assert view["slots"][0]["label"] == "first"
    assert view["slots"][0]["mask"]


async def add_raw(page, *parts, pool_id="p", **fields):
    response = await page.post("/grid_pool/add", data=form(*parts, pool_id=pool_id, **fields))
    return response.status, await response.json()


async def test_the_good_files_of_a_mixed_upload_are_added_and_the_bad_ones_listed(page):
    files = [
        ("image", "good.png", png(1)),
        ("image", "text.png", b"hello"),
        ("image", "cut.png", png(2)[:40]),
        ("image", "huge.png", b"x" * (LIMIT + 1)),
        ("image", "wide.png", png(3, size=(2000, 1000))),
        ("image", "also good.png", png(4)),
        ("image", "nothing.png", b""),
    ]
    status, view = await add_raw(page, *files)
    assert status == 200
    assert view["added"] == view["count"] == 2
    assert [(error["file"], error["code"]) for error in view["errors"]] == [
        ("text.png", "unreadable_image"),
        ("cut.png", "unreadable_image"),
        ("huge.png", "too_large"),
        ("wide.png", "too_large"),
        ("nothing.png", "unreadable_image"),
    ]
    assert all(error["message"] for error in view["errors"])


async def test_masks_before_their_pictures_are_bounded_as_a_picture_is(page):
    large = png(7, mode="L") + b"x" * (LIMIT // 2)
    parts = [("mask", f"{number}.png", large) for number in range(20)]
    status, view = await add_raw(page, *parts, ("image", "0.png", png(1)), ("image", "1.png", png(2)))
    assert (status, view["count"]) == (200, 2)
    messages = [error["message"] for error in view["errors"]]
    assert len([text for text in messages if "wait for their pictures" in text]) == 19
    assert [bool(slot["mask"]) for slot in view["slots"]] == [True, False]


async def test_masks_without_pictures_are_refused(page):
    status, view = await add_raw(page, *[("mask", "m.png", png(9, mode="L")) for _ in range(3)])
    assert (status, view["count"], len(view["errors"])) == (400, 0, 3)
    assert view["error"]["message"] == "A mask has no picture."


@pytest.mark.parametrize("name", ["label", "x{}"])
async def test_the_texts_of_a_form_are_bounded_together(page, monkeypatch, name):
    monkeypatch.setattr(pool_uploads, "MAX_TEXT_CHARACTERS", 100_000)
    made = form(pool_id="p")
    for number in range(50):
        made.add_field(name.format(number), "x" * 9_000)
    assert (await page.post("/grid_pool/add", data=made)).status == 413


async def test_a_picture_with_a_bad_mask_or_label_is_kept_without_it(page):
    status, view = await add_raw(page, ("image", "a.png", png(1)), ("mask", "m.png", b"hello"), label="x" * 10_001)
    assert status == 200
    assert (view["slots"][0]["mask"], view["slots"][0]["label"]) == (None, "")
    assert [error["file"] for error in view["errors"]] == ["a.png (mask)", "a.png"]


async def test_what_belongs_to_a_picture_that_is_refused_goes_to_no_other(page):
    parts = [("image", "huge.png", b"x" * (LIMIT + 1)), *[("image", f"{n}.png", png(n)) for n in range(2)]]
    parts += [("mask", "0.png", b""), ("mask", "huge.png", b"x" * (LIMIT + 1)), ("mask", "2.png", png(9, mode="L"))]
    made = form(*parts, pool_id="p")
    for label in ("huge", "one", "two"):
        made.add_field("label", label)
    view = await (await page.post("/grid_pool/add", data=made)).json()
    assert [slot["label"] for slot in view["slots"]] == ["one", "two"]
    assert [bool(slot["mask"]) for slot in view["slots"]] == [False, True]
    assert [error["file"] for error in view["errors"]] == ["huge.png", "huge.png"]


@pytest.mark.parametrize(("data", "status"), [(b"hello", 422), (b"x" * (LIMIT + 1), 413), (b"", 422)])
async def test_an_upload_of_nothing_good_has_the_status_of_its_fault(page, data, status):
    found, view = await add_raw(page, ("image", "a.png", data))
    assert found == status
    assert view["error"]["message"]
    assert view["slots"] == []


async def test_five_hundred_files_at_once_are_one_edit(page):
    status, view = await add(page, *[png(n, size=(1, 1)) for n in range(500)])
    assert status == 200
    assert (view["count"], view["revision"]) == (500, 1)


async def test_a_repeated_request_counts_once(page):
    await add(page, png(1), operation="op-1")
    _, view = await add(page, png(1), operation="op-1")
    assert view["count"] == 1
    await post(page, "remove", pool_id="p", index=0, operation="op-2")
    status, view = await post(page, "remove", pool_id="p", image="img_0001.png", operation="op-2")
    assert (status, view["count"], view["removed"]) == (200, 0, 1)


async def test_an_upload_that_breaks_off_leaves_nothing(page, pool_app):
    async def body():
        boundary = b"--b\r\nContent-Disposition: form-data; name="
        yield boundary + b'"pool_id"\r\n\r\np\r\n'
        yield boundary + b'"image"; filename="a.png"\r\n\r\n' + png(1) + b"\r\n"
        yield boundary + b'"image"; filename="b.png"\r\n\r\n' + png(2)[:20]

    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    response = await page.post("/grid_pool/add", data=body(), headers=kind)
    assert response.status == 400
    assert list(pool_app.pools.storage.entries()) == []


async def test_a_page_of_the_pictures(page):
    await add(page, *[png(n) for n in range(5)])
    view = await listed(page, offset=3, limit=1)
    assert images(view) == ["img_0004.png"]
    assert (view["count"], view["offset"]) == (5, 3)


async def test_pictures_are_removed_by_index_or_name_and_come_back(page):
    await add(page, *[png(n) for n in range(4)])
    _, view = await post(page, "remove", pool_id="p", index=1)
    assert images(view) == ["img_0001.png", "img_0003.png", "img_0004.png"]
    _, view = await post(page, "remove_many", pool_id="p", images=["img_0001.png", "img_0004.png"])
    assert (images(view), view["removed"]) == (["img_0003.png"], 2)
    _, view = await post(page, "undo", pool_id="p")
    _, view = await post(page, "undo", pool_id="p")
    assert len(images(view)) == 4
    status, _ = await post(page, "undo", pool_id="p")
    assert status == 404


async def test_a_removal_is_undone_by_its_id_whatever_was_removed_since(page):
    await add(page, *[png(n) for n in range(3)])
    await post(page, "remove", pool_id="p", index=0, operation="mine")
    await post(page, "remove", pool_id="p", index=0, operation="somebody else's")
    status, view = await post(page, "undo", pool_id="p", removal="mine")
    assert (status, images(view)) == (200, ["img_0001.png", "img_0003.png"])
    status, answer = await post(page, "undo", pool_id="p", removal="mine")
    assert (status, answer["error"]["code"]) == (404, "not_found")


async def test_an_addition_says_under_which_names(page):
    await add(page, png(1))
    _, view = await add_raw(page, ("image", "no.png", b"x"), ("image", "b.png", png(2)), ("image", "c.png", png(3)))
    assert view["images"] == ["img_0002.png", "img_0003.png"]


async def test_an_addition_can_be_answered_without_the_pictures(page):
    _, view = await add(page, png(1), png(2), limit="0")
    assert (view["slots"], view["count"], view["added"]) == ([], 2, 2)


async def test_the_list_says_whose_pool_it_is(page, pool_app):
    profile = await asyncio.to_thread(pool_app.profiles.create, "samples")
    assert (await listed(page, pool_id=profile.id))["profile"] == "samples"
    assert (await listed(page))["profile"] is None


async def test_a_list_of_names_that_cannot_be_read_hides_no_pictures(page, pool_app):
    await add(page, png(1))
    await asyncio.to_thread(pool_app.pools.storage.write, "profiles.json", b"{")
    view = await listed(page)
    assert (view["profile"], images(view)) == (None, ["img_0001.png"])


async def test_answers_hold_what_other_programs_wrote_into_the_manifest(page, pool_app):
    manifest = {"active": 0, "slots": [{"image": "a.png", "mask": None, "label": 'é"', "added": "x", "mine": [1]}]}
    await asyncio.to_thread(pool_app.pools.storage.write, "p/manifest.json", json.dumps(manifest).encode())
    assert (await listed(page))["slots"] == manifest["slots"]


async def test_activity_labels_and_order(page):
    await add(page, *[png(n) for n in range(3)])
    _, view = await post(page, "active", pool_id="p", index=2)
    assert view["active"] == 2
    _, view = await post(page, "label", pool_id="p", index=0, label="Größe")
    assert view["slots"][0]["label"] == "Größe"
    _, view = await post(page, "reorder", pool_id="p", order=[2, 0, 1])
    assert images(view) == ["img_0003.png", "img_0001.png", "img_0002.png"]
    assert view["active"] == 0
    _, view = await post(page, "reorder", pool_id="p", images=["img_0002.png"], before="img_0003.png")
    assert images(view) == ["img_0002.png", "img_0003.png", "img_0001.png"]
    _, view = await post(page, "reorder", pool_id="p", images=["img_0002.png"], before=None)
    assert images(view)[-1] == "img_0002.png"


def told(view, before):
    """What a page makes of an answer that tells only what has changed."""
    assert view["since"] == before["version"]
    end = view["offset"] + view["gone"]
    return [*before["slots"][: view["offset"]], *view["slots"], *before["slots"][end:]]


async def test_a_page_that_says_what_it_knows_is_told_what_an_edit_has_changed(page):
    await add(page, *[png(n) for n in range(12)])
    before = await listed(page)
    edits = [
        ("label", {"index": 5, "label": "new"}, 1),
        ("active", {"index": 7}, 0),
        ("remove_many", {"images": [before["slots"][3]["image"]]}, 0),
        ("undo", {}, 1),
        ("reorder", {"images": [before["slots"][2]["image"]], "before": before["slots"][1]["image"]}, 2),
    ]
    for path, body, count in edits:
        _, view = await post(page, path, pool_id="p", since=before["version"], **body)
        assert len(view["slots"]) == count
        now = await listed(page)
        assert told(view, before) == now["slots"]
        rest = ("active", "next_seq", "revision", "count", "removed", "version")
        assert {key: view[key] for key in rest} == {key: now[key] for key in rest}
        before = now
    assert (before["active"], before["count"]) == (7, 12)


async def test_a_mask_is_told_alone_as_well(page):
    await add(page, *[png(n) for n in range(4)])
    before = await listed(page)
    made = form(("mask", "m.png", png(9, mode="L")), pool_id="p", index=2, since=before["version"])
    view = await (await page.post("/grid_pool/set_mask", data=made)).json()
    assert [bool(slot["mask"]) for slot in told(view, before)] == [False, False, True, False]
    assert len(view["slots"]) == 1


async def test_what_others_did_meanwhile_is_told_with_it(page):
    await add(page, *[png(n) for n in range(9)])
    before = await listed(page)
    await post(page, "label", pool_id="p", index=4, label="theirs")
    _, view = await post(page, "label", pool_id="p", index=5, label="mine", since=before["version"])
    assert [slot["label"] for slot in told(view, before)][4:6] == ["theirs", "mine"]
    response = await page.get("/grid_pool/list", params={"pool_id": "p", "since": before["version"]})
    again = await response.json()
    assert (told(again, before), len(again["slots"]), again["profile"]) == (told(view, before), 2, None)


@pytest.mark.parametrize("since", ["", "unheard-of"])
async def test_a_version_that_nobody_remembers_is_answered_with_the_whole_list(page, since):
    await add(page, *[png(n) for n in range(4)])
    _, view = await post(page, "label", pool_id="p", index=0, label="new", since=since)
    assert ("since" in view, len(view["slots"])) == (False, 4)


async def test_an_index_of_an_older_revision_is_a_conflict(page):
    await add(page, *[png(n) for n in range(3)])
    await post(page, "remove", pool_id="p", index=0)
    for path, more in (("remove", {"index": 0}), ("reorder", {"order": [1, 0]})):
        status, body = await post(page, path, pool_id="p", revision=1, **more)
        assert (status, body["error"]["code"]) == (409, "conflict")
    status, _ = await post(page, "remove", pool_id="p", revision=2, index=0)
    assert status == 200


async def test_an_order_of_ten_thousand_pictures_is_read(page):
    status, body = await post(page, "reorder", pool_id="p", order=list(range(10_000)))
    assert (status, body["error"]["code"]) == (409, "conflict")


async def test_a_mask_is_set_and_cleared(page, pool_app):
    await add(page, png(1))
    sent = form(("mask", "m.png", png(255, mode="L")), pool_id="p", index=0)
    response = await page.post("/grid_pool/set_mask", data=sent)
    assert (await response.json())["slots"][0]["mask"]
    stored = Image.open(io.BytesIO(pool_app.pools.picture("p", 0).mask))
    assert stored.mode == "L"
    response = await page.post("/grid_pool/set_mask", data=form(pool_id="p", index=0))
    assert (await response.json())["slots"][0]["mask"] is None


async def test_a_pool_is_detached(page):
    await add(page, png(1), png(2))
    _, view = await post(page, "detach", pool_id="p")
    assert view["pool_id"] != "p"
    assert images(await listed(page, pool_id=view["pool_id"])) == images(view) == ["img_0001.png", "img_0002.png"]


async def test_a_corrupt_pool_is_said_and_rebuilt_on_request_only(page, pool_app):
    await add(page, png(1))
    pool_app.pools.storage.write("p/manifest.json", b"{")
    view = await listed(page)
    assert view["error"]["code"] == "corrupt"
    assert "Rebuild" in view["error"]["hint"]
    status, view = await post(page, "rebuild", pool_id="p")
    assert (status, images(view)) == (200, ["img_0001.png"])
    status, _ = await post(page, "rebuild", pool_id="p")
    assert status == 400


async def test_a_thumbnail_is_bounded_and_cached_by_content(page):
    await add(page, png(1, size=(400, 300)))
    query = {"pool_id": "p", "image": "img_0001.png", "size": "64", "v": "1"}
    response = await page.get("/grid_pool/thumb", params=query)
    assert response.status == 200
    assert response.content_type in {"image/webp", "image/jpeg"}
    assert max(Image.open(io.BytesIO(await response.read())).size) == 64
    assert "immutable" in response.headers["Cache-Control"]
    again = await page.get("/grid_pool/thumb", params=query, headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status, await again.read()) == (304, b"")


@pytest.mark.parametrize("carrier", ["jpeg", "jpeg, XMP alone", "png, behind the pixels", "webp, long"])
async def test_a_file_stands_as_a_run_gets_it(page, pool_app, carrier):
    data, expected = CARRIERS[carrier].make(arrow(), 6), turned(arrow(), 6 if CARRIERS[carrier].counts else 1)
    _, view = await add(page, data)
    assert pool_app.pools.picture("p", 0).image == data, "kept to the byte"
    for path in ("file", "thumb"):
        response = await page.get(f"/grid_pool/{path}", params={"pool_id": "p", "image": images(view)[0]})
        shown = Image.open(io.BytesIO(await response.read()))
        assert np.abs(np.asarray(shown).astype(int) - expected).mean() < 8
        assert dict(shown.getexif()) == {}


async def test_a_file_is_handed_out_as_it_is(page):
    await add(page, png(1))
    response = await page.get("/grid_pool/file", params={"pool_id": "p", "image": "img_0001.png"})
    assert (response.content_type, await response.read()) == ("image/png", png(1))
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["thumb", "file"])
@pytest.mark.parametrize("image", ["", "img_0002.png", "manifest.json", "../p/img_0001.png", "..\\x", "x" * 300])
async def test_only_pictures_of_the_pool_are_handed_out(page, path, image):
    await add(page, png(1))
    response = await page.get(f"/grid_pool/{path}", params={"pool_id": "p", "image": image})
    assert response.status == 404


BAD = {
    "no pool": ("remove", {"index": 0}, 400),
    "no picture": ("remove", {"pool_id": "p"}, 400),
    "an index out of range": ("remove", {"pool_id": "p", "index": 9}, 404),
    "a negative index": ("active", {"pool_id": "p", "index": -1}, 404),
    "an index that is a text": ("active", {"pool_id": "p", "index": "first"}, 400),
    "an index that is a list": ("active", {"pool_id": "p", "index": [0]}, 400),
    "an index that is true": ("active", {"pool_id": "p", "index": True}, 400),
    "an index that is a fraction": ("active", {"pool_id": "p", "index": 0.5}, 400),
    "an unknown name": ("remove", {"pool_id": "p", "image": "img_0009.png"}, 404),
    "a name that leads out": ("remove", {"pool_id": "p", "image": "../q/img_0001.png"}, 404),
    "a name that is an object": ("remove", {"pool_id": "p", "image": {}}, 400),
    "a pool that leads out": ("remove", {"pool_id": "../p", "index": 0}, 400),
    "a pool that is the registry": ("label", {"pool_id": "profiles.json", "index": 0, "label": ""}, 400),
    "a pool that is a device": ("undo", {"pool_id": "con"}, 400),
    "a pool that is a list": ("undo", {"pool_id": ["p"]}, 400),
    "a label that is a list": ("label", {"pool_id": "p", "index": 0, "label": []}, 400),
    "a label without end": ("label", {"pool_id": "p", "index": 0, "label": "x" * 10_001}, 400),
    "an order that is a text": ("reorder", {"pool_id": "p", "order": "01"}, 400),
    "an order with a text": ("reorder", {"pool_id": "p", "order": ["a", 0]}, 400),
    "no permutation": ("reorder", {"pool_id": "p", "order": [0, 0]}, 400),
    "too short an order": ("reorder", {"pool_id": "p", "order": [0]}, 409),
    "no order": ("reorder", {"pool_id": "p"}, 400),
    "before a number": ("reorder", {"pool_id": "p", "images": [], "before": 3}, 400),
    "images that are a text": ("remove_many", {"pool_id": "p", "images": "img_0001.png"}, 400),
    "images that are numbers": ("remove_many", {"pool_id": "p", "images": [1]}, 400),
    "one unknown of many": ("remove_many", {"pool_id": "p", "images": ["img_0001.png", "x"]}, 404),
    "an operation without end": ("undo", {"pool_id": "p", "operation": "x" * 65}, 400),
    "a revision that is a text": ("remove", {"pool_id": "p", "index": 0, "revision": "x"}, 400),
    "a pool that is missing": ("rebuild", {"pool_id": "q"}, 404),
}


@pytest.mark.parametrize("case", BAD.values(), ids=list(BAD))
async def test_bad_input_is_a_sentence_and_changes_nothing(page, case):
    await add(page, png(1), png(2))
    before = await listed(page)
    path, body, expected = case
    status, answer = await post(page, path, **body)
    assert status == expected
    assert answer["error"]["message"]
    assert await listed(page) == before


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"null", b"\xff", b'{"pool_id": "p"' + b" " * 9_000_000])
async def test_a_body_that_is_no_object_is_refused(page, body):
    response = await page.post("/grid_pool/remove", data=io.BytesIO(body), headers={"Content-Type": "application/json"})
    assert response.status in {400, 413}


MULTIPARTS = {
    "no form": (b"x", "text/plain", {400, 415}),
    "no boundary": (b"x", "multipart/form-data", {400}),
    "nothing": (b"", "multipart/form-data; boundary=b", {400}),
    "another boundary": (b"--c\r\n\r\n--c--", "multipart/form-data; boundary=b", {400}),
    "no end": (b"--b\r\n", "multipart/form-data; boundary=b", {400}),
    "no name": (b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--", "multipart/form-data; boundary=b", {400}),
    "no pool": (
        b'--b\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\nx\r\n--b--',
        "multipart/form-data; boundary=b",
        {400},
    ),
    "no picture": (
        b'--b\r\nContent-Disposition: form-data; name="pool_id"\r\n\r\np\r\n--b--',
        "multipart/form-data; boundary=b",
        {400},
    ),
    "a pool in no UTF-8": (
        b'--b\r\nContent-Disposition: form-data; name="pool_id"\r\n\r\n\xff\r\n--b--',
        "multipart/form-data; boundary=b",
        {400},
    ),
    "a packed part": (
        b'--b\r\nContent-Disposition: form-data; name="pool_id"\r\nContent-Encoding: gzip\r\n\r\nx\r\n--b--',
        "multipart/form-data; boundary=b",
        {400},
    ),
    "a coded part": (
        b'--b\r\nContent-Disposition: form-data; name="pool_id"\r\nContent-Transfer-Encoding: base64\r\n\r\nx\r\n--b--',
        "multipart/form-data; boundary=b",
        {400},
    ),
    "a form within a form": (
        b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nx\r\n--c--\r\n--b--",
        "multipart/form-data; boundary=b",
        {400},
    ),
    "a field without end": (
        b'--b\r\nContent-Disposition: form-data; name="pool_id"\r\n\r\n' + b"x" * 70_000 + b"\r\n--b--",
        "multipart/form-data; boundary=b",
        {400, 413},
    ),
    "headers without end": (b"--b\r\nX: " + b"x" * 100_000, "multipart/form-data; boundary=b", {400}),
    "rubbish": (bytes(range(256)) * 40, "multipart/form-data; boundary=b", {400}),
}


@pytest.mark.parametrize("case", MULTIPARTS.values(), ids=list(MULTIPARTS))
@pytest.mark.parametrize("path", ["add", "set_mask", "profiles/import"])
async def test_a_broken_form_is_refused_and_leaves_nothing(page, pool_app, path, case):
    data, kind, expected = case
    response = await page.post(f"/grid_pool/{path}", data=data, headers={"Content-Type": kind})
    assert response.status in expected | {400, 413, 415}
    assert json.loads(await response.text())["error"]["message"]
    assert list(pool_app.pools.storage.entries()) == []


@pytest.mark.parametrize(
    "path",
    ["add", "remove", "remove_many", "active", "label", "reorder", "set_mask", "undo", "detach", "rebuild"]
    + [f"profiles/{name}" for name in ("create", "rename", "delete", "duplicate", "seed", "import", "rebuild")],
)
async def test_no_edit_by_get_nor_from_another_site(page, path):
    assert (await page.get(f"/grid_pool/{path}")).status == 405
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        response = await page.post(f"/grid_pool/{path}", json={"pool_id": "p"}, headers=headers)
        assert response.status == 403


async def test_captions_are_read_by_the_server_in_whatever_encoding(page):
    text = "女の子が海辺に立っている"
    captions = [text.encode("shift_jis"), text.encode("utf-16"), b"", "une fenêtre".encode("cp1252"), b"\x89PNG\0\1"]
    parts = []
    for number, caption in enumerate(captions):
        parts += [("image", f"{number}.png", png(number)), ("caption", f"{number}.txt", caption)]
    response = await page.post("/grid_pool/add", data=form(*parts, pool_id="p", operation="captions"))
    view = await response.json()
    assert [slot["label"] for slot in view["slots"]] == [text, text, "", "une fenêtre", ""]
    assert [(error["file"], "is not text" in error["message"]) for error in view["errors"]] == [("4.txt", True)]


async def test_a_caption_belongs_to_its_picture_even_when_one_before_is_refused(page):
    parts = [("caption", "0.txt", b"none"), ("image", "0.png", b"no picture")]
    parts += [("caption", "1.txt", b"one"), ("image", "1.png", png(1))]
    view = await (await page.post("/grid_pool/add", data=form(*parts, pool_id="p"))).json()
    assert [slot["label"] for slot in view["slots"]] == ["one"]


async def test_a_file_that_is_no_caption_by_its_size_is_refused_and_its_picture_kept(page):
    parts = [("image", "1.png", png(1)), ("caption", "1.txt", b"x" * 1_000_001)]
    view = await (await page.post("/grid_pool/add", data=form(*parts, pool_id="p"))).json()
    assert (view["added"], view["errors"][0]["file"], view["errors"][0]["code"]) == (1, "1.txt", "too_large")
