"""Who looks at a pool hears of every change, and of nothing else; what was removed long ago is forgotten on the way."""

from datasete.errors import CorruptData
from datasete.pools import Upload, commands
from datasete.pools.layout import pool_key
from datasete.pools.lifecycle import TRASH_SECONDS

import pytest  # isort: skip


def test_every_edit_is_heard_of_with_its_revision(pools, changes, make_picture):
    pools.add("p", [Upload(make_picture(1)), Upload(make_picture(2))])
    first, second = (picture.image for picture in pools.manifest("p").pictures)
    pools.edit("p", commands.label(first, "one"))
    pools.remove("p", [second], "removal")
    pools.undo("p")
    assert changes == [("p", 1), ("p", 2), ("p", 3), ("p", 4)]


def test_an_edit_without_effect_is_not_heard_of(pools, changes, make_picture):
    pools.add("p", [Upload(make_picture(1))])
    image = pools.manifest("p").pictures[0].image
    pools.edit("p", commands.activate(image))
    pools.edit("p", commands.label(image, ""))
    assert changes == [("p", 1)]


def test_an_edit_that_forgets_an_old_removal_is_heard_of(pools, changes, clock, make_picture):
    pools.add("p", [Upload(make_picture(1)), Upload(make_picture(2))])
    kept, gone = (picture.image for picture in pools.manifest("p").pictures)
    pools.remove("p", [gone], "removal")
    clock.now += TRASH_SECONDS + 1
    manifest = pools.edit("p", commands.label(kept, "later"))
    assert (manifest.trash, changes[-1]) == ((), ("p", manifest.revision))


def test_a_removal_can_be_undone_to_the_last_second_of_its_week(pools, clock, make_picture):
    pools.add("p", [Upload(make_picture(1)), Upload(make_picture(2))])
    kept, gone = (picture.image for picture in pools.manifest("p").pictures)
    pools.remove("p", [gone], "removal")
    clock.now += TRASH_SECONDS
    assert [removed.picture.image for removed in pools.edit("p", commands.label(kept, "in time")).trash] == [gone]
    assert len(pools.undo("p").pictures) == 2


def test_a_copy_a_removal_and_a_rebuild_are_heard_of(pools, storage, changes, make_picture):
    pools.add("p", [Upload(make_picture(1))])
    pools.append("p", "q")
    storage.write(pool_key("q"), b"no manifest")
    with pytest.raises(CorruptData):
        pools.manifest("q")
    rebuilt = pools.rebuild("q")
    pools.delete("p")
    assert changes == [("p", 1), ("q", 1), ("q", rebuilt.revision), ("p", 0)]
