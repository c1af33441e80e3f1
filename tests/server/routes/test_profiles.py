"""The routes of the profiles, over a real server."""

import io
import zipfile

import pytest
from aiohttp import ClientError, FormData
from PIL import Image

from datasete.pools import Upload


def png(number=0, size=(8, 6)):
    file = io.BytesIO()
    Image.effect_noise(size, number + 20).save(file, "PNG")
    return file.getvalue()


async def post(page, path, **body):
    response = await page.post(f"/grid_pool/profiles/{path}", json=body)
    return response.status, await response.json()


async def names(page):
    response = await page.get("/grid_pool/profiles/list")
    return [profile["name"] for profile in (await response.json())["profiles"]]


async def imported(page, data, filename="holiday.zip", **fields):
    form = FormData(default_to_multipart=True, quote_fields=False)  # names in plain UTF-8, as browsers send them
    form.add_field("file", io.BytesIO(data), filename=filename)
    for name, value in fields.items():
        form.add_field(name, value)
    response = await page.post("/grid_pool/profiles/import", data=form)
    return response.status, await response.json()


async def test_the_list_is_empty_at_first_and_names_the_formats(page):
    response = await page.get("/grid_pool/profiles/list")
    body = await response.json()
    assert body["profiles"] == []
    assert [each["id"] for each in body["formats"]] == ["datasete-zip", "training-set"]
    assert all(each["label"] and each["pack"] and each["unpack"] for each in body["formats"])


async def test_a_profile_is_made_renamed_duplicated_and_deleted(page):
    status, profile = await post(page, "create", name="samples")
    assert status == 200
    assert set(profile) == {"id", "name", "created"}
    _, copy = await post(page, "duplicate", id=profile["id"])
    _, named = await post(page, "duplicate", id=profile["id"], name="Dogs")
    assert (copy["name"], named["name"]) == ("samples (2)", "Dogs")
    _, renamed = await post(page, "rename", id=copy["id"], name="Cats")
    assert renamed == copy | {"name": "Cats"}
    assert await post(page, "delete", id=profile["id"]) == (200, {})
    assert await names(page) == ["Cats", "Dogs"]


async def test_names_that_are_taken_are_409(page):
    await post(page, "create", name="samples")
    _, other = await post(page, "create", name="other")
    for path, body in (("create", {"name": "SAMPLES"}), ("rename", {"id": other["id"], "name": "Samples"})):
        status, answer = await post(page, path, **body)
        assert (status, answer["error"]["code"]) == (409, "conflict")


BAD = {
    "no name": ("create", {}, 400),
    "an empty name": ("create", {"name": ""}, 400),
    "a name that leads out": ("create", {"name": "../x"}, 400),
    "a name that is a list": ("create", {"name": []}, 400),
    "a name without end": ("create", {"name": "x" * 65}, 400),
    "renaming nothing": ("rename", {"id": "nope", "name": "x"}, 404),
    "renaming without a name": ("rename", {"id": "nope"}, 400),
    "deleting nothing": ("delete", {"id": "nope"}, 404),
    "deleting without an id": ("delete", {}, 400),
    "deleting a folder": ("delete", {"id": ".."}, 404),
    "duplicating nothing": ("duplicate", {"id": "nope"}, 404),
    "seeding nothing": ("seed", {"from": "default", "id": "nope"}, 404),
    "seeding from nowhere": ("seed", {"id": "nope"}, 400),
    "rebuilding what is sound": ("rebuild", {}, 400),
}


@pytest.mark.parametrize("case", BAD.values(), ids=list(BAD))
async def test_bad_input_is_a_sentence_and_changes_nothing(page, pool_app, case):
    await post(page, "create", name="samples")
    before = {entry.key for entry in pool_app.pools.storage.entries()}
    path, body, expected = case
    status, answer = await post(page, path, **body)
    assert status == expected
    assert answer["error"]["message"]
    assert {entry.key for entry in pool_app.pools.storage.entries()} == before


async def test_a_pool_is_seeded_into_a_profile(page, pool_app):
    pool_app.pools.add("default", [Upload(png(1), label="one")])
    _, profile = await post(page, "create", name="samples")
    status, view = await post(page, "seed", **{"from": "default", "id": profile["id"]})
    assert (status, [slot["label"] for slot in view["slots"]]) == (200, ["one"])


async def test_a_pool_is_adopted_under_a_name(page, pool_app):
    pool_app.pools.add("default", [Upload(png(1), label="one")])
    status, profile = await post(page, "create", name="samples", **{"from": "default"})
    assert (status, profile["name"]) == (200, "samples")
    assert [slot.label for slot in pool_app.pools.manifest(profile["id"]).pictures] == ["one"]
    status, _ = await post(page, "create", name="Samples", **{"from": "default"})
    assert status == 409


async def test_tabs_are_told_that_the_list_changed_and_nothing_else(page, pool_app):
    await post(page, "create", name="secret name")
    told = [data for event, data, client in pool_app.host.sent if event == "datasete-profiles-changed"]
    assert told == [{"revision": 1}]


@pytest.mark.parametrize("form", ["", "datasete-zip", "training-set"])
async def test_a_profile_travels_as_a_file(page, pool_app, form):
    _, profile = await post(page, "create", name="Größe")
    pictures = [png(number, (600, 600)) for number in range(9)]
    pool_app.pools.add(profile["id"], [Upload(data, label=str(n)) for n, data in enumerate(pictures)])
    response = await page.get("/grid_pool/profiles/export", params={"id": profile["id"], "format": form})
    assert response.status == 200
    assert response.headers["Content-Disposition"] == "attachment; filename*=UTF-8''Gr%C3%B6%C3%9Fe.zip"
    data = await response.read()
    assert zipfile.ZipFile(io.BytesIO(data)).testzip() is None
    status, copy = await imported(page, data, "Größe.zip")
    assert (status, copy["name"]) == (200, "Größe (2)")
    slots = pool_app.pools.manifest(copy["id"]).pictures
    assert [slot.label for slot in slots] == [str(n) for n in range(9)]
    assert [pool_app.pools.picture(copy["id"], number).image for number in range(9)] == pictures


async def test_an_import_may_be_named(page):
    _, profile = await post(page, "create", name="samples")
    response = await page.get("/grid_pool/profiles/export", params={"id": profile["id"]})
    data = await response.read()
    assert (await imported(page, data, name="Mine"))[1]["name"] == "Mine"
    assert (await imported(page, data, name="../x"))[0] == 400
    assert (await imported(page, data, format="nope"))[0] == 400
    assert await names(page) == ["samples", "Mine"]


@pytest.mark.parametrize(
    ("data", "status"), [(b"", 422), (b"hello", 422), (b"PK\x05\x06" + bytes(18), 422), (bytes(1_000_000), 422)]
)
async def test_a_file_that_is_no_profile_is_422_and_leaves_nothing(page, pool_app, data, status):
    found, body = await imported(page, data)
    assert (found, body["error"]["code"]) == (status, "unreadable_archive")
    assert list(pool_app.pools.storage.entries()) == []


@pytest.mark.parametrize(
    ("query", "status"), [({}, 404), ({"id": "nope"}, 404), ({"id": "..", "format": ""}, 404), ({"format": "x"}, 400)]
)
async def test_an_export_of_nothing_is_refused_before_a_byte_is_sent(page, query, status):
    response = await page.get("/grid_pool/profiles/export", params=query)
    assert response.status == status
    assert (await response.json())["error"]["message"]


async def test_an_export_can_be_asked_about_before_it_is_fetched(page, pool_app):
    _, profile = await post(page, "create", name="Größe")
    pool_app.pools.add(profile["id"], [Upload(png(1), label="one")])
    query = {"id": profile["id"], "format": "training-set", "check": "1"}
    response = await page.get("/grid_pool/profiles/export", params=query)
    assert (response.status, await response.json()) == (200, {"filename": "Größe.zip", "count": 1})
    pool_app.pools.storage.delete(f"{profile['id']}/img_0001.png")
    response = await page.get("/grid_pool/profiles/export", params=query)
    assert response.status == 422
    assert "img_0001.png" in (await response.json())["error"]["message"]


async def test_an_export_that_fails_half_way_is_never_taken_for_whole(page, pool_app):
    _, profile = await post(page, "create", name="samples")
    pool_app.pools.add(profile["id"], [Upload(png(n, (900, 900))) for n in range(6)])
    source = pool_app.transfer.source(profile["id"], "samples")
    assert source.count == 6
    read = pool_app.pools.storage.store.read

    class Failing:
        def __getattr__(self, name):
            return getattr(store, name)

        def read(self, keys):
            keys = list(keys)
            if any("img_0005" in key for key in keys):
                raise OSError("gone")
            return read(keys)

    store, pool_app.pools.storage.store = pool_app.pools.storage.store, Failing()

    async def fetch():
        response = await page.get("/grid_pool/profiles/export", params={"id": profile["id"]})
        return await response.read()

    with pytest.raises((ClientError, ConnectionError)):
        await fetch()


async def test_a_list_that_cannot_be_read_is_422_and_rebuilt_on_request(page, pool_app):
    await post(page, "create", name="samples")
    pool_app.pools.storage.write("profiles.json", b"{")
    response = await page.get("/grid_pool/profiles/list")
    assert response.status == 422
    assert "Rebuild" in (await response.json())["error"]["hint"]
    assert (await post(page, "create", name="x"))[0] == 422
    status, body = await post(page, "rebuild")
    assert (status, [profile["name"] for profile in body["profiles"]]) == (200, ["samples"])
