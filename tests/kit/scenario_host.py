"""The embedded host inside the test's own process, its spaces wherever they are, and what a person does at it."""

import asyncio
import contextlib
import io
import json
from dataclasses import replace

import aiohttp
from host_process import Machine
from PIL import Image

from datasete.plugin import Space
from datasete.storage import Storage
from datasete_fsspec import datasete_open_store

SPACES = ("bus", "pools", "nas")


class Place:
    """Where the three spaces are: on a server's bucket or share, or in folders of this machine.

    They are configured as users get them: with the cache that far spaces have, though in a folder of the test's own.
    """

    def __init__(self, folder, server=None):
        def space(name):
            if server is None:
                return Space(name, str(folder / "spaces" / name), {})
            return replace(server.space(cache={"folder": str(folder / "cache")}), name=name)

        self._spaces = {name: space(name) for name in SPACES}

    def environment(self):
        """The configuration; with time enough for a loaded machine."""
        named = {name: {"url": space.url, "options": dict(space.options)} for name, space in self._spaces.items()}
        found = {"DATASETE_STORAGE__DEADLINE": "30", "DATASETE_SPACES": json.dumps({"nas": named["nas"]})}
        for name in ("bus", "pools"):
            found[f"DATASETE_{name.upper()}__URL"] = named[name]["url"]
            found[f"DATASETE_{name.upper()}__OPTIONS"] = json.dumps(named[name]["options"])
        return found

    def put(self, files):
        """Write files into the space `nas`, as another machine would."""
        with self._behind("nas") as storage:
            for key, data in files.items():
                storage.write(key, data)

    def keys(self, name):
        """What lies in a space, seen past the host and its cache."""
        with self._behind(name) as storage:
            return {entry.key for entry in storage.entries()}

    async def holds(self, name, *keys):
        """Wait until a space has these: what people see of a mask, a publish writes behind its caller's back."""
        while not self.keys(name).issuperset(keys):
            await asyncio.sleep(0.02)

    def _behind(self, name):
        space = self._spaces[name]
        return contextlib.closing(Storage(datasete_open_store(space), space))


class ScenarioHost(Machine):
    """A machine whose files are looked at as well."""

    async def done(self, prompt_id):
        """The history of a run, when it is over; a gate that could not publish would wait for a person for ever."""
        while prompt_id not in (history := await self.get("/history")):
            troubles = [gate["trouble"] for gate in (await self.get("/datasete_gate/pending"))["gates"]]
            assert not any(troubles), troubles
            await asyncio.sleep(0.02)
        return history[prompt_id]

    async def bytes(self, path, **query):
        async with self._session.get(path, params=query) as answer:
            data = await answer.read()
            assert answer.status == 200, data
            return data

    async def pixels(self, path, mode="RGB", **query):
        """What a picture shows, as its size and bytes."""
        return pixels(await self.bytes(path, **query), mode)

    async def output(self, run, node, mode="RGB"):
        """What a node that shows one picture or mask showed in a run."""
        (shown,) = run["outputs"][node]["images"]
        return await self.pixels("/view", mode, **shown)

    async def form(self, path, *files, status=200, **fields):
        """Send a form: its fields first, then files as (field, file name, bytes)."""
        sent = aiohttp.FormData(default_to_multipart=True)
        for field, value in fields.items():
            for each in value if isinstance(value, list) else [value]:
                sent.add_field(field, str(each))
        for field, name, data in files:
            sent.add_field(field, data, filename=name)
        return await self.post(path, status, data=sent)

    async def gone(self, gate):
        """Wait until a gate that was answered is not listed any more."""
        while any(each["token"] == gate["token"] for each in (await self.get("/datasete_gate/pending"))["gates"]):
            await asyncio.sleep(0.02)

    async def idle(self):
        """Wait until nothing runs and nothing is queued."""
        while (queue := await self.get("/queue"))["queue_running"] or queue["queue_pending"]:
            await asyncio.sleep(0.02)

    async def batch(self, state):
        """The one batch there is, when it has come to that state and nothing runs any more."""
        while True:
            await self.idle()
            (batch,) = (await self.get("/datasete/batch/list"))["batches"] or [{"state": None}]
            if batch["state"] == state:
                return batch
            await asyncio.sleep(0.02)


def pixels(data, mode="RGB"):
    with Image.open(io.BytesIO(data)) as picture:
        return picture.size, picture.convert(mode).tobytes()


def ok(run):
    """A run that came to its end."""
    assert run["status"]["status_str"] == "success", run["status"]
    return run


def half_painted(size):
    """A mask whose left half is painted."""
    out = io.BytesIO()
    mask = Image.new("L", size, 0)
    mask.paste(255, (0, 0, size[0] // 2, size[1]))
    mask.save(out, "PNG")
    return out.getvalue()
