"""Kills writers of a local store, round after round, and counts what they tore or lost. Run as a program.

    python killed_writer.py FOLDER ROUNDS

Each round forks a writer that goes on from what is stored, kills it with SIGKILL after a random moment, and looks at
everything through a fresh store. Imports nothing heavy: a fork is a millisecond.
"""

import hashlib
import json
import os
import random
import signal
import struct
import sys
import time
from contextlib import suppress

from datasete.plugin import ABSENT, Conflict
from datasete_fsspec.local import LocalStore

KEY = "slot/image.png"
HISTORY = ".versions/slot/"
HEAD = struct.Struct(">Q32s")


def content(number):
    body = number.to_bytes(8, "big") * random.Random(number).randrange(2_000, 60_000)
    return HEAD.pack(number, hashlib.sha256(body).digest()) + body


def number_in(data):
    """The number in a content, or None when the content is torn."""
    if len(data) < HEAD.size:
        return None
    number, digest = HEAD.unpack_from(data)
    return number if hashlib.sha256(data[HEAD.size :]).digest() == digest else None


def write_on(root, acknowledged):
    """Publish as a slot is published: keep what is there, then replace it under its version; create a side file."""
    store = LocalStore(root)
    while True:
        blob = store.read([KEY]).get(KEY)
        number = number_in(blob.data) + 1 if blob else 0
        if blob:
            store.copy(KEY, f"{HISTORY}{number - 1:08d}.png", blob.version)
        with suppress(Conflict):  # the writer before may have been killed between the two
            store.write(f"side/{number:08d}", content(number), ABSENT)
        store.write(KEY, content(number), blob.version if blob else ABSENT)
        os.write(acknowledged, struct.pack(">Q", number))


def one_round(root, choose):
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reader)
            write_on(root, writer)
        finally:
            os._exit(1)
    os.close(writer)
    time.sleep(choose.uniform(0, 0.06))
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    with os.fdopen(reader, "rb") as pipe:
        told = pipe.read()
    assert os.WIFSIGNALED(status), "the writer failed by itself"
    return struct.unpack(f">{len(told) // 8}Q", told)


def main(root, rounds):
    store, choose, last = LocalStore(root), random.Random(), -1
    counts = {"rounds": rounds, "acknowledged": 0, "torn": 0, "lost": 0, "leftovers": 0}
    for _ in range(rounds):
        told = one_round(root, choose)
        counts["acknowledged"] += len(told)
        last = max([last, *told])
        found = [(entry.key, store.read([entry.key])[entry.key].data) for entry in store.list().entries]
        counts["torn"] += sum(number_in(data) is None for _, data in found)
        current = [number_in(data) for key, data in found if key == KEY]
        # one more than was told is right: killed between the commit and the telling
        counts["lost"] += last >= 0 and current not in ([last], [last + 1])
        last = max([last, *(number for number in current if number is not None)])
        kept = {key: number_in(data) for key, data in found if key.startswith(HISTORY)}
        counts["lost"] += any(kept.get(f"{HISTORY}{number:08d}.png") != number for number in told[:-1])
        store.delete([key for key, _ in found if key != KEY][:-8])
    counts["leftovers"] = sum(name.endswith(".tmp") for _, _, names in os.walk(root) for name in names)
    LocalStore(root, abandoned_seconds=-1.0).list()
    counts["unswept"] = sum(name.endswith(".tmp") for _, _, names in os.walk(root) for name in names)
    print(json.dumps(counts))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
