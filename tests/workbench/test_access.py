"""A host that other machines reach, with a token."""

from __future__ import annotations

import pytest
from aiohttp import WSServerHandshakeError

from datasete.workbench.serve import make_app

TOKEN = "correct-horse-battery"


@pytest.fixture
def frontend(tmp_path):
    folder = tmp_path / "frontend"
    folder.mkdir()
    (folder / "index.html").write_text("page")
    (folder / "app.js").write_text("1")
    return folder


@pytest.fixture
async def client(tmp_path, frontend, aiohttp_client):
    return await aiohttp_client(make_app(tmp_path / "data", frontend, loopback=False, token=TOKEN))


PATHS = [
    "/",
    "/index.html",
    "/app.js",
    "/api/history",
    "/datasete/status",
    "/grid_pool/list?pool_id=p",
    "/view?filename=a",
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Cookie": "datasete=x"}])
async def test_without_the_token_nothing_is_answered(client, path, headers):
    answer = await client.get(path, headers=headers)
    assert answer.status == 401
    assert "token" in await answer.text()
    assert TOKEN not in str(answer.headers)
    assert (await client.get(path, params={"token": "wrong"})).status == 401


async def test_nothing_is_posted_and_no_socket_opened_without_it(client):
    assert (await client.post("/api/prompt", json={"prompt": {}})).status == 401
    with pytest.raises(WSServerHandshakeError, match="401"):
        await client.ws_connect("/ws")


async def test_the_printed_address_leads_to_the_page_and_opens_the_rest(client):
    answer = await client.get("/", params={"token": TOKEN, "template": "first"}, allow_redirects=False)
    assert answer.status == 303
    assert answer.headers["Location"] == "/?template=first"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert await (await client.get("/")).text() == "page"
    assert (await client.get("/api/history")).status == 200
    assert (await client.post("/api/queue", json={})).status == 200
    async with client.ws_connect("/ws") as socket:
        assert (await socket.receive_json(timeout=20))["type"] == "status"


async def test_a_program_sends_it_as_a_bearer_or_in_the_address(client):
    assert (await client.get("/api/history", headers={"Authorization": f"Bearer {TOKEN}"})).status == 200
    assert (await client.get("/api/history", params={"token": TOKEN})).status == 200


async def test_another_sites_page_is_refused_with_the_token_as_without(client):
    headers = {"Authorization": f"Bearer {TOKEN}", "Origin": "http://evil.example"}
    assert (await client.post("/api/queue", json={}, headers=headers)).status == 403


async def test_an_exposed_host_answers_only_the_names_that_are_listed(tmp_path, frontend, aiohttp_client, monkeypatch):
    monkeypatch.setenv("DATASETE_SERVER__ALLOWED_HOSTS", '["nas.example"]')
    client = await aiohttp_client(make_app(tmp_path / "data", frontend, loopback=False))
    assert (await client.get("/api/history", headers={"Host": "nas.example"})).status == 200
    assert (await client.get("/api/history", headers={"Host": "rebound.example"})).status == 403
