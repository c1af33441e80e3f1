"""The examples of docs/proxies.md, run by the proxies themselves in front of a server."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from servers import free_port, program, running, unavailable

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "proxies.md").read_text("utf-8")
EXAMPLES = dict(re.findall(r"^```\w+ file=(\S+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))

AROUND_NGINX = """
user root;
daemon off;
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {server}
}}
"""


def served(folder: Path, **settings: str) -> Iterator[int]:
    """The embedded host on a port of its own."""
    port = free_port()
    environment = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "plugins")]), **settings}
    command = [sys.executable, "-m", "datasete", "serve", "--port", str(port), "--data", str(folder / "data")]
    (folder / "served").mkdir()
    with running(command, port, folder / "served", environment):
        yield port


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server that the page's configuration is given to."""
    folder = tmp_path_factory.mktemp("server")
    [names] = re.findall(r"^allowed_hosts = (\[.*?\])", EXAMPLES["datasete.toml"], re.MULTILINE)
    yield from served(folder, DATASETE_SERVER__ALLOWED_HOSTS=names)


def nginx(folder: Path, port: int, server: int, text: str = EXAMPLES["nginx.conf"]) -> list[str]:
    text = text.replace("8443", str(port)).replace("8188", str(server))
    (folder / "nginx.conf").write_text(AROUND_NGINX.format(folder=folder, server=text))
    return [program("nginx") or unavailable("nginx", "install Debian's nginx-light"), "-c", str(folder / "nginx.conf")]


def caddy(folder: Path, port: int, server: int, text: str = EXAMPLES["Caddyfile"]) -> list[str]:
    text = text.replace("8443", str(port)).replace("8188", str(server))
    (folder / "Caddyfile").write_text("{\n    admin off\n    auto_https off\n}\n" + text)
    return [
        program("caddy") or unavailable("Caddy", "install Debian's caddy"),
        "run",
        "--config",
        str(folder / "Caddyfile"),
    ]


Proxy = Callable[[Path, int, int], list[str]]


@pytest.fixture(scope="module", params=[nginx, caddy], ids=["nginx", "caddy"])
def proxy(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, server: int) -> Iterator[int]:
    folder, port = tmp_path_factory.mktemp("proxy"), free_port()
    start: Proxy = request.param
    with running(start(folder, port, server), port, folder, {"HOME": str(folder)}):
        yield port


def ask(port: int, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    """What a browser that knows the proxy as `nas` gets."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("GET" if body is None else "POST", path, body, {"Host": f"nas:{port}", **named})
    answer = connection.getresponse()
    found = answer.status, b"" if answer.status == 101 else answer.read()
    connection.close()
    return found


def press(port: int, origin: str) -> tuple[int, dict[str, str]]:
    """Press a gate that is not open: refused as such (409) by a server that listens to the page, else with 403."""
    body = json.dumps({"id": "7", "message": "1"}).encode()
    status, text = ask(port, "/api/datasete_gate/choice", body, Origin=origin, Content_Type="application/json")
    return status, json.loads(text)["error"]


def test_the_page_opens(proxy: int) -> None:
    status, page = ask(proxy, "/")
    assert status == 200
    assert b"<html" in page


def test_a_press_reaches_the_gates(proxy: int) -> None:
    assert press(proxy, f"http://nas:{proxy}")[0] == 409


def test_a_press_of_another_site_does_not(proxy: int) -> None:
    assert press(proxy, "https://evil.example")[0] == 403


def test_the_websocket_is_passed_on(proxy: int) -> None:
    key = {"Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec_WebSocket_Version": "13"}
    origin = f"http://nas:{proxy}"
    assert ask(proxy, "/ws", Connection="Upgrade", Upgrade="websocket", Origin=origin, **key)[0] == 101


def test_large_bodies_are_passed_on(proxy: int) -> None:
    form = b'--x\r\nContent-Disposition: form-data; name="image"; filename="large.png"\r\n\r\n' + bytes(20_000_000)
    body = form + b"\r\n--x--\r\n"
    origin = f"http://nas:{proxy}"
    assert ask(proxy, "/upload/image", body, Origin=origin, Content_Type="multipart/form-data; boundary=x")[0] == 200


def test_where_a_proxy_rewrites_host_the_refusal_names_the_setting_and_the_setting_helps(
    tmp_path: Path, server: int
) -> None:
    rewriting = re.sub(r"proxy_set_header Host .*", "", EXAMPLES["nginx.conf"])
    origin = "https://nas:8443"
    for trusted in ("[]", json.dumps([origin])):
        folder, port = tmp_path / str(len(trusted)), free_port()
        folder.mkdir()
        for own in served(folder, DATASETE_SERVER__TRUSTED_ORIGINS=trusted):
            with running(nginx(folder, port, own, rewriting), port, folder):
                status, error = press(port, origin)
        if trusted == "[]":
            assert status == 403
            assert "server.trusted_origins" in error["hint"]
        else:
            assert status == 409
