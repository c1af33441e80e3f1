"""Bodies in every form, broken in every way."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from aiohttp import FormData, web

from datasete.application import Application
from datasete.server.registrar import guarded
from datasete.server.requests import (
    MAX_FIELD_BYTES,
    Fields,
    file_field,
    on_ledger,
    read_fields,
    text_field,
    threaded,
    threaded_fields,
)

LIMIT = 200_000


@pytest.fixture
async def echo(aiohttp_client: Any, application: Application) -> Any:
    async def handler(request: web.Request, application: Application) -> web.Response:
        fields = await read_fields(request, file_limit=LIMIT)
        return web.json_response({name: repr(value) for name, value in fields.items()})

    async def strict(request: web.Request, application: Application) -> web.Response:
        fields = await read_fields(request, file_limit=LIMIT)
        return web.json_response([text_field(fields, "id"), len(file_field(fields, "mask"))])

    served = web.Application()
    served.router.add_post("/", guarded(handler, application))
    served.router.add_post("/strict", guarded(strict, application))
    return await aiohttp_client(served)


async def test_json_url_encoded_and_multipart_bodies_are_read_alike(echo: Any) -> None:
    multipart = FormData(default_to_multipart=True)
    multipart.add_field("id", "4:2")
    multipart.add_field("message", "grün")
    for body in (
        {"json": {"id": "4:2", "message": "grün"}},
        {"data": {"id": "4:2", "message": "grün"}},
        {"data": multipart},
    ):
        answer = await echo.post("/", **body)
        assert await answer.json() == {"id": "'4:2'", "message": "'grün'"}


async def test_the_first_field_of_a_name_counts_in_every_form(echo: Any) -> None:
    multipart = FormData([("id", "1"), ("id", "2")], default_to_multipart=True)
    for body in (multipart, FormData([("id", "1"), ("id", "2")])):
        assert await (await echo.post("/", data=body)).json() == {"id": "'1'"}


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', b"null", b"\xff", b'{"id":', b"[" * 20000], ids=lambda b: repr(b[:9])
)
async def test_json_that_is_no_object_is_refused(echo: Any, body: bytes) -> None:
    answer = await echo.post("/", data=body, headers={"Content-Type": "application/json"})
    assert answer.status == 400


@pytest.mark.parametrize(
    "body", [b"id", b"%ff=1", b"id=%ff", b"&".join(b"a=1" for _ in range(100)), b"\xff=1"], ids=lambda b: repr(b[:9])
)
async def test_a_broken_url_encoded_form_is_refused(echo: Any, body: bytes) -> None:
    answer = await echo.post("/", data=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status == 400


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/octet-stream", "image/png", "multipart/mixed; boundary=b", "text/xml"]
)
async def test_other_types_are_not_read(echo: Any, kind: str) -> None:
    answer = await echo.post("/", data=b"id=7", headers={"Content-Type": kind})
    assert answer.status == 415


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
async def test_a_long_body_without_files_is_refused(echo: Any, kind: str) -> None:
    answer = await echo.post("/", data=b'{"a":"' + b"x" * MAX_FIELD_BYTES + b'"}', headers={"Content-Type": kind})
    assert answer.status == 413


def _multipart(*parts: bytes, end: bytes = b"--b--\r\n") -> bytes:
    return b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + end


def _field(value: bytes = b"7", head: bytes = b'Content-Disposition: form-data; name="id"', more: bytes = b"") -> bytes:
    return head + b"\r\n" + more + b"\r\n" + value


def _file(value: bytes, more: bytes = b"", name: bytes = b"mask") -> bytes:
    return _field(value, b'Content-Disposition: form-data; name="' + name + b'"; filename="m.png"', more)


MALFORMED: dict[str, bytes] = {
    "empty": b"",
    "no boundary at all": b"hello",
    "only the end": b"--b--\r\n",
    "another boundary": _multipart(_field()).replace(b"--b", b"--c"),
    "end missing": _multipart(_field(), end=b""),
    "cut in a header": b"--b\r\nContent-Dispo",
    "cut in a value": _multipart(_file(b"x" * 100))[:120],
    "no blank line": b'--b\r\nContent-Disposition: form-data; name="id"\r\n--b--\r\n',
    "no headers": _multipart(b"\r\n7"),
    "no disposition": _multipart(b"Content-Type: text/plain\r\n\r\n7"),
    "no name": _multipart(_field(head=b"Content-Disposition: form-data")),
    "empty name": _multipart(_field(head=b'Content-Disposition: form-data; name=""')),
    "disposition of a file": _multipart(_field(head=b"Content-Disposition: attachment")),
    "garbage disposition": _multipart(_field(head=b"Content-Disposition: ;;;===")),
    "header without colon": _multipart(b"nonsense\r\n\r\n7"),
    "header with nul": _multipart(_field(head=b'Content-Disposition: form-data; name="i\0d"')),
    "field not text": _multipart(_field(b"\xff\xfe")),
    "bad charset": _multipart(_field(more=b"Content-Type: text/plain; charset=nope\r\n")),
    "negative length": _multipart(_file(b"x", b"Content-Length: -5\r\n")),
    "lying length": _multipart(_file(b"x", b"Content-Length: 5000\r\n")),
    "length no number": _multipart(_file(b"x", b"Content-Length: many\r\n")),
    "unknown encoding": _multipart(_file(b"x", b"Content-Encoding: rot13\r\n")),
    "broken gzip": _multipart(_file(b"notgzip", b"Content-Encoding: gzip\r\n")),
    "unknown transfer encoding": _multipart(_file(b"x", b"Content-Transfer-Encoding: uu\r\n")),
    "broken base64": _multipart(_file(b"@@@", b"Content-Transfer-Encoding: base64\r\n")),
    "nested multipart": _multipart(
        _field(b"--c\r\n\r\nx\r\n--c--", more=b"Content-Type: multipart/mixed; boundary=c\r\n")
    ),
    "nested without boundary": _multipart(_field(more=b"Content-Type: multipart/mixed\r\n")),
    "a thousand parts": _multipart(*[_field() for _ in range(1000)]),
    "a header of a megabyte": _multipart(_field(more=b"X: " + b"x" * 1_000_000 + b"\r\n")),
    "ten thousand headers": _multipart(_field(more=b"X: y\r\n" * 10_000)),
    "a field of a megabyte": _multipart(_field(b"x" * 1_000_000)),
    "a file over the limit": _multipart(_file(b"x" * (LIMIT + 1))),
    "files over the limit together": _multipart(_file(b"x" * (LIMIT - 9)), _file(b"x" * 10, name=b"n")),
    "lone line feeds": _multipart(_field()).replace(b"\r\n", b"\n"),
    "name that is no utf-8": _multipart(_field(head=b'Content-Disposition: form-data; name="\xff"')),
    "the file as a field": _multipart(_field(), _field(b"text", b'Content-Disposition: form-data; name="mask"')),
    "an empty file": _multipart(_field(), _file(b"")),
    "a file for a field": _multipart(_file(b"\xff", name=b"id"), _file(b"x")),
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
async def test_a_malformed_multipart_form_is_the_senders_fault(echo: Any, body: bytes) -> None:
    answer = await echo.post("/strict", data=body, headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert answer.status in {400, 413}
    assert answer.content_type == "application/json"


@pytest.mark.parametrize(
    "kind",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        'multipart/form-data; boundary="ü"',
        f"multipart/form-data; boundary={'b' * 80}",
    ],
)
async def test_a_multipart_form_without_a_usable_boundary_is_refused(echo: Any, kind: str) -> None:
    answer = await echo.post("/", data=_multipart(_field()), headers={"Content-Type": kind})
    assert answer.status == 400


async def test_a_file_that_unpacks_to_more_than_the_limit_is_refused(echo: Any) -> None:
    import gzip

    body = _multipart(_field(), _file(gzip.compress(bytes(LIMIT * 50)), b"Content-Encoding: gzip\r\n"))
    answer = await echo.post("/strict", data=body, headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert answer.status in {400, 413}


async def test_an_endless_upload_is_refused_at_the_limit(echo: Any) -> None:
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        yield b'--b\r\nContent-Disposition: form-data; name="mask"; filename="m.png"\r\n\r\n'
        while sent < 100 * LIMIT:
            sent += 10_000
            yield b"x" * 10_000

    answer = await echo.post("/", data=endless(), headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert answer.status == 413
    assert sent < 100 * LIMIT


@pytest.mark.parametrize("value", [None, True, 1.5, [], {}], ids=repr)
async def test_a_field_that_is_no_text_is_refused(echo: Any, value: object) -> None:
    answer = await echo.post("/strict", json={"id": value})
    assert answer.status == 400


async def test_a_service_that_blocks_runs_in_a_thread_with_its_fields(
    aiohttp_client: Any, application: Application
) -> None:
    @threaded_fields(on_ledger)
    def service(fields: Fields, application: Application) -> web.Response:
        return web.json_response({"fields": fields, "loop": threading.current_thread() is threading.main_thread()})

    @threaded(on_ledger)
    def reading(request: web.Request, application: Application) -> web.Response:
        return web.json_response(threading.current_thread() is threading.main_thread())

    served = web.Application()
    served.router.add_post("/", guarded(service, application))
    served.router.add_get("/", guarded(reading, application))
    client = await aiohttp_client(served)
    assert await (await client.post("/", json={"a": 1})).json() == {"fields": {"a": 1}, "loop": False}
    assert await (await client.get("/")).json() is False
    assert (await client.post("/", data=b"x" * (MAX_FIELD_BYTES + 1))).status in {413, 415}
