"""Saved workflows, and the user's other files."""

from __future__ import annotations

import json

import pytest
from full_disk import full_disk


def workflow(name="one"):
    return {"id": name, "nodes": [], "links": [], "version": 0.4}


async def save(client, path, content, **query):
    return await client.post(f"/api/userdata/{path}", data=json.dumps(content), params=query)


async def test_a_saved_workflow_is_listed_and_comes_back(client):
    answer = await save(client, "workflows%2Fmy%20flow.json", workflow(), overwrite="false", full_info="true")
    info = await answer.json()
    assert info["path"] == "workflows/my flow.json"
    assert info["size"] > 0
    assert info["modified"] > 1e12, "milliseconds"

    query = {"dir": "workflows", "recurse": "true", "split": "false", "full_info": "true"}
    (listed,) = await (await client.get("/api/userdata", params=query)).json()
    assert listed["path"] == "my flow.json"
    assert await (await client.get("/api/userdata/workflows%2Fmy%20flow.json")).json() == workflow()


async def test_a_saved_workflow_is_not_overwritten_unless_asked_for(client):
    await save(client, "workflows%2Fa.json", workflow("one"))
    assert (await save(client, "workflows%2Fa.json", workflow("two"), overwrite="false")).status == 409
    assert (await (await client.get("/api/userdata/workflows%2Fa.json")).json())["id"] == "one"
    assert (await save(client, "workflows%2Fa.json", workflow("two"))).status == 200
    assert (await (await client.get("/api/userdata/workflows%2Fa.json")).json())["id"] == "two"


async def test_a_workflow_that_the_disk_cannot_take_leaves_the_old_one(client, data):
    await save(client, "workflows%2Fa.json", workflow("one"))
    with full_disk():
        answer = await save(client, "workflows%2Fa.json", workflow("two" * 100))

    assert answer.status == 507
    assert (await (await client.get("/api/userdata/workflows%2Fa.json")).json())["id"] == "one"
    assert [path.name for path in (data / "user" / "default" / "workflows").iterdir()] == ["a.json"]


async def test_a_saved_workflow_can_be_renamed_and_deleted(client):
    await save(client, "workflows%2Fa.json", workflow())
    answer = await client.post("/api/userdata/workflows%2Fa.json/move/workflows%2Fsub%2Fb.json?full_info=true")
    assert (await answer.json())["path"] == "workflows/sub/b.json"
    assert (await client.get("/api/userdata/workflows%2Fa.json")).status == 404
    assert (await client.delete("/api/userdata/workflows%2Fsub%2Fb.json")).status == 204
    assert (await client.delete("/api/userdata/workflows%2Fsub%2Fb.json")).status == 404


async def test_a_rename_onto_another_workflow_is_refused_if_asked_for(client):
    await save(client, "workflows%2Fa.json", workflow("a"))
    await save(client, "workflows%2Fb.json", workflow("b"))
    answer = await client.post("/api/userdata/workflows%2Fa.json/move/workflows%2Fb.json?overwrite=false")

    assert answer.status == 409
    assert (await (await client.get("/api/userdata/workflows%2Fb.json")).json())["id"] == "b"


async def test_files_are_listed_in_the_forms_that_the_frontend_asks_for(client):
    await save(client, "workflows%2Fx.json", workflow())
    await save(client, "workflows%2Fsub%2Fy.json", workflow())

    async def listing(**query):
        return await (await client.get("/api/userdata", params={"dir": "workflows", **query})).json()

    assert await listing() == ["x.json"]
    assert await listing(recurse="true") == ["sub/y.json", "x.json"]
    assert await listing(recurse="true", split="true") == [["sub/y.json", "sub", "y.json"], ["x.json", "x.json"]]
    tree = await (await client.get("/api/v2/userdata?path=workflows")).json()
    assert [(entry["type"], entry["path"]) for entry in tree] == [
        ("directory", "workflows/sub"),
        ("file", "workflows/x.json"),
        ("file", "workflows/sub/y.json"),
    ]


async def test_missing_folders_and_files_are_not_found(client):
    assert (await client.get("/api/userdata?dir=gone")).status == 404
    assert (await client.get("/api/v2/userdata?path=gone")).status == 404
    assert (await client.get("/api/userdata/gone.json")).status == 404


@pytest.mark.parametrize("path", ["..%2Fx.json", "workflows%2F..%2F..%2Fx.json", "%2Fetc%2Fpasswd", "a%5C..%5Cb"])
async def test_a_path_that_leaves_the_users_folder_is_refused(client, data, path):
    before = sorted(data.rglob("*"))
    assert (await save(client, path, workflow())).status == 400
    assert (await client.get(f"/api/userdata/{path}")).status == 400
    assert (await client.get(f"/api/userdata?dir={path}")).status in {400, 404}
    assert sorted(data.rglob("*")) == before


async def test_a_saved_file_is_never_shown_as_a_page(client):
    await client.post("/api/userdata/page.html", data="<script>1</script>")
    answer = await client.get("/api/userdata/page.html")

    assert answer.content_type == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment"


async def test_a_user_without_a_style_gets_an_empty_one(client, data):
    answer = await client.get("/api/userdata/user.css")
    assert (answer.status, await answer.text()) == (200, "")
    (data / "user" / "default" / "user.css").write_text("body {}")

    assert await (await client.get("/api/userdata/user.css")).text() == "body {}"
