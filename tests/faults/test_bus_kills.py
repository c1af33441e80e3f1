"""``kill -9`` at any moment of a publish, a deletion or a restore on the local disk: nothing torn, nothing lost.

A sample of the rounds by default, more with ``CI=true``, 2,000 in the campaign.
"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from scale import rounds
from slot_pictures import bus_over
from slot_stores import local_store

from datasete.errors import NotFound
from datasete.imaging.chunks import parse_png

SCRIPT = Path(__file__).resolve().parents[1] / "kit" / "slot_victim.py"
ROUNDS = rounds(30, ci=500, campaign=2000)
LONGEST_LIFE = 0.25


class Killer:
    """Starts victims over one folder and kills them."""

    def __init__(self, root):
        self.root, self.dice, self.number = root, random.Random(20), 0
        self.process = subprocess.Popen(
            [sys.executable, str(SCRIPT), str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def round(self):
        self.number += 1
        self.process.stdin.write(f"{self.number}\n")
        self.process.stdin.flush()
        child = int(self.process.stdout.readline())
        time.sleep(self.dice.uniform(0.005, LONGEST_LIFE))
        os.kill(child, signal.SIGKILL)
        assert self.process.stdout.readline().strip() == "gone"

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def number_of(png):
    """The number in a victim's picture, from its first pixels; the PNG must be whole."""
    import zlib

    found = parse_png(png)
    rows = zlib.decompress(b"".join(png[part.start : part.end] for part in found.idat))
    return int.from_bytes(rows[1:4], "big")


def check_whole(slot):
    """The number of a slot or version, of which every frame and mask must be."""
    numbers = {number_of(png) for png in (*slot.images, *slot.masks)}
    assert len(numbers) == 1, f"torn: {numbers}"
    assert len(slot.images) == len(slot.masks)
    return str(numbers.pop())


def held(bus):
    try:
        return check_whole(bus.load("cp1"))
    except NotFound:
        return "nothing"


def journal_of(root):
    """What was done last, what was begun after it and may or may not have been done, and how much was done."""
    path = root / "journal"
    lines = [line.split() for line in path.read_text().splitlines()] if path.exists() else []
    done = [number for what, number in lines if what == "done"]
    # a victim does one thing after the other: all but its last line are closed by the next
    what, number = lines[-1] if lines else ("", "")
    return done[-1] if done else "nothing", {number} if what == "begin" else set(), len(done)


def test_a_restore_that_is_begun_again_after_a_refusal_may_have_been_done(tmp_path):
    (tmp_path / "journal").write_text("done 7\nbegin 4\nrefused 4\nbegin 4\n")

    assert journal_of(tmp_path) == ("7", {"4"}, 1)


def test_what_was_refused_was_not_done(tmp_path):
    (tmp_path / "journal").write_text("done 7\nbegin 4\nrefused 4\n")

    assert journal_of(tmp_path) == ("7", set(), 1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="victims are forked, which this system cannot")
@pytest.mark.timeout(3000)
def test_a_kill_tears_nothing_and_loses_nothing_acknowledged(tmp_path, capsys):
    root = tmp_path / "bus"
    root.mkdir()
    killer, inside, done = Killer(root), 0, 0
    try:
        for _ in range(ROUNDS):
            before = held(bus_over(local_store(root)))
            (root / "journal").write_text("")
            killer.round()
            last, begun, count = journal_of(root)
            bus = bus_over(local_store(root))
            now = held(bus)
            assert now in ({last} if count else {before}) | begun, f"lost: {now}, not {last} or {begun}"
            for line in bus.history("cp1") if now != "nothing" else []:
                check_whole(bus.version("cp1", line.version))
            inside, done = inside + bool(begun), done + count
    finally:
        killer.close()
    assert inside > ROUNDS // 4
    with capsys.disabled():
        print(f"\n    {ROUNDS} kills, {inside} of them inside an operation; {done:,} acknowledged: 0 torn, 0 lost")
