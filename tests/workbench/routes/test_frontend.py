"""The page, the pack's own files, and what the frontend asks for when it loads."""

from __future__ import annotations

import json

import pytest

from datasete.workbench.assets import find_pack


@pytest.mark.parametrize("prefix", ["", "/api"])
@pytest.mark.parametrize(
    "path",
    [
        "/users",
        "/settings",
        "/extensions",
        "/object_info",
        "/system_stats",
        "/features",
        "/queue",
        "/history",
        "/jobs",
        "/prompt",
        "/workflow_templates",
        "/i18n",
        "/global_subgraphs",
        "/embeddings",
        "/models",
        "/experiment/models",
        "/node_replacements",
        "/userdata?dir=workflows",
        "/userdata/comfy.templates.json",
        "/internal/logs/raw",
        "/internal/files/output",
        "/internal/files/input",
    ],
)
async def test_what_the_frontend_asks_for_when_it_loads_is_there(client, prefix, path):
    answer = await client.get(prefix + path)

    assert answer.status == 200
    json.loads(await answer.text())


async def test_the_page_is_served_fresh_and_talks_to_nobody_else(client):
    answer = await client.get("/")

    assert "<title>page</title>" in await answer.text()
    assert "no-store" in answer.headers["Cache-Control"]
    assert "connect-src 'self'" in answer.headers["Content-Security-Policy"]


async def test_the_frontends_files_are_served(client):
    assert (await client.get("/app.js")).status == 200
    assert (await client.get("/gone.js")).status == 404


async def test_extensions_are_the_frontends_and_the_packs(client):
    extensions = await (await client.get("/api/extensions")).json()

    assert "/extensions/core/groupNode.js" in extensions
    assert "/extensions/datasete/image_gate.js" in extensions
    for url in extensions:
        answer = await client.get(url)
        assert answer.status == 200, url
        assert "javascript" in answer.content_type


async def test_every_example_is_offered_with_its_workflow(client):
    names = (await (await client.get("/api/workflow_templates")).json())["datasete"]

    assert names == sorted(path.stem for path in find_pack().examples.glob("*.json"))
    for name in names:
        workflow = await (await client.get(f"/api/workflow_templates/datasete/{name}.json")).json()
        assert workflow["nodes"]


async def test_comfyuis_own_templates_are_absent_without_an_error(client):
    assert await (await client.get("/templates/index.json")).json() == []


async def test_translations_are_merged_by_part(client, tmp_path):
    from datasete.workbench.routes import frontend

    folder = tmp_path / "de"
    folder.mkdir()
    (folder / "main.json").write_text('{"g": {"a": "b"}}')
    (folder / "nodeDefs.json").write_text('{"ImageGate": {"display_name": "Bildtor"}}')

    assert frontend.read_translations(folder) == {
        "g": {"a": "b"},
        "nodeDefs": {"ImageGate": {"display_name": "Bildtor"}},
    }


async def test_the_system_says_that_it_is_no_comfyui(client):
    stats = await (await client.get("/api/system_stats")).json()

    assert "workbench" in stats["system"]["comfyui_version"]
    assert stats["devices"][0]["type"] == "cpu"
    assert stats["system"]["ram_total"] >= stats["system"]["ram_free"] >= 0


async def test_one_node_can_be_asked_for(client):
    assert list(await (await client.get("/api/object_info/ImageGate")).json()) == ["ImageGate"]
    assert await (await client.get("/api/object_info/Gone")).json() == {}


async def test_an_unknown_folder_is_refused(client):
    assert (await client.get("/api/internal/files/user")).status == 400


@pytest.mark.parametrize("path", ["/free", "/internal/logs/subscribe"])
async def test_what_this_host_does_not_do_is_accepted_quietly(client, path):
    method = client.patch if "logs" in path else client.post

    assert (await method(f"/api{path}", json={})).status == 200
