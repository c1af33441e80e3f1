"""Whatever is sent, the embedded host answers with a sentence, and every page that comes after still works."""

from __future__ import annotations

import contextlib
import json
import logging
from urllib.parse import quote

import pytest
from aiohttp import FormData
from full_disk import full_disk
from ordinary_user import an_ordinary_user

JSON = {"Content-Type": "application/json"}
POSTS = ["/prompt", "/queue", "/interrupt", "/history", "/settings", "/settings/x", "/jobs/cancel"]
BODIES = {
    "deep list": "[" * 100_000 + "]" * 100_000,
    "deep object": '{"a":' * 50_000 + "1" + "}" * 50_000,
    "too deep to be written again": '{"a":' * 500 + "1" + "}" * 500,
    "NaN": '{"number": NaN, "prompt": {}}',
    "Infinity": '{"number": Infinity, "x": -Infinity}',
    "a number too large": '{"number": 1e999}',
    "a number of 5,000 digits": '{"number": ' + "9" * 5000 + "}",
    "no UTF-8": b'{"a": "\xff\xfe"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "cut off": '{"a":',
    "text": '"x"',
    "a list": "[]",
}
CHARSETS = ["utf-16", "bogus", "base64", "rot13", "zip", "undefined", "punycode", "idna"]
NAMES = {
    "255 bytes": "a" * 251 + ".png",
    "256 bytes": "a" * 256,
    "300 characters": "x" * 300,
    "255 characters of two bytes": "é" * 255,
    "deep": "/".join(["d"] * 2000),
    "zero byte": "\0.png",
    "control character": "\x01",
    "up": "../../x",
    "a lone surrogate": "\ud800",
}


@pytest.fixture(autouse=True)
def quiet(caplog):
    """Nothing that is sent here may leave a traceback in the log."""
    yield
    assert not [record for record in caplog.records if record.exc_info and record.levelno >= logging.ERROR]


async def told(answer):
    """The code of an error, which has a sentence."""
    assert 400 <= answer.status < 500, (answer.status, await answer.text())
    error = (await answer.json())["error"]
    assert error["message"]
    return error.get("code", error.get("type"))


@pytest.mark.parametrize("path", POSTS)
async def test_a_body_that_is_no_json_is_refused(client, path):
    for name, body in BODIES.items():
        if (path, name) in {("/settings/x", "text"), ("/settings/x", "a list")}:
            continue  # settings may be of any type
        answer = await client.post(path, data=body, headers=JSON)
        assert await told(answer) in ("invalid_input", "no_prompt"), (name, await answer.text())
    for charset in CHARSETS:
        answer = await client.post(path, data=b"{}", headers={"Content-Type": f"application/json; charset={charset}"})
        assert await told(answer) == "unsupported_type"
    for page in ("/settings", "/history", "/queue", "/jobs"):
        assert "NaN" not in await (await client.get(page)).text()


def url(path):
    from yarl import URL

    return URL(path, encoded=True)


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
async def test_a_name_that_no_file_can_have_is_refused_or_not_found(client, name):
    part = quote(name[:2500], safe="", errors="surrogatepass")
    for method, path in [
        *(("GET", f"/{start}{part}") for start in ("", "userdata/", "api/userdata/", "extensions/", "view?filename=")),
        *(("GET", f"/view?filename=x.png&{key}={part}") for key in ("subfolder", "type")),
        *(("GET", f"/{path}={part}") for path in ("userdata?dir", "v2/userdata?path")),
        ("GET", f"/internal/files/{part}"),
        ("DELETE", f"/userdata/{part}"),
        ("POST", f"/userdata/{part}/move/other.json"),
        ("POST", f"/userdata/comfy.settings.json/move/{part}"),
        ("GET", f"/datasete/batch/find?directory={part}"),
        ("GET", f"/datasete/batch/find?directory=x&filter_preset=Custom&custom_pattern={part}"),
    ]:
        answer = await client.request(method, url(path))
        assert answer.status < 500, (path[:60], await answer.text())
    answer = await client.post(url(f"/userdata/{part}"), data=b"x")
    assert answer.status == 200 if name == NAMES["255 bytes"] else answer.status < 500


@pytest.mark.parametrize("name", [name for name in NAMES.values() if "\ud800" not in name])
async def test_an_upload_of_such_a_name_is_refused(client, name):
    for field in ("filename", "subfolder", "type"):
        form = FormData(default_to_multipart=True)
        values = {"filename": "y.png", "subfolder": "", "type": "input"} | {field: name}
        with contextlib.suppress(ValueError):  # aiohttp's client refuses to send it at all
            form.add_field("image", b"x", filename=values["filename"])
            for key in ("subfolder", "type"):
                form.add_field(key, values[key])
            answer = await client.post("/upload/image", data=form)
            assert answer.status == 200 if answer.ok else await told(answer)


async def test_folders_in_the_place_of_files_and_files_in_the_place_of_folders(client, data):
    (data / "input" / "dir.png").mkdir()
    (data / "input" / "file").write_text("x")
    (data / "user" / "default" / "dir.json").mkdir()
    await client.post("/userdata/x.json", data=b"1")
    for method, path in [
        ("POST", "/userdata/dir.json"),
        ("POST", "/userdata/x.json%2Fy.json"),
        ("POST", "/userdata/x.json/move/dir.json"),
        ("POST", "/userdata/x.json/move/x.json%2Fy.json"),
    ]:
        answer = await client.request(method, url(path), data=b"x")
        assert (answer.status, await told(answer)) == (409, "conflict")
    for method, path in [
        ("GET", "/view?filename=dir.png&type=input"),
        ("GET", "/view?filename=file%2Fx&type=input"),
        ("GET", "/userdata/dir.json"),
        ("DELETE", "/userdata/dir.json"),
        ("POST", "/userdata/dir.json/move/q.json"),
        ("GET", "/userdata/x.json%2Fy.json"),
        ("GET", "/app.js/x"),
    ]:
        assert (await client.request(method, url(path))).status == 404
    for filename, more in (("dir.png", {"overwrite": "true"}), ("dir.png", {}), ("y.png", {"subfolder": "file"})):
        form = FormData(default_to_multipart=True)
        form.add_field("image", b"x", filename=filename)
        for key, value in more.items():
            form.add_field(key, value)
        assert await told(await client.post("/upload/image", data=form)) == "conflict"
    assert (data / "user" / "default" / "x.json").read_bytes() == b"1"


@pytest.mark.parametrize(
    "reference",
    ["{}", "[]", "1", "x", "[" * 9999, '{"filename":1}', '{"filename":["a"]}', '{"filename":"chelsea.png","type":1}'],
)
async def test_a_mask_for_what_is_no_picture_is_refused(client, reference):
    form = FormData(default_to_multipart=True)
    form.add_field("image", b"x", filename="m.png")
    form.add_field("original_ref", reference)
    assert await told(await client.post("/upload/mask", data=form)) in ("invalid_input", "not_found")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=x", b"--x\r\nbroken"),
        ("multipart/form-data; boundary=" + "x" * 100, b""),
        ("application/x-www-form-urlencoded", b"image=%FF"),
        ("application/x-www-form-urlencoded; charset=bogus", b"a=b"),
        ("text/plain", b"x"),
    ],
)
@pytest.mark.parametrize("path", ["/upload/image", "/upload/mask"])
async def test_a_form_that_is_none_is_refused(client, path, kind, body):
    assert await told(await client.post(path, data=body, headers={"Content-Type": kind})) == "invalid_input"


NODE = {"class_type": "LoadImage", "inputs": {"image": "chelsea.png"}}


@pytest.mark.parametrize(
    "link", [[[], 0], [{}, 0], ["1", True], ["1", -1], ["1", 9], [], ["1"], [1, 0], ["9", 0], [None, 0]]
)
async def test_a_link_that_leads_nowhere_is_refused(client, link):
    prompt = {"1": NODE, "2": {"class_type": "PreviewImage", "inputs": {"images": link}}}
    answer = await client.post("/prompt", json={"prompt": prompt})
    assert answer.status in (200, 400), await answer.text()
    if answer.status == 400:
        assert (await answer.json())["node_errors"]["2"]["errors"]


@pytest.mark.parametrize("query", ["limit=" + "9" * 30, "limit=1.5", "limit=-1", "offset=-" + "9" * 40, "limit=²"])
async def test_a_number_that_is_none_is_refused(client, query):
    assert await told(await client.get(url(f"/jobs?{quote(query, safe='=')}"))) == "invalid_input"


async def test_settings_that_an_earlier_version_broke_do_not_break_the_page(client, data):
    file = data / "user" / "default" / "comfy.settings.json"
    file.write_text('{"a": NaN, "b": [Infinity, 1], "c": 1e999, "d": 2}')
    text = await (await client.get("/settings")).text()
    settings = json.loads(text, parse_constant=lambda name: pytest.fail(name))
    assert [settings[key] for key in "abcd"] == [None, [None, 1], None, 2]
    assert (await client.post("/settings/e", json=5)).status == 200
    assert (await (await client.get("/settings")).json())["d"] == 2


async def test_a_folder_that_is_read_only_is_said_so(client, data):
    user = data / "user" / "default"
    (user / "x.json").write_text("1")
    user.chmod(0o555)
    with an_ordinary_user():
        answers = [
            await client.post("/settings", json={"a": 1}),
            await client.post("/settings/a", json=1),
            await client.post("/userdata/y.json", data=b"1"),
            await client.delete("/userdata/x.json"),
            await client.post("/userdata/x.json/move/z.json"),
        ]
    user.chmod(0o755)
    assert [(answer.status, await told(answer)) for answer in answers] == [(403, "read_only")] * 5


async def test_an_import_on_a_full_disk_is_507(client):
    for size in (100, 300_000):
        form = FormData(default_to_multipart=True)
        form.add_field("file", b"x" * size, filename="set.zip")
        with full_disk(50):
            answer = await client.post("/grid_pool/profiles/import", data=form)
        error = (await answer.json())["error"]
        assert (answer.status, error["code"]) == (507, "store_full")
        assert "no room" in error["message"]
