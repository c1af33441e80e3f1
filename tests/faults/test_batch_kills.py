"""``kill -9`` at any moment of a walk: it goes on where it was, and every file is processed exactly once.

A sample of the rounds by default, 200 with ``CI=true``.
"""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from scale import rounds

SCRIPT = Path(__file__).resolve().parents[1] / "kit" / "batch_victim.py"
ROUNDS = rounds(15, ci=200)
FILES = 60


@pytest.fixture
def victims():
    process = subprocess.Popen([sys.executable, str(SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def live(root, kill_when=None):
        process.stdin.write(f"{root}\n")
        process.stdin.flush()
        child = int(process.stdout.readline())
        if kill_when is not None:
            kill_when()
            with contextlib.suppress(ProcessLookupError):  # it may have come to its end just before
                os.kill(child, signal.SIGKILL)
        assert process.stdout.readline().strip() == "gone"

    yield live
    process.stdin.close()
    process.wait()
    process.stdout.close()


def fill(root):
    folder = root / "input" / "photos"
    folder.mkdir(parents=True)
    for number in range(FILES):
        (folder / f"{number}.png").write_bytes(f"picture {number}".encode())


def processed(root):
    journal = root / "journal"
    return journal.read_text().split() if journal.exists() else []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="victims are forked, which this system cannot")
@pytest.mark.timeout(3000)
def test_a_walk_that_is_killed_processes_every_file_exactly_once(tmp_path, victims, capsys):
    dice, again, inside = random.Random(7), 0, 0
    for number in range(ROUNDS):
        root = tmp_path / str(number)
        fill(root)
        after, pause = dice.randrange(FILES), dice.uniform(0, 0.004)

        def moment(root=root, after=after, pause=pause):
            until = time.monotonic() + 20
            while len(processed(root)) < after and time.monotonic() < until:
                time.sleep(0.0005)
            time.sleep(pause)

        victims(root, moment)
        before = processed(root)
        inside += not (root / "finished").exists()
        victims(root)
        assert (root / "finished").exists()
        names = Counter(processed(root))
        twice = [name for name, count in names.items() if count > 1]
        again += len(twice)
        assert sorted(names) == sorted(f"{n}.png" for n in range(FILES))
        assert set(twice) <= set(before[-1:])
        assert all(names[name] == 2 for name in twice)
        for n in range(FILES):
            assert (root / "output" / f"{n}.png.out").read_bytes() == f"picture {n}".encode() * 100
        assert len(list((root / "output").glob("*.out"))) == FILES
    assert inside > ROUNDS / 2, "most kills must come before the end"
    with capsys.disabled():
        print(f"\n{ROUNDS} kills, {inside} of them on the way: every file once, {again} in flight done again")
