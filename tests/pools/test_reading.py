"""What is read from pools: manifests, pictures, files and thumbnails."""

import pytest

from datasete.errors import CorruptData, InvalidInput, NotFound, StoreUnavailable
from datasete.pools import Pools, Upload, commands, view
from datasete.storage import Storage


def test_a_pool_that_does_not_exist_is_empty(pools):
    assert view(pools.manifest("default")) == {
        "active": 0,
        "slots": [],
        "next_seq": 1,
        "revision": 0,
        "count": 0,
        "offset": 0,
        "removed": 0,
    }
    assert pools.picture("default", -1) is None
    assert not pools.exists("default")


def test_a_store_that_stays_away_is_an_error_never_an_empty_pool(storage):
    class Gone:
        capabilities = storage.capabilities

        def read(self, keys):
            raise ConnectionRefusedError("no")

    gone = Pools(Storage(Gone(), storage.space, deadline=0.01))
    with pytest.raises(StoreUnavailable):
        gone.manifest("p")
    with pytest.raises(StoreUnavailable):
        gone.picture("p", 0)


@pytest.mark.parametrize("index", [-1, 0, 1, 5])
def test_a_run_gets_the_active_picture_or_the_one_at_the_index(pools, fill, make_picture, index):
    names = fill("p", 3)
    pools.edit("p", commands.activate(names[1]))
    index = {-1: 1, 0: 0, 1: 1, 5: 2}[index]
    found = pools.picture("p", index)
    assert (found.index, found.record.label, found.image, found.mask) == (index, str(index), make_picture(index), None)


def test_a_missing_file_is_named_and_the_others_still_work(pools, fill, storage):
    names = fill("p", 2)
    storage.delete(f"p/{names[0]}")
    with pytest.raises(CorruptData, match=f"{names[0]}” in the pool “p” is missing"):
        pools.picture("p", 0)
    assert pools.picture("p", 1)


@pytest.mark.parametrize("name", ["img_0002.png", "manifest.json", "../p/img_0001.png", "", ".pending"])
def test_only_files_of_the_manifest_are_handed_out(pools, fill, name, storage):
    fill("p", 1)
    storage.write("p/img_0002.png", b"not in the manifest")
    with pytest.raises(NotFound):
        pools.file("p", name)


def test_a_thumbnail_is_small_and_made_once(spied, spy, make_picture):
    spied.add("p", [Upload(make_picture(3, size=(400, 300)))])
    first, kind = spied.thumbnail("p", "img_0001.png", 64)
    assert kind in {"image/jpeg", "image/webp"}
    assert spied.thumbnail("p", "img_0001.png", 64)[0] is first
    with pytest.raises(NotFound):
        spied.thumbnail("p", "img_0002.png", 64)


@pytest.mark.parametrize(("index", "kind"), [(3, NotFound), (-1, NotFound), ("0", InvalidInput), (True, InvalidInput)])
def test_an_index_names_a_picture_that_is_there(pools, fill, index, kind):
    names = fill("p", 3)
    assert pools.name_at("p", 2) == names[2]
    with pytest.raises(kind):
        pools.name_at("p", index)
