"""``kill -9`` at any moment of an import: the profile is there whole, or nothing of it is, and nothing else is touched.

A sample of the rounds by default, more with ``CI=true`` and in the campaign.
"""

import io
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scale import rounds

from datasete.config import PluginSettings
from datasete.hooks.manager import build_hooks
from datasete.plugin import Space
from datasete.pools import Pools, Upload
from datasete.pools.lifecycle import GRACE_SECONDS
from datasete.profiles import Profiles
from datasete.profiles.transfer import ProfileTransfer
from datasete.storage import Storage
from datasete_fsspec.local import LocalStore

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "tests" / "kit" / "import_victim.py"
PATHS = os.pathsep.join([str(ROOT), str(ROOT / "plugins")])
ROUNDS = rounds(10, ci=60, campaign=500)
PICTURES = 12
LONGEST_LIFE = 0.5


def noise(number, mode="RGB"):
    """A picture that does not compress."""
    pixels = np.random.default_rng(number).integers(0, 256, (96, 96, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(file, "PNG", compress_level=1)
    return file.getvalue()


class House:
    """A folder of pools with a profile and a pool that nobody may touch, and archives to import."""

    def __init__(self, base):
        self.folder = base / "grid_pool"
        self.hooks = build_hooks(PluginSettings())
        self.archives = [base / "whole.zip", base / "set.zip"]
        uploads = [
            Upload(noise(number), label=f"picture {number}", mask=noise(100 + number, "L") if number % 3 == 0 else None)
            for number in range(PICTURES)
        ]
        pools, profiles, transfer = self.opened()
        pools.add("mine", uploads[:2])
        kept = profiles.create("kept")
        pools.add(kept.id, uploads)
        for path, form in zip(self.archives, ("datasete-zip", "training-set"), strict=True):
            with path.open("wb") as file:
                transfer.export(transfer.source(kept.id, "carried"), form, file)
        self.kept, self.wanted = kept, self.content(kept.id)
        self.untouched = {path: path.read_bytes() for path in self.files() if path.parent.name in {"mine", kept.id}}

    def opened(self, *, late=False):
        """Services as a fresh process has them; late: to which all that a crash left behind is a day old."""
        clock = (lambda: time.time() + GRACE_SECONDS + 60) if late else time.time
        store = LocalStore(self.folder, abandoned_seconds=0) if late else LocalStore(self.folder)
        pools = Pools(Storage(store, Space("pools", str(self.folder))), clock=clock)
        profiles = Profiles(pools, clock=clock)
        return pools, profiles, ProfileTransfer(profiles, self.hooks)

    def content(self, profile_id):
        """What a person sees of a profile: pictures with masks and labels, in order."""
        pools, *_ = self.opened()
        count = len(pools.manifest(profile_id).pictures)
        pictures = [pools.picture(profile_id, index) for index in range(count)]
        return [(each.image, each.mask, each.record.label) for each in pictures]

    def files(self):
        """All files on the disk but the store's own, those that no service lists included."""
        return {path for path in self.folder.rglob("*") if path.is_file() and path.parent.name != ".locks"}

    def import_once(self):
        *_, transfer = self.opened()
        with self.archives[0].open("rb") as file:
            return transfer.import_(file, name="later")


class Killer:
    """Starts victims and kills them."""

    def __init__(self, house):
        self.house, self.dice, self.number = house, random.Random(7), 0
        self.journal = house.folder.parent / "journal"
        self.process = subprocess.Popen(
            [sys.executable, str(SCRIPT), str(house.folder), str(self.journal)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": PATHS},
            text=True,
        )

    def round(self):
        """One victim's life; return the ids it acknowledged, and whether it died inside an import."""
        self.journal.write_text("")
        archive = self.house.archives[self.number % 2]
        self.number += 1
        self.process.stdin.write(f"{archive}\n")
        self.process.stdin.flush()
        child = int(self.process.stdout.readline())
        while not self.journal.stat().st_size:  # the plugins are being loaded, where a kill says nothing
            time.sleep(0.001)
        time.sleep(self.dice.uniform(0, LONGEST_LIFE))
        os.kill(child, signal.SIGKILL)
        assert self.process.stdout.readline().strip() == "gone"
        lines = self.journal.read_text().splitlines()
        return {line.split()[1] for line in lines if line.startswith("done")}, lines[-1] == "begin"

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def check_what_is_visible(house, acknowledged):
    """Every acknowledged profile is there whole, at most the last one more, and of the others not a trace."""
    pools, profiles, _ = house.opened()
    registry = profiles.registry()
    made = {profile.id for profile in registry.profiles} - {house.kept.id}
    assert registry.get(house.kept.id).name == "kept"
    assert acknowledged <= made
    assert len(made - acknowledged) <= 1
    assert set(pools.ids()) <= made | {house.kept.id, "mine"}
    assert all(house.content(profile_id) == house.wanted for profile_id in made)
    check_untouched(house)
    return made


def check_untouched(house):
    assert {path: path.read_bytes() for path in house.untouched} == house.untouched


def check_collected(house, profile_ids):
    """After the next day's tidying there is no file that no profile or pool has."""
    pools, profiles, _ = house.opened(late=True)
    profiles.collect_all()
    known = {*profile_ids, house.kept.id, "mine"}
    for pool_id in known:
        pools.collect(pool_id)
    owned = {house.folder / pool_id / name for pool_id in known for name in pools.manifest(pool_id).files}
    assert house.files() == owned | {house.folder / pool_id / "manifest.json" for pool_id in known} | {
        house.folder / "profiles.json"
    }


def files_of(house, made):
    """How many files belong to what is visible."""
    pools, *_ = house.opened()
    return 1 + sum(1 + len(pools.manifest(each).files) for each in {*made, house.kept.id, "mine"})


@pytest.mark.skipif(not hasattr(os, "fork"), reason="victims are forked, which this system cannot")
@pytest.mark.timeout(3000)
def test_an_import_that_is_killed_leaves_a_whole_profile_or_nothing(tmp_path, capsys):
    house = House(tmp_path)
    killer, inside, done, left = Killer(house), 0, 0, 0
    try:
        for _ in range(ROUNDS):
            acknowledged, died_inside = killer.round()
            made = check_what_is_visible(house, acknowledged)
            left += len(house.files()) > files_of(house, made)
            later = house.import_once()
            assert house.content(later.id) == house.wanted
            check_collected(house, made | {later.id})
            check_untouched(house)
            for profile_id in made | {later.id}:
                house.opened()[1].delete(profile_id)
            inside, done = inside + died_inside, done + len(acknowledged)
    finally:
        killer.close()
        house.hooks.close()
    assert inside > ROUNDS // 2
    assert left  # else nothing was there to be collected
    with capsys.disabled():
        print(f"\n    {ROUNDS} imports killed, {left} left something; {done:,} acknowledged: 0 half made, 0 lost")
