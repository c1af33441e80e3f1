"""What the kill test kills: a process that publishes, deletes and restores on a local store until it dies.

It is started once, imports everything, and forks a victim for each line ``seed`` on its standard input. A victim notes
what it begins and what it has done in the space's journal, which survives it.
"""

import itertools
import os
import random
import sys
import zlib

from datasete.bus import Bus
from datasete.errors import NotFound
from datasete.imaging.chunks import make_chunk, make_header
from datasete.plugin import Space
from datasete.storage import Storage
from datasete_fsspec.local import LocalStore

SLOT = "cp1"
SIZE = 128
NOISE = os.urandom(SIZE * SIZE * 3)


def number_picture(number: int, samples: int) -> bytes:
    """A PNG that does not compress, whose first bytes are `number`."""
    pixels = number.to_bytes(3, "big") + NOISE[3 : SIZE * SIZE * samples]
    rows = b"".join(b"\0" + pixels[start : start + SIZE * samples] for start in range(0, len(pixels), SIZE * samples))
    head = make_header(SIZE, SIZE, 2 if samples == 3 else 0)
    return head + make_chunk(b"IDAT", zlib.compress(rows, 1)) + make_chunk(b"IEND")


class Victim:
    """One process's life."""

    def __init__(self, root: str, seed: int) -> None:
        self.bus = Bus(Storage(LocalStore(root), Space("bus", root)), history=3)
        self.dice = random.Random(seed)
        self.journal = os.open(os.path.join(root, "journal"), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self.numbers = itertools.count(seed * 1000 % 2**24)
        self.known: dict[str, int] = {}

    def live(self) -> None:
        """Do one thing after the other, for ever."""
        while True:
            self.dice.choices((self.publish, self.delete, self.restore), (6, 1, 2))[0]()

    def publish(self) -> None:
        number, frames = next(self.numbers), self.dice.choice((1, 1, 3))
        self.note(f"begin {number}")
        images, masks = [number_picture(number, 3)] * frames, [number_picture(number, 1)] * frames
        self.known[self.bus.publish(SLOT, images, masks).token] = number
        self.note(f"done {number}")

    def delete(self) -> None:
        self.note("begin nothing")
        self.bus.delete(SLOT)
        self.note("done nothing")

    def restore(self) -> None:
        try:
            versions = [one.version for one in self.bus.history(SLOT) if one.version in self.known]
        except NotFound:
            return
        if versions:
            version = self.dice.choice(versions)
            number = self.known[version]
            self.note(f"begin {number}")
            try:
                self.known[self.bus.restore(SLOT, version).token] = number
            except NotFound:  # pruned meanwhile, behind an earlier publish
                self.note(f"refused {number}")
            else:
                self.note(f"done {number}")

    def note(self, line: str) -> None:
        os.write(self.journal, f"{line}\n".encode())


def main(root: str) -> None:
    """Fork a victim a line; say its process id, and then that it is gone."""
    assert "torch" not in sys.modules
    for line in sys.stdin:
        child = os.fork()
        if not child:
            Victim(root, int(line)).live()
        print(child, flush=True)
        os.waitpid(child, 0)
        print("gone", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
