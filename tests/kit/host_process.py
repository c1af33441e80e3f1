"""A machine: the embedded host in a process of its own, with a data directory of its own, spoken to over HTTP."""

import asyncio
import contextlib
import io
import json
import sys
from pathlib import Path

import aiohttp
from PIL import Image
from servers import free_port, running

from datasete.plugin import Space

CLIENT = "tab"


def picture(shade):
    out = io.BytesIO()
    Image.new("RGB", (32, 24), (shade, 20, 200)).save(out, "PNG")
    return out.getvalue()


def environment(**spaces):
    """The configuration that puts these spaces where they are."""
    found = {"DATASETE_STORAGE__DEADLINE": "1.5"}
    named = {}
    for name, space in spaces.items():
        options = {"cache": False} | dict(space.options)
        if name in ("bus", "pools"):
            found[f"DATASETE_{name.upper()}__URL"] = space.url
            found[f"DATASETE_{name.upper()}__OPTIONS"] = json.dumps(options)
        else:
            named[name] = {"url": space.url, "options": options}
    return found | ({"DATASETE_SPACES": json.dumps(named)} if named else {})


def through(wire, server, name="bus"):
    """A space of the server's own, reached over the wire; who asks for it is not patient."""
    space = server.space()
    options = {**space.options, "timeout": 1}
    if "endpoint_url" in options:
        options["endpoint_url"] = f"http://127.0.0.1:{wire.port}"
    return Space(name, space.url.replace(f":{server.port}/", f":{wire.port}/"), options)


class RunFailed(Exception):
    """A run ended before it came to a gate."""


class Machine:
    """What a person does at one: queue, look, answer. `heard` has every event, `told` every answer as text."""

    def __init__(self, session, folder):
        self._session, self.folder = session, folder
        self.heard, self.told = [], []
        self._newest = None

    async def get(self, path):
        async with self._session.get(path) as answer:
            text = await answer.text()
            self.told.append(text)
            assert answer.status == 200, text
            return json.loads(text)

    async def post(self, path, status=200, **what):
        async with self._session.post(path, **what) as answer:
            text = await answer.text()
            self.told.append(text)
            assert answer.status == status, text
            return json.loads(text)

    async def queue(self, **nodes):
        prompt = {number: {"class_type": kind, "inputs": inputs} for number, (kind, inputs) in nodes.items()}
        self._newest = (await self.post("/prompt", json={"prompt": prompt, "client_id": CLIENT}))["prompt_id"]
        return self._newest

    async def gate(self, wanted=lambda gate: True):
        """The first gate that waits and is wanted.

        Raises:
            RunFailed: the run that was queued last failed, and why.
        """
        while True:
            run = (await self.get("/history")).get(self._newest)
            if run and run["status"]["status_str"] != "success":
                raise RunFailed(run["status"])
            for gate in (await self.get("/datasete_gate/pending"))["gates"]:
                if wanted(gate):
                    return gate
            await asyncio.sleep(0.02)

    async def answer(self, gate, message):
        await self.post("/datasete_gate/choice", json={"token": gate["token"], "message": message})

    async def done(self, prompt_id):
        """The history of a run, when it is over."""
        while prompt_id not in (history := await self.get("/history")):
            await asyncio.sleep(0.02)
        return history[prompt_id]

    async def publish(self, slot, name="one.png"):
        """Queue a picture, let it pass a gate that publishes it, and wait for the end."""
        run = await self.queue(n1=("LoadImage", {"image": name}), n2=gate_node("n1", send_id=slot), n3=shown("n2"))
        await self.answer(await self.gate(), "1")
        return await self.done(run)

    async def add(self, status=200):
        """Add a picture to the pool p."""
        form = aiohttp.FormData()
        form.add_field("pool_id", "p")
        form.add_field("image", picture(7), filename="7.png", content_type="image/png")
        return await self.post("/grid_pool/add", status, data=form)

    async def failing_list(self):
        """Ask for the slots while the bus is away."""
        async with self._session.get("/datasete_gate/bus/list") as answer:
            assert answer.status == 503
            self.told.append(await answer.text())
            return json.loads(self.told[-1])

    async def listen(self):
        async with self._session.ws_connect(f"/ws?clientId={CLIENT}") as socket:
            async for message in socket:
                self.heard.append(str(message.data))

    def log(self):
        return (self.folder / "server.log").read_text(errors="replace")


def gate_node(source="", **inputs):
    return "ImageGate", {"routes": 2} | ({"image": [source, 0]} if source else {}) | inputs


def shown(source):
    return "PreviewImage", {"images": [source, 1]}


@contextlib.asynccontextmanager
async def machine(folder, **spaces):
    folder = Path(folder)
    pictures = folder / "data" / "input"
    pictures.mkdir(parents=True)
    for name, shade in (("one.png", 40), ("two.png", 90)):
        (pictures / name).write_bytes(picture(shade))
    frontend = folder / "frontend"
    frontend.mkdir()
    (frontend / "index.html").write_text("page")
    port = free_port()
    command = [
        sys.executable, "-m", "datasete.cli", "serve",
        "--data", str(folder / "data"), "--port", str(port), "--frontend", str(frontend),
    ]  # fmt: skip
    with running(command, port, folder, environment(**spaces)):
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            made = Machine(session, folder)
            listening = asyncio.create_task(made.listen())
            try:
                yield made
            finally:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)
