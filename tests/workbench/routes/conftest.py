"""The whole workbench over a temporary folder, a tiny frontend, and a client."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from datasete.workbench.app import WORKBENCH
from datasete.workbench.serve import make_app


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def frontend(tmp_path):
    folder = tmp_path / "frontend"
    (folder / "extensions" / "core").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>page</title>")
    (folder / "app.js").write_text("export {}")
    (folder / "extensions" / "core" / "groupNode.js").write_text("export {}")
    return folder


@pytest.fixture
async def client(data, frontend, aiohttp_client):
    made = await aiohttp_client(make_app(data, frontend))
    await made.app[WORKBENCH].sampling
    return made


class Tab:
    """A browser tab: its websocket, and what it was told."""

    def __init__(self, client, socket, client_id):
        self._client = client
        self._socket = socket
        self.client_id = client_id

    async def next(self, *events):
        """The next message of one of these events."""
        while True:
            message = await asyncio.wait_for(self._socket.receive_json(), 20)
            if not events or message["type"] in events:
                return message

    async def queue(self, prompt, **more):
        """Queue a prompt; return its id."""
        body = {"prompt": prompt, "client_id": self.client_id, **more}
        answer = await self._client.post("/api/prompt", json=body)
        assert answer.status == 200, await answer.text()
        return (await answer.json())["prompt_id"]

    async def events(self):
        """Everything up to the end of the run."""
        seen = []
        while True:
            seen.append(await self.next())
            if seen[-1]["type"] == "executing" and seen[-1]["data"]["node"] is None:
                return seen


@pytest.fixture
async def tab(client):
    client_id = uuid.uuid4().hex
    async with client.ws_connect(f"/ws?clientId={client_id}") as socket:
        yield Tab(client, socket, client_id)


@pytest.fixture
def preview():
    """A prompt that shows one of the photographs."""

    def prompt(name="chelsea.png"):
        return {
            "1": {"class_type": "LoadImage", "inputs": {"image": name}},
            "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}},
        }

    return prompt


@pytest.fixture
def gate():
    """A prompt that waits at a gate."""
    return {
        "1": {"class_type": "LoadImage", "inputs": {"image": "chelsea.png"}},
        "2": {"class_type": "ImageGate", "inputs": {"routes": 2, "image": ["1", 0]}},
        "3": {"class_type": "PreviewImage", "inputs": {"images": ["2", 1]}},
        "4": {"class_type": "PreviewImage", "inputs": {"images": ["2", 2]}},
    }
