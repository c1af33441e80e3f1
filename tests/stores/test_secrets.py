"""Secrets are planted wherever people put them; then everything that leaves the program is looked through."""

import asyncio
import io
import json
import logging
import zipfile
from pathlib import Path

import pytest
from host_process import environment, gate_node, picture, shown, through
from PIL import Image
from s3_servers import KEY, SECRET
from scenario_host import ScenarioHost
from servers import free_port
from smb_server import PASSWORD
from wire import TO_CLIENT, Fault

from datasete.cli import main
from datasete.plugin import Space
from datasete.workbench.serve import make_app
from datasete_fsspec import datasete_open_store

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
IN_A_URL, TOKEN, ADDRESS, POLICY, TRIGGER = (
    f"{kind}-that-no-log-may-show" for kind in ("a-url", "a-token", "an-address", "a-policy", "a-trigger")
)
SECRETS = [KEY, SECRET, PASSWORD, IN_A_URL, TOKEN, ADDRESS, POLICY, TRIGGER]
WORKFLOW = {"nodes": [{"id": 1, "type": "ImageGate", "widgets_values": [2, "cp1", ""]}], "version": 0.4}


@pytest.fixture
def planted(server, wire, monkeypatch):
    """The configuration of all that follows, the command line's as well."""
    nas = server.space()
    store = datasete_open_store(nas)
    for number in (1, 2):
        store.write(f"walk/{number}.png", picture(number))
    store.close()
    in_a_url = Space("leaky", f"s3://me:{IN_A_URL}@bkt/x", {"secret_access_key": SECRET})
    spaces = {"bus": through(wire, server), "pools": through(wire, server), "nas": nas, "leaky": in_a_url}
    address = f"http://127.0.0.1:{free_port()}/{ADDRESS}"
    variables = environment(**spaces) | {
        "DATASETE_PLUGINS__LOAD": '["datasete_webhook"]',
        "DATASETE_PLUGINS__TRACE": "true",
        "DATASETE_GATES__OPTIONS": json.dumps({"key": POLICY}),
        "DATASETE_BATCH__TRIGGER": "webhook",
        "DATASETE_WEBHOOK_URL": address,
        "DATASETE_WEBHOOK_QUEUE_URL": address,
        "DATASETE_WEBHOOK_TOKEN": TOKEN,
    }
    monkeypatch.syspath_prepend(EXAMPLES / "datasete-webhook")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
async def scene(planted, tmp_path, aiohttp_client):
    data, frontend = tmp_path / "data", tmp_path / "frontend"
    (data / "input").mkdir(parents=True)
    (data / "input" / "one.png").write_bytes(picture(40))
    frontend.mkdir()
    (frontend / "index.html").write_text("page")
    made = ScenarioHost(await aiohttp_client(make_app(data, frontend)), tmp_path)
    listening = asyncio.create_task(made.listen())
    yield made
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


async def saved(scene):
    """A run that publishes, and saves its picture with the workflow in it; the workflow is saved by itself as well."""
    prompt = {
        "n1": ("LoadImage", {"image": "one.png"}),
        "n2": gate_node("n1", send_id="cp1"),
        "n3": ("SaveImage", {"images": ["n2", 1], "filename_prefix": "saved"}),
    }
    nodes = {name: {"class_type": kind, "inputs": inputs} for name, (kind, inputs) in prompt.items()}
    body = {"prompt": nodes, "client_id": "tab", "extra_data": {"extra_pnginfo": {"workflow": WORKFLOW}}}
    run = (await scene.post("/prompt", json=body))["prompt_id"]
    await scene.answer(await scene.gate(), "1")
    history = await scene.done(run)
    await scene.post("/userdata/workflows%2Fmine.json", data=json.dumps(WORKFLOW))
    files = (scene.folder / "data").rglob("*.png")
    return [json.dumps(history), await scene.bytes("/userdata/workflows%2Fmine.json"), *map(texts_of, files)]


def texts_of(path):
    with Image.open(path) as found:
        return json.dumps({name: str(value) for name, value in found.info.items()})


async def walked(scene):
    """A batch whose next run nobody takes."""
    loader = {
        "directory": "nas:walk", "filter_preset": "All Images", "iteration_mode": "Continue",
        "error_handling": "Stop on error",
    }  # fmt: skip
    await scene.queue(n1=("BatchImageLoader", loader), n2=("PreviewImage", {"images": ["n1", 0]}))
    while not (batches := (await scene.get("/datasete/batch/list"))["batches"]) or not batches[0]["message"]:
        await asyncio.sleep(0.05)


async def exported(scene):
    await scene.add()
    formats = (await scene.get("/grid_pool/profiles/list"))["formats"]
    profile = (await scene.post("/grid_pool/profiles/create", json={"name": "Mine", "from": "p"}))["id"]
    archives = [
        await scene.bytes("/grid_pool/profiles/export", id=profile, format=each["id"])
        for each in formats
        if each["pack"]
    ]
    packed = [zipfile.ZipFile(io.BytesIO(archive)) for archive in archives]
    return [archive.read(name) for archive in packed for name in archive.namelist()]


async def outage(scene, wire):
    wire.break_with(Fault("reset", TO_CLIENT))
    await scene.queue(n1=gate_node(get_id="cp1"), n2=shown("n1"))
    await scene.idle()
    await scene.add(503)
    await scene.failing_list()
    await health(scene)
    wire.heal()


async def health(scene):
    told = await scene.get("/datasete/status")
    assert "ConfigError" in json.dumps(told) or "password" in json.dumps(told), "the URL was refused"
    for space in told["spaces"]:
        await scene.post("/datasete/status/probe", json={"space": space["name"]})


COMMANDS = [
    "doctor", "doctor --json", "plugins", "bus ls", "bus history cp1", "pool ls", "pool ls p --json", "batch ls",
    "batch ls --json", "batch export nas:walk",
]  # fmt: skip


def commanded(capsys, data):
    """What the command line prints; also with a trigger whose URL has a password."""
    for command in COMMANDS:
        main([*command.split(), "--data", str(data)])
    with pytest.MonkeyPatch.context() as changed:
        changed.setenv("DATASETE_BATCH__TRIGGER", "http")
        changed.setenv("DATASETE_BATCH__URL", f"http://me:{TRIGGER}@127.0.0.1:1")
        changed.setenv("DATASETE_STORAGE__DEADLINE", SECRET)
        main(["doctor", "--data", str(data)])
        changed.setenv("DATASETE_STORAGE__DEADLINE", "1")
        main(["batch", "ls", "--data", str(data)])
    shown_text = capsys.readouterr()
    return [shown_text.out, shown_text.err]


def leaks(found):
    """Which secrets are in which kinds of what came out."""
    texts = [
        (kind, text.decode("latin-1") if isinstance(text, bytes) else text)
        for kind, all_texts in found.items()
        for text in all_texts
    ]
    return sorted({(kind, secret) for kind, text in texts for secret in SECRETS if secret in text})


async def test_no_secret_is_in_anything_that_leaves_the_program(scene, wire, caplog, capsys):
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.DEBUG, "datasete")
    workflows = await saved(scene)
    archives = await exported(scene)
    await walked(scene)
    await outage(scene, wire)
    await health(scene)
    for path in ("/object_info", "/history", "/queue", "/settings", "/datasete/batch/list"):
        await scene.get(path)
    printed = await asyncio.to_thread(commanded, capsys, scene.folder / "data")
    await asyncio.sleep(0.2)
    found = {
        "log": [caplog.text],
        "event": scene.heard,
        "answer": scene.told,
        "workflow": workflows,
        "archive": archives,
        "command": printed,
        "file": [path.read_bytes() for path in (scene.folder / "data").rglob("*") if path.is_file()],
    }
    signs = {
        "log": "hook datasete_open_store", "event": "datasete-slot-published", "answer": '"cp1"',
        "workflow": "ImageGate", "archive": "manifest", "command": "bus", "file": "walk",
    }  # fmt: skip
    for kind, sign in signs.items():
        assert any(sign in (text if isinstance(text, str) else text.decode("latin-1")) for text in found[kind]), kind
    assert leaks(found) == []


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_would_be_found(secret):
    assert leaks({"file": [f"… {secret} …".encode()], "log": ["nothing"]}) == [("file", secret)]
