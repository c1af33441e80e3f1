"""Who is answered, how errors are told, and how everything ends."""

from __future__ import annotations

import asyncio
import io
import logging

import pytest
from aiohttp import web

from datasete.samples import BESIDE, FOLDER
from datasete.workbench.protocol import make_runner
from datasete.workbench.routes.frontend import POLICY
from datasete.workbench.serve import make_app


@pytest.fixture
def frontend(tmp_path):
    folder = tmp_path / "frontend"
    folder.mkdir()
    (folder / "index.html").write_text("page")
    return folder


@pytest.fixture
async def client(tmp_path, frontend, aiohttp_client):
    return await aiohttp_client(make_app(tmp_path / "data", frontend))


POSTS = [
    "/prompt",
    "/queue",
    "/interrupt",
    "/history",
    "/upload/image",
    "/upload/mask",
    "/settings",
    "/userdata/x.json",
]


@pytest.mark.parametrize("prefix", ["", "/api"])
@pytest.mark.parametrize("path", POSTS)
async def test_another_sites_page_can_post_nothing(client, tmp_path, path, prefix):
    for headers in (
        {"Origin": "http://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        answer = await client.post(prefix + path, data=b"{}", headers=headers)
        assert answer.status == 403
        assert (await answer.json())["error"]["code"] == "forbidden"
    assert not (tmp_path / "data" / "user" / "default" / "x.json").exists()


@pytest.mark.parametrize("path", ["/api/view?filename=chelsea.png&type=input", "/api/history", "/ws"])
async def test_another_sites_page_can_read_nothing(client, path):
    assert (await client.get(path, headers={"Sec-Fetch-Site": "cross-site"})).status == 403
    assert (await client.get(path, headers={"Origin": "http://evil.example"})).status == 403


async def test_a_foreign_host_name_is_refused_on_the_loopback(client):
    assert (await client.get("/api/history", headers={"Host": "evil.example"})).status == 403


async def test_a_page_of_our_own_and_a_program_are_answered(client):
    origin = str(client.make_url("/")).rstrip("/")
    assert (await client.post("/api/queue", json={}, headers={"Origin": origin})).status == 200
    assert (await client.post("/api/queue", json={})).status == 200


async def test_a_link_on_another_site_may_lead_to_the_page(client):
    assert (await client.get("/", headers={"Sec-Fetch-Site": "cross-site"})).status == 200


async def test_the_packs_routes_are_there_bare_and_below_api(client):
    for path in ("/datasete_gate/pending", "/api/datasete_gate/pending", "/datasete/status", "/api/datasete/status"):
        assert (await client.get(path)).status == 200


async def test_the_first_start_brings_the_photographs_and_later_ones_do_not(tmp_path, frontend):
    make_app(tmp_path / "data", frontend)
    pictures = sorted(path.name for path in (tmp_path / "data" / "input").iterdir())
    assert {"astronaut.jpg", "camera.png", "chelsea.png", "coffee.jpg", "rocket.jpg", *BESIDE, FOLDER} == set(pictures)
    (tmp_path / "data" / "input" / "coffee.jpg").unlink()
    (tmp_path / "data" / "input" / "datasete-samples" / "rocket.jpg").unlink()
    make_app(tmp_path / "data", frontend)

    assert not (tmp_path / "data" / "input" / "coffee.jpg").exists()
    assert not (tmp_path / "data" / "input" / "datasete-samples" / "rocket.jpg").exists()


async def test_a_paused_gate_ends_with_the_server(tmp_path, frontend, aiohttp_client):
    client = await aiohttp_client(make_app(tmp_path / "data", frontend))
    prompt = {
        "1": {"class_type": "LoadImage", "inputs": {"image": "chelsea.png"}},
        "2": {"class_type": "ImageGate", "inputs": {"routes": 2, "image": ["1", 0]}},
        "3": {"class_type": "PreviewImage", "inputs": {"images": ["2", 1]}},
    }
    async with client.ws_connect("/ws?clientId=a") as socket:
        await client.post("/api/prompt", json={"prompt": prompt, "client_id": "a"})
        while (await socket.receive_json(timeout=20))["type"] != "datasete-gate-show":
            pass
        await asyncio.wait_for(client.server.close(), 20)

    assert not list((tmp_path / "data" / "temp").iterdir())


@pytest.mark.parametrize(
    "path",
    ["/", "/prompt", "/api/history", "/object_info", "/settings", "/datasete/status", "/api/grid_pool/profiles/list"],
)
async def test_head_is_answered_as_get_is_without_a_body(client, path):
    answer = await client.head(path)
    assert (answer.status, await answer.read()) == (200, b"")
    assert answer.content_type == (await client.get(path)).content_type


async def test_a_chain_of_thousands_of_nodes_is_accepted(client):
    prompt = {"0": {"class_type": "PrimitiveString", "inputs": {"value": "x"}}}
    for number in range(1, 5000):
        prompt[str(number)] = {"class_type": "PreviewAny", "inputs": {"source": [str(number - 1), 0]}}
    targets = ["4999"]
    answer = await client.post("/prompt", json={"prompt": prompt, "partial_execution_targets": targets})
    assert answer.status == 200, await answer.text()
    await client.post("/queue", json={"clear": True})
    await client.post("/interrupt", json={})
    del prompt["0"]
    answer = await client.post("/prompt", json={"prompt": prompt, "partial_execution_targets": targets})
    assert (answer.status, list((await answer.json())["node_errors"])) == (400, ["1"])
    prompt["1"]["inputs"]["source"] = ["4999", 0]
    answer = await client.post("/prompt", json={"prompt": prompt, "partial_execution_targets": targets})
    assert answer.status == 400
    assert (await answer.json())["node_errors"]["1"]["errors"][0]["type"] == "dependency_cycle"


async def test_a_request_of_too_many_parts_is_refused(client):
    body = io.BytesIO(b'{"prompt": {}, "x": [' + b"[]," * 400_000 + b"0]}")
    answer = await client.post("/prompt", data=body, headers={"Content-Type": "application/json"})
    assert (answer.status, (await answer.json())["error"]["code"]) == (413, "too_large")


async def test_every_page_is_restricted_to_this_server(client, frontend):
    (frontend / "other.html").write_text("page")
    policies = {
        (await client.get(path)).headers["Content-Security-Policy"] for path in ("/", "/index.html", "/other.html")
    }
    assert policies == {POLICY}


async def test_what_is_not_http_is_one_line_in_the_log(tmp_path, frontend, caplog):
    caplog.set_level(logging.INFO)
    runner = make_runner(make_app(tmp_path / "data", frontend))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    for sent in (b"\x16\x03\x01\x02\x00\x01", b"GET / HTTP/9.9\r\n\r\n", b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\n\r\n"):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent + b"\r\n\r\n")
        assert b" 400 " in await asyncio.wait_for(reader.readline(), 20)
        writer.close()
        await writer.wait_closed()
    await runner.cleanup()
    told = [record for record in caplog.records if record.name == "datasete.workbench.requests"]
    assert len(told) >= 2  # a version of HTTP that does not exist is answered without a word
    assert not [record for record in caplog.records if record.exc_info]
