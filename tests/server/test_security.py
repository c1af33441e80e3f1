"""No other site gets in."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from datasete.application import Application
from datasete.errors import Forbidden
from datasete.server.registrar import ROUTES, bind
from datasete.server.security import check_request, is_loopback

HERE = "127.0.0.1:8188"

WELCOME: list[dict[str, str]] = [
    {},
    {"Origin": f"http://{HERE}"},
    {"Origin": f"http://{HERE}", "Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
    {"Host": "localhost:8188"},
    {"Host": "LOCALHOST:8188", "Origin": "http://localhost:8188"},
    {"Host": "datasete.localhost:8188"},
    {"Host": "[::1]:8188", "Origin": "http://[::1]:8188"},
    {"Host": "127.8.8.8"},
    {"Host": "localhost", "Origin": "http://localhost:80"},
    {"Host": "gate.example", "Origin": "https://gate.example"},
    {"Host": "gate.example:9000", "Origin": "http://gate.example:9000"},
    {"Host": "proxied.example:8443", "Origin": "https://proxied.example:8443"},
    {"Host": "gate.example:443", "Origin": "https://gate.example"},
]

FOREIGN: list[dict[str, str]] = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "Cross-Site", "Origin": f"http://{HERE}"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": HERE},
    {"Origin": "http://127.0.0.1:8198"},
    {"Origin": "http://127.0.0.1"},
    {"Origin": "http://localhost:8188"},
    {"Origin": f"http://{HERE}.evil.example"},
    {"Origin": f"http://{HERE}@evil.example"},
    {"Origin": "http://evil.example:8188"},
    {"Origin": "http://[::1"},
    {"Origin": "http://127.0.0.1:port"},
    {"Origin": "http://"},
    {"Origin": "file://"},
    {"Host": "evil.example:8188"},
    {"Host": "evil.example:8188", "Origin": "http://evil.example:8188"},
    {"Host": "evil.example", "Sec-Fetch-Site": "same-origin"},
    {"Host": "127.0.0.1.evil.example"},
    {"Host": "localhost.evil.example"},
    {"Host": "evillocalhost"},
    {"Host": "10.0.0.1:8188"},
    {"Host": "proxied.example:9999"},
    {"Host": "gate.example.evil.example"},
    {"Host": "[::1"},
    {"Host": ""},
    {"Host": "", "Origin": ""},
    {"Host": "127.0.0.1:99999"},
    {"Host": "gate.example", "Origin": f"http://{HERE}"},
]


def _request(headers: dict[str, str]) -> web.Request:
    return make_mocked_request("POST", "/", headers={"Host": HERE} | headers)


@pytest.mark.parametrize(
    ("host", "answer"), [("127.0.0.1", True), ("::1", True), ("localhost", True), ("10.0.0.1", False)]
)
def test_loopback_addresses_are_told_from_others(host: str, *, answer: bool) -> None:
    assert is_loopback(host) is answer


@pytest.mark.parametrize("headers", WELCOME, ids=str)
def test_our_own_pages_and_programs_pass(headers: dict[str, str]) -> None:
    check_request(_request(headers), ("gate.example", "proxied.example:8443"), loopback=True)


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_other_sites_and_other_names_are_refused(headers: dict[str, str]) -> None:
    with pytest.raises(Forbidden, match="refused"):
        check_request(_request(headers), ("gate.example", "proxied.example:8443"), loopback=True)


PROXIED: list[dict[str, str]] = [
    {"Host": "nas", "Origin": "http://nas:8443"},  # the proxy drops the port
    {"Host": "nas:8188", "Origin": "https://nas"},  # or adds its own
    {"Host": HERE, "Origin": "https://trusted.example:8443"},  # or rewrites the whole Host
    {"Host": HERE, "Origin": "https://TRUSTED.example:8443", "Sec-Fetch-Site": "cross-site"},
    {"Host": HERE, "Origin": "https://plain.example"},
    {"Host": HERE, "Origin": "https://plain.example:443"},
]

TRUSTED = ("https://trusted.example:8443", "https://plain.example/", "https://[bad")


@pytest.mark.parametrize("headers", PROXIED, ids=str)
def test_pages_behind_a_proxy_pass(headers: dict[str, str]) -> None:
    check_request(_request(headers), ("nas",), loopback=True, trusted_origins=TRUSTED)


@pytest.mark.parametrize(
    "origin",
    [
        "http://trusted.example:8443",
        "https://trusted.example",
        "https://trusted.example:8443.evil.example",
        "https://evil.example",
        "https://[evil",
        "null",
    ],
)
def test_a_trusted_origin_is_trusted_as_a_whole(origin: str) -> None:
    with pytest.raises(Forbidden, match="refused") as refused:
        check_request(_request({"Origin": origin}), (), loopback=True, trusted_origins=TRUSTED)
    assert "server.trusted_origins" in refused.value.hint


def test_trusting_any_origin_is_a_choice() -> None:
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    check_request(_request(headers), (), loopback=True, trusted_origins=("*",))


@pytest.mark.parametrize("host", ["127.0.0.1:8188", "studio.example", "studio.example:80"])
def test_where_names_are_listed_an_open_bind_answers_to_them_and_its_own(host: str) -> None:
    check_request(_request({"Host": host}), ("studio.example",), loopback=False)


def test_where_names_are_listed_an_open_bind_answers_to_no_other() -> None:
    with pytest.raises(Forbidden, match="does not go by the name"):
        check_request(_request({"Host": "rebound.example"}), ("studio.example",), loopback=False)


def test_on_an_open_bind_any_host_name_is_ours_but_no_foreign_origin() -> None:
    check_request(_request({"Host": "studio.example"}), (), loopback=False)
    with pytest.raises(Forbidden):
        check_request(_request({"Host": "studio.example", "Origin": "http://evil.example"}), (), loopback=False)


@pytest.mark.parametrize("prefix", ["", "/api"])
@pytest.mark.parametrize(("method", "path"), [route[:2] for route in ROUTES])
async def test_every_route_refuses_foreign_requests(client: Any, method: str, path: str, prefix: str) -> None:
    url = prefix + path.format(token="0" * 32, frame=0)
    for headers in (
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Host": "evil.example"},
    ):
        answer = await client.request(method, url, headers=headers)
        assert answer.status == 403
        assert (await answer.json())["error"]["code"] == "forbidden"


async def test_a_form_that_another_site_posts_answers_no_gate(client: Any, waiting: Any) -> None:
    await waiting.open()
    form = {"id": "7", "message": "1"}
    answer = await client.post("/datasete_gate/choice", data=form, headers={"Origin": "https://evil.example"})
    assert answer.status == 403
    assert len(waiting.gates) == 1
    same = {"Origin": f"http://{client.host}:{client.port}", "Sec-Fetch-Site": "same-origin"}
    assert (await client.post("/datasete_gate/choice", data=form, headers=same)).status == 200


async def test_an_open_bind_with_listed_names_answers_under_those(
    aiohttp_client: Any, application: Application
) -> None:
    served = web.Application()
    bind(served, application, loopback=False)
    client = await aiohttp_client(served)
    answers = [
        await client.get("/datasete_gate/pending", headers={"Host": host}) for host in ("gate.example", "evil.example")
    ]
    assert [answer.status for answer in answers] == [200, 403]
