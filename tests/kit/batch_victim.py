"""Forks a process for each line that it reads, which takes the folder's files one by one until it is killed."""

import os
import sys
from pathlib import Path

from datasete.batch.saving.output import OVERWRITE, DiskTarget, save
from datasete.batch.service import Batches
from datasete.batch.state import CONTINUE, STOP, Status
from datasete.batch.views import Held
from datasete.config import PluginSettings
from datasete.hooks.manager import build_hooks
from datasete.testing.runs import memory_host


def live(root):
    """Run until the batch is finished: an interrupted one continues by itself, or after a press."""
    host, runs = memory_host(root)
    hooks = build_hooks(PluginSettings(only=("datasete_queue",)))
    batches = Batches(host, hooks, root / "user" / "batches.sqlite")
    journal = os.open(root / "journal", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    target = DiskTarget(root / "output")

    def work(prompt):
        del prompt
        loaders = batches.loaders
        source = loaders.source("photos")
        item = loaders.begin(source, loaders.current_call(CONTINUE, STOP, 0))
        if isinstance(item, Held):
            return
        data = (root / "input" / "photos" / item.name).read_bytes()
        save(target, item.name, ".out", data * 100, OVERWRITE)
        os.write(journal, f"{item.name}\n".encode())

    batches.revive()
    entries = batches.all()
    if not runs.waiting and not (entries and entries[0].batch.status is Status.FINISHED):
        runs.press({"1": {"class_type": "BatchImageLoader", "inputs": {}}})
    runs.run_all(work)
    (root / "finished").touch()


def main():
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                live(Path(line.strip()))
            finally:
                os._exit(0)
        print(child, flush=True)
        os.waitpid(child, 0)
        print("gone", flush=True)


main()
