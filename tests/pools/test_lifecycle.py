"""What is removed for good, and when."""

import time

import pytest

from datasete.errors import CorruptData
from datasete.pools import Upload
from datasete.pools.lifecycle import GRACE_SECONDS, TRASH_SECONDS, GarbageCollector, collect, collect_all, create_pool


def keys(storage):
    return {entry.key for entry in storage.entries()}


def later(seconds=GRACE_SECONDS + 60):
    return time.time() + seconds


def test_an_unused_file_goes_after_the_grace_and_not_before(storage, fill, make_picture):
    fill("p", 1)
    storage.write("p/img_0009.png", make_picture(9))
    storage.write("p/img_0009.mask-0a1b2c3d.png", make_picture(9))
    assert collect(storage, "p", later(GRACE_SECONDS - 60)) == 0
    assert collect(storage, "p", later()) == 2
    assert keys(storage) == {"p/manifest.json", "p/img_0001.png"}


def test_files_of_strangers_and_of_other_pools_stay(storage, fill):
    fill("p", 1)
    for name in ("notes.txt", "img_1.png", "cat.png", "manifest-corrupt-1.json"):
        storage.write(f"p/{name}", b"x")
    for pool_id in ("q", "p2"):
        storage.write(f"{pool_id}/img_0009.png", b"x")
    assert collect(storage, "p", later()) == 0


def test_a_removed_picture_stays_while_it_can_be_undone(pools, storage, fill, clock):
    names = fill("p", 2)
    pools.remove("p", [names[0]])
    assert collect(storage, "p", later()) == 0
    clock.now += TRASH_SECONDS + 1
    fill("p", 1)  # any edit forgets what is too old
    assert collect(storage, "p", later()) == 1
    assert f"p/{names[0]}" not in keys(storage)


def test_a_replaced_mask_goes(pools, storage, fill, make_picture):
    (name,) = fill("p", 1)
    old = pools.set_mask("p", name, make_picture(1)).pictures[0].mask
    pools.set_mask("p", name, make_picture(2))
    assert collect(storage, "p", later()) == 1
    assert f"p/{old}" not in keys(storage)


def test_a_pool_whose_manifest_is_lost_or_corrupt_keeps_everything(storage, fill):
    fill("p", 2)
    storage.write("p/manifest.json", b"?")
    before = keys(storage)
    with pytest.raises(CorruptData):
        collect(storage, "p", later())
    storage.delete("p/manifest.json")
    assert collect(storage, "p", later()) == 0
    assert keys(storage) == before - {"p/manifest.json"}


crashed = []


def crash(storage, purpose, *, manifest):
    """What a process leaves behind that dies inside `create_pool`."""
    making = create_pool(storage, purpose)
    pool_id = making.__enter__()
    storage.write(f"{pool_id}/img_0001.png", b"x")
    if manifest:
        storage.write(f"{pool_id}/manifest.json", b"{}")
    crashed.append(making)  # never resumed, nor closed
    return pool_id


@pytest.mark.parametrize(
    ("purpose", "manifest", "registered", "stays"),
    [
        ("pool", False, False, False),
        ("pool", True, False, True),
        ("profile", False, False, False),
        ("profile", True, False, False),
        ("profile", True, True, True),
    ],
)
def test_what_a_crash_left_of_a_pool_in_the_making_is_collected(storage, fill, purpose, manifest, registered, stays):
    fill("p", 1)
    before = keys(storage)
    pool_id = crash(storage, purpose, manifest=manifest)
    profiles = {pool_id} if registered else set()
    assert collect_all(storage, profiles, later(GRACE_SECONDS - 60)) == []
    assert collect_all(storage, profiles, later()) == ([] if stays else [pool_id])
    left = {f"{pool_id}/img_0001.png", f"{pool_id}/manifest.json"} if stays else set()
    assert keys(storage) == before | left


def test_a_mark_that_is_not_ours_protects_its_folder(storage):
    storage.write("p/.pending", b"\xff")
    storage.write("p/img_0001.png", b"x")
    assert collect_all(storage, set(), later()) == []
    assert "p/img_0001.png" in keys(storage)


def test_a_pool_that_fails_in_the_making_leaves_nothing(storage):
    def fail():
        with create_pool(storage, "pool") as pool_id:
            storage.write(f"{pool_id}/img_0001.png", b"x")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert keys(storage) == set()


def test_a_pool_is_collected_at_most_once_in_a_while():
    now, seen = [0.0], []
    collector = GarbageCollector(seen.append, every=10, clock=lambda: now[0])
    for moment in (0, 5, 9, 10, 11, 21):
        now[0] = float(moment)
        collector.schedule("p")
    collector.schedule("q")
    collector.close()
    assert len(seen) <= 4
    assert set(seen) <= {"p", "q"}


@pytest.mark.parametrize(
    ("fault", "said"),
    [(CorruptData("The list cannot be read."), "postponed. The list cannot be read."), (KeyError("x"), "Traceback")],
)
def test_a_collection_that_fails_is_logged_and_others_follow(caplog, fault, said):
    def fail(pool_id):
        raise fault

    collector = GarbageCollector(fail, every=0)
    collector.schedule("p")
    assert collector.wait()
    collector.close()
    assert "Cleaning up" in caplog.text
    assert said in caplog.text
    assert ("Traceback" in caplog.text) == (said == "Traceback")


def test_a_removal_schedules_a_collection(storage, make_picture):
    from datasete.pools import Pools

    pools = Pools(storage, collect_every=0)
    pools.add("p", [Upload(make_picture(1)), Upload(make_picture(2))])
    pools.remove("p", ["img_0001.png"])
    assert pools.collector.wait()
    pools.close()
    assert len(pools.manifest("p").trash) == 1
