"""Several processes at once, and processes that are killed: nothing acknowledged is lost, nothing is torn."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from scale import rounds

from datasete.config import PluginSettings
from datasete.hooks.manager import build_hooks
from datasete.plugin import Space
from datasete.pools import Pools
from datasete.pools.lifecycle import GRACE_SECONDS
from datasete.profiles import Profiles
from datasete.storage import Storage

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "tests" / "kit" / "pool_writers.py"
PATHS = os.pathsep.join([str(ROOT), str(ROOT / "plugins")])
ROUNDS = rounds(8, ci=60, campaign=500)
LONGEST_LIFE_SECONDS = 0.25
"""Seconds from a process's first word to its end, at most."""


def start(task, folder, number):
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), task, str(folder), str(number)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": PATHS},
        text=True,
    )


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "grid_pool"


@pytest.fixture
def pools(folder):
    space = Space("pools", str(folder))
    return Pools(Storage(build_hooks(PluginSettings()).open_store(space), space))


def killed(task, folder, number):
    """Run a task, kill it at a random moment; return the words of each line that it had said whole."""
    process = start(task, folder, number)
    with process:
        first = process.stdout.readline()
        time.sleep(random.uniform(0, LONGEST_LIFE_SECONDS))
        process.kill()
        rest = process.stdout.read()
    lines = (first + rest).splitlines(keepends=True)
    return [line.split() for line in lines if line.endswith("\n")]


def a_day_later():
    """The clock of services to which everything that crashes left behind is a day old."""
    return time.time() + GRACE_SECONDS + 60


def later(pools):
    return Pools(pools.storage, clock=a_day_later)


def test_the_writers_do_not_import_torch():
    code = "import sys, runpy; runpy.run_path(sys.argv[1], run_name='x'); print('torch' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": PATHS}
    shown = subprocess.check_output([sys.executable, "-c", code, str(SCRIPT)], env=environment, text=True)
    assert shown.strip() == "False"


@pytest.mark.timeout(600)
def test_eight_processes_with_fifty_edits_each_lose_none(folder, pools):
    processes = [start("fifty", folder, number) for number in range(8)]
    try:
        answers = [process.communicate(timeout=200)[0].strip() for process in processes]
    finally:
        for process in processes:
            process.kill()
    manifest = pools.manifest("shared")
    assert manifest.revision + sum(int(answer) for answer in answers) == 400
    assert sorted(picture.label for picture in manifest.pictures) == sorted(
        f"{number}.{step} named" for number in range(8) for step in range(0, 10, 2)
    )
    assert len(manifest.trash) == 40
    assert all(picture.mask for picture in manifest.pictures)
    for number in range(8):  # each moved its pictures in front of its own first one
        mine = [picture.label for picture in manifest.pictures if picture.label.startswith(f"{number}.")]
        assert mine == [f"{number}.{step} named" for step in (2, 4, 6, 8, 0)]


@pytest.mark.timeout(3000)
def test_processes_killed_while_they_edit_lose_and_tear_nothing(folder, pools):
    said = [line for number in range(ROUNDS) for line in killed("edits", folder, number)]
    expected = {name: kind for kind, name in said}
    manifest = pools.manifest("shared")
    there = {picture.image for picture in manifest.pictures}
    removed = {entry.picture.image for entry in manifest.trash}
    lost = [name for name, kind in expected.items() if name not in there | (removed if kind == "removed" else set())]
    # a removal may have been committed and not yet been said
    unsaid = [name for name in lost if name in removed]
    assert len(unsaid) <= ROUNDS
    assert set(lost) == set(unsaid)
    assert all(pools.picture("shared", index).mask for index in range(len(manifest.pictures)))
    later(pools).collect("shared")
    files = {entry.key for entry in pools.storage.entries()}
    assert files == {f"shared/{name}" for name in manifest.files} | {"shared/manifest.json"}
    print(f"pool edits: {ROUNDS} kills, {len(expected)} acknowledged, 0 lost, 0 torn")


@pytest.mark.timeout(3000)
def test_processes_killed_while_they_make_and_delete_profiles_leave_whole_ones_or_nothing(folder, pools):
    there, going, gone = {}, set(), set()
    for number in range(ROUNDS):
        for kind, profile_id, *count in killed("profiles", folder, number):
            if kind == "there":
                there[profile_id] = int(count[0])
            else:
                (going if kind == "going" else gone).add(profile_id)
    profiles = Profiles(later(pools), clock=a_day_later)
    profiles.collect_all()
    registry = profiles.registry()
    known = {profile.id for profile in registry.profiles}
    assert set(there) - going <= known
    assert not gone & known
    assert registry.deleted == ()
    for profile in registry.profiles:
        manifest = pools.manifest(profile.id)
        assert len(manifest.pictures) >= there.get(profile.id, 0)
        assert all(pools.picture(profile.id, index) for index in range(len(manifest.pictures)))
    folders = {entry.key.partition("/")[0] for entry in pools.storage.entries() if "/" in entry.key}
    assert folders == known
    print(f"profiles: {ROUNDS} kills, {len(there)} acknowledged, 0 lost, 0 half made")
