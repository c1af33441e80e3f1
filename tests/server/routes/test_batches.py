"""Batches over HTTP."""

from __future__ import annotations

import io
import os

import pytest
from PIL import Image

from datasete.batch.state import SKIP


@pytest.fixture
def key(application, tmp_path):
    """A batch of three files, one of them skipped and one at work."""
    folder = tmp_path / "input" / "photos"
    folder.mkdir(parents=True)
    for name in ("1.png", "2.png", "3\n.png"):
        (folder / name).touch()
    loaders = application.batches.loaders
    source = loaders.source("photos")
    item = loaders.begin(source, loaders.current_call("Continue", SKIP, 0))
    loaders.skip(item, "It is broken.")
    return source.key


async def test_the_list_tells_where_every_batch_is(client, key, tmp_path):
    answer = await client.get("/datasete/batch/list")
    assert answer.status == 200
    (batch,) = (await answer.json())["batches"]
    assert (batch["key"], batch["state"], batch["index"], batch["total"]) == (key, "walking", 1, 3)
    assert (batch["name"], batch["skipped"]) == ("photos", 1)
    assert batch["status"] == "2 of 3 · 1 skipped · photos"


async def test_without_batches_the_list_is_empty_and_no_ledger_is_made(client, tmp_path):
    assert (await (await client.get("/datasete/batch/list")).json())["batches"] == []
    assert not (tmp_path / "user").exists()


async def test_skipped_files_are_told_with_their_reasons(client, key):
    answer = await client.get("/datasete/batch/skipped", params={"key": key})
    assert (await answer.json())["skipped"] == [{"index": 0, "name": "1.png", "reason": "It is broken."}]


async def test_pause_and_reset(client, key):
    answer = await client.post("/datasete/batch/pause", json={"key": key})
    assert (answer.status, (await answer.json())["state"]) == (200, "paused")
    answer = await client.post("/datasete/batch/reset", json={"key": key})
    assert (answer.status, (await answer.json())["state"]) == (200, "fresh")


async def test_a_form_is_as_good_as_json(client, key):
    assert (await client.post("/datasete/batch/pause", data={"key": key})).status == 200


async def test_resuming_while_a_run_is_at_work_triggers_nothing(client, application, key):
    await client.post("/datasete/batch/pause", json={"key": key})
    answer = await client.post("/datasete/batch/resume", json={"key": key})
    assert (await answer.json())["state"] == "walking"


@pytest.mark.parametrize("action", ["pause", "resume", "reset"])
async def test_an_unknown_batch_is_not_found(client, key, action):
    answer = await client.post(f"/datasete/batch/{action}", json={"key": "a" * 24})
    assert answer.status == 404
    assert (await answer.json())["error"]["code"] == "not_found"


@pytest.mark.parametrize("bad", ["", "../x", "a" * 65, "a\0", "é", None, 7.5, ["x"]])
@pytest.mark.parametrize("action", ["pause", "resume", "reset"])
async def test_a_key_that_is_none_is_refused(client, action, bad):
    assert (await client.post(f"/datasete/batch/{action}", json={"key": bad})).status == 400


@pytest.mark.parametrize("action", ["pause", "resume", "reset"])
async def test_another_sites_page_changes_nothing(client, key, action):
    headers = {"Sec-Fetch-Site": "cross-site"}
    answer = await client.post(f"/datasete/batch/{action}", json={"key": key}, headers=headers)
    assert answer.status == 403


@pytest.mark.parametrize("action", ["pause", "resume", "reset"])
async def test_no_get_changes_anything(client, key, action):
    assert (await client.get(f"/datasete/batch/{action}", params={"key": key})).status == 405


async def test_a_damaged_ledger_is_said_so(client, tmp_path):
    (tmp_path / "user" / "datasete").mkdir(parents=True)
    (tmp_path / "user" / "datasete" / "batches.sqlite").write_bytes(b"no database" * 100)
    answer = await client.get("/datasete/batch/list")
    assert answer.status == 422
    assert "damaged" in (await answer.json())["error"]["message"]
    assert (await (await client.get("/datasete/status")).json())["batches"] is None


async def test_the_status_page_counts_batches_that_walk(client, key):
    assert (await (await client.get("/datasete/status")).json())["batches"] == 1


async def test_a_loader_finds_its_batch_by_its_widgets(client, key):
    query = {"directory": "./photos/", "filter_preset": "All Images"}
    answer = await (await client.get("/datasete/batch/find", params=query)).json()
    assert (answer["key"], answer["batch"]["file"], answer["trigger"]) == (key, "2.png", "auto")
    assert (answer["batch"]["left"], answer["batch"]["running"]) == (2, True)


@pytest.mark.parametrize(
    "query",
    [{"directory": "elsewhere"}, {"directory": "photos", "filter_preset": "PNG Only"}, {"workflow": "w", "node": "7"}],
)
async def test_a_loader_that_never_ran_has_no_batch(client, key, query):
    answer = await (await client.get("/datasete/batch/find", params=query)).json()
    assert answer["batch"] is None
    assert answer["key"] != key


async def test_finding_a_batch_does_not_look_into_the_folder(client, tmp_path):
    (tmp_path / "input" / "private").mkdir(parents=True)
    (tmp_path / "input" / "private" / "secret.png").touch()
    there = await (await client.get("/datasete/batch/find", params={"directory": "private"})).text()
    gone = await (await client.get("/datasete/batch/find", params={"directory": "no such"})).text()
    assert "secret" not in there
    assert len(there) == len(gone)
    assert not (tmp_path / "user").exists()


@pytest.mark.parametrize("query", [{"directory": ""}, {"directory": "../.."}, {"directory": "a", "filter_preset": "?"}])
async def test_widgets_that_name_no_batch_are_refused_with_a_sentence(client, query):
    answer = await client.get("/datasete/batch/find", params=query)
    assert answer.status == 400
    assert (await answer.json())["error"]["message"]


async def test_the_list_may_be_asked_for_some_batches_only(client, key):
    some = await (await client.get("/datasete/batch/list", params=[("key", key), ("key", "b" * 24)])).json()
    assert [batch["key"] for batch in some["batches"]] == [key]
    none = await (await client.get("/datasete/batch/list", params={"key": "b" * 24})).json()
    assert none["batches"] == []


async def test_a_files_thumbnail_is_small(client, key, tmp_path):
    Image.new("RGB", (600, 300), (200, 10, 10)).save(tmp_path / "input" / "photos" / "2.png")
    answer = await client.get("/datasete/batch/thumb", params={"key": key, "index": 1, "size": 100})
    assert answer.status == 200
    with Image.open(io.BytesIO(await answer.read())) as image:
        assert image.size == (100, 50)


@pytest.mark.parametrize(("index", "status"), [("0", 422), ("3", 404), ("-1", 400), ("x", 400), ("9" * 12, 400)])
async def test_a_thumbnail_that_is_none_is_said_so(client, key, index, status):
    assert (await client.get("/datasete/batch/thumb", params={"key": key, "index": index})).status == status


async def test_a_file_that_has_become_a_pipe_has_no_thumbnail_and_holds_nothing_up(client, key, tmp_path):
    (tmp_path / "input" / "photos" / "1.png").unlink()
    os.mkfifo(tmp_path / "input" / "photos" / "1.png")
    answer = await client.get("/datasete/batch/thumb", params={"key": key, "index": 0})
    assert 400 <= answer.status < 503
    assert "pipe" in (await answer.json())["error"]["message"]


async def test_a_file_that_is_gone_has_no_thumbnail(client, key, tmp_path):
    (tmp_path / "input" / "photos" / "1.png").unlink()
    assert (await client.get("/datasete/batch/thumb", params={"key": key, "index": 0})).status == 404


# --- before the first run --------------------------------------------------------------------------------------------


def fill(folder, *names):
    folder.mkdir(parents=True)
    for number, name in enumerate(names):
        Image.new("RGB", (8, 6 + number)).save(folder / name)


async def test_a_folder_says_how_many_files_it_has_and_which_is_first(client, tmp_path):
    fill(tmp_path / "input" / "new", "2.png", "10.png", "1.jpg")
    query = {"directory": "new", "filter_preset": "PNG Only", "custom_pattern": ""}
    answer = await (await client.get("/datasete/batch/look", params=query)).json()
    assert (answer["count"], answer["first"]) == (2, "2.png")
    answer = await (await client.get("/datasete/batch/look", params={**query, "order": "reverse name"})).json()
    assert answer["first"] == "10.png"
    picture = await client.get("/datasete/batch/first", params={**query, "size": 64})
    assert (picture.status, picture.content_type) == (200, "image/jpeg")
    assert Image.open(io.BytesIO(await picture.read())).size == (8, 6)


async def test_a_folder_that_is_not_there_is_said_before_any_run(client):
    for path in ("look", "first"):
        answer = await client.get(f"/datasete/batch/{path}", params={"directory": "nowhere"})
        assert (answer.status, (await answer.json())["error"]["message"][:18]) == (404, "There is no folder")


async def test_looking_at_a_folder_makes_no_batch(client, tmp_path):
    fill(tmp_path / "input" / "new", "1.png")
    await client.get("/datasete/batch/look", params={"directory": "new"})
    assert not (tmp_path / "user").exists()


@pytest.mark.parametrize("query", [{}, {"directory": "../.."}, {"directory": "a", "order": "x"}, {"directory": "a\0"}])
async def test_what_cannot_be_looked_at_is_refused(client, query):
    assert (await client.get("/datasete/batch/look", params=query)).status == 400


async def test_an_empty_folder_has_no_first_picture(client, tmp_path):
    (tmp_path / "input" / "new").mkdir(parents=True)
    query = {"directory": "new"}
    assert (await (await client.get("/datasete/batch/look", params=query)).json())["count"] == 0
    assert (await client.get("/datasete/batch/first", params=query)).status == 404


# --- choosing a folder -----------------------------------------------------------------------------------------------


async def folders(client, at="", status=200):
    answer = await client.get("/datasete/batch/folders", params={"at": at} if at else {})
    assert answer.status == status, await answer.text()
    return await answer.json()


async def test_folders_are_found_from_input_and_output_down(client, tmp_path):
    for name in ("img10", "img2", ".hidden", "img2/deep"):
        (tmp_path / "input" / name).mkdir(parents=True)
    (tmp_path / "input" / "file.png").touch()
    (tmp_path / "output" / "out").mkdir(parents=True)
    top = await folders(client)
    assert (top["at"], top["up"]) == ("", None)
    assert {"name": "input", "directory": "."} in top["folders"]
    found = await folders(client, ".")
    assert (found["up"], [each["directory"] for each in found["folders"]]) == ("", ["img2", "img10"])
    found = await folders(client, "img2")
    assert (found["up"], found["folders"]) == (".", [{"name": "deep", "directory": "img2/deep"}])
    assert (await folders(client, "img2/deep/**"))["up"] == "img2"
    output = next(each["directory"] for each in top["folders"] if each["name"] == "output")
    found = await folders(client, output)
    assert (found["up"], found["folders"]) == ("", [{"name": "out", "directory": f"{output}/out"}])


@pytest.mark.parametrize(("at", "status"), [("nowhere", 404), ("..", 400), ("/etc", 403), ("/", 403), ("a\0", 400)])
async def test_other_folders_are_not_shown(client, tmp_path, at, status):
    (tmp_path / "input").mkdir(exist_ok=True)
    await folders(client, at, status)
