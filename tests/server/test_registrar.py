"""Every route is where it is promised, and a fault is always an answer."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from datasete.application import Application
from datasete.errors import StoreFull
from datasete.server.registrar import ROUTES, bind, guarded


@pytest.mark.parametrize(("method", "path"), [route[:2] for route in ROUTES])
async def test_routes_are_bound_bare_and_under_api(client: Any, method: str, path: str) -> None:
    url = path.format(token="0" * 32, frame=0)
    for prefix in ("", "/api"):
        answer = await client.request(method, prefix + url)
        assert answer.status in {200, 400, 404, 409, 415}
        assert answer.content_type == "application/json"
        wrong = await client.request("GET" if method == "POST" else "POST", prefix + url)
        assert wrong.status == 405


async def test_a_route_table_is_bound_once_for_the_host_to_mount(aiohttp_client: Any, application: Application) -> None:
    table = web.RouteTableDef()
    bind(table, application)
    assert [(route.method, route.path) for route in table] == [route[:2] for route in ROUTES]
    served = web.Application()
    served.add_routes(table)
    client = await aiohttp_client(served)
    assert (await client.get("/datasete_gate/pending")).status == 200
    assert (await client.get("/api/datasete_gate/pending")).status == 404


async def _serve(aiohttp_client: Any, application: Application, error: Exception) -> Any:
    async def broken(request: web.Request, application: Application) -> web.Response:
        raise error

    served = web.Application()
    served.router.add_get("/", guarded(broken, application))
    return await aiohttp_client(served)


async def test_our_errors_become_their_status_and_sentence(aiohttp_client: Any, application: Application) -> None:
    client = await _serve(aiohttp_client, application, StoreFull("The disk is full.", hint="The slot is whole."))
    answer = await client.get("/")
    assert answer.status == 507
    assert await answer.json() == {
        "error": {"code": "store_full", "message": "The disk is full.", "hint": "The slot is whole."}
    }


async def test_an_unexpected_fault_is_logged_and_shows_nothing_of_itself(
    aiohttp_client: Any, application: Application, caplog: pytest.LogCaptureFixture
) -> None:
    client = await _serve(aiohttp_client, application, RuntimeError("secret detail"))
    answer = await client.get("/")
    assert answer.status == 500
    assert "secret detail" not in await answer.text()
    assert "secret detail" in caplog.text


async def test_gets_change_nothing(client: Any, waiting: Any, application: Application) -> None:
    await waiting.open()
    application.bus.publish("cp1", [_png()])
    before = (application.gates.pending()[0]["token"], application.bus.list())
    for method, path, _ in ROUTES:
        if method == "GET":
            url = path.format(token=before[0], frame=0)
            await client.get(url, params={"id": "cp1", "message": "1", "version": "x"})
    assert (application.gates.pending()[0]["token"], application.bus.list()) == before


def _png() -> bytes:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    return out.getvalue()
