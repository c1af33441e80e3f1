"""Batches on a host with a queue in memory, which a test runs when it likes."""

from functools import partial

from datasete.batch.service import Batches
from datasete.batch.state import CONTINUE, STOP
from datasete.batch.views import Held
from datasete.config import BatchSettings, PluginSettings
from datasete.hooks.manager import build_hooks
from datasete.plugin import hookimpl
from datasete.testing.runs import memory_host

SIX = [f"{n}.png" for n in range(1, 7)]


class Watching:
    """A plugin that keeps what its hooks receive."""

    def __init__(self):
        self.advanced, self.finished, self.jobs = [], [], []

    @hookimpl
    def datasete_batch_advanced(self, batch):
        self.advanced.append(batch)

    @hookimpl
    def datasete_batch_finished(self, batch):
        self.finished.append(batch)

    @hookimpl
    def datasete_queue_trigger(self, job):
        self.jobs.append(job)


class BatchStudio:
    """A folder, a host, and workflows of one or more loaders over it."""

    def __init__(self, tmp_path, settings=None, plugins=None):
        self.folder = tmp_path / "input" / "photos"
        self.tmp_path, self.settings = tmp_path, settings or BatchSettings()
        self.watching = Watching()
        self.plugins = {"watching": self.watching, **(plugins or {})}
        self.done, self.held = [], []
        self.host, self.runs = memory_host(tmp_path)
        self.open()

    def open(self):
        self.hooks = build_hooks(PluginSettings(), self.plugins)
        ledger = self.tmp_path / "user" / "batches.sqlite"
        self.batches = Batches(self.host, self.hooks, ledger, self.settings, clock=self.runs.clock)

    def restart(self):
        """The server dies, with its queue and history, and is started again."""
        self.batches.close()
        self.host, self.runs = memory_host(self.tmp_path)
        self.open()
        self.batches.revive()

    def fill(self, *names):
        self.folder.mkdir(exist_ok=True)
        for name in names:
            (self.folder / name).touch()

    def press(self, mode=CONTINUE, errors=STOP, start=0, folders=("photos",), **extra):
        graph = {
            str(number): {
                "class_type": "BatchImageLoader",
                "inputs": {"directory": folder, "mode": mode, "errors": errors, "start": start},
            }
            for number, folder in enumerate(folders)
        }
        return self.runs.press(graph, client_id="tab", **extra)

    def take(self, prompt, fail=()):
        for node in prompt.graph.values():
            self.load(prompt, node["inputs"], fail)

    def load(self, prompt, inputs, fail):
        loaders = self.batches.loaders
        source = loaders.source(inputs["directory"])
        call = loaders.current_call(inputs["mode"], inputs["errors"], inputs["start"])
        item = loaders.begin(source, call)
        if isinstance(item, Held):
            self.held.append(item)
            return
        if item.name in fail:
            raise fail[item.name]
        self.done.append(item.name)

    def run(self, limit=1000, fail=()):
        return self.runs.run_all(partial(self.take, fail=fail), limit)

    @property
    def batch(self):
        return self.batches.all()[0].batch


def key(studio):
    return studio.batches.all()[0].key


def asked(studio):
    """The tickets for which a tab was asked to queue."""
    return [data["ticket"] for event, data, _ in studio.host.sent if event == "datasete-batch-next"]


def cancelled_late(studio, errors=STOP, at="3.png"):
    """Walks until somebody presses Cancel in the last moment of a run, when nothing of it is left to be cancelled."""

    def take(prompt):
        studio.take(prompt)
        studio.host.stopping = studio.done[-1] == at  # as in ComfyUI, each run begins with the flag down

    studio.press(errors=errors)
    studio.runs.run_all(take)
