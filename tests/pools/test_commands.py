"""Edits as pure functions."""

import pytest

from datasete.errors import Conflict, InvalidInput, NotFound
from datasete.pools import commands
from datasete.pools.manifest import Manifest, Picture


def pool(text, active=0, **more):
    return Manifest(pictures=tuple(Picture(letter) for letter in text), active=active, next_seq=len(text) + 1, **more)


def shown(manifest):
    """The pictures in order; the active one in upper case."""
    active = manifest.active_image
    return "".join(s.image.upper() if s.image == active else s.image for s in manifest.pictures)


def test_added_pictures_come_last_and_leave_the_active_one_alone():
    after = commands.add([Picture("d"), Picture("e")], 6)(pool("abc", 1))
    assert shown(after) == "aBcde"
    assert after.next_seq == 6


def test_next_seq_never_shrinks():
    assert commands.add([Picture("d")], 2)(pool("abc")).next_seq == 4


def test_the_first_picture_of_a_pool_is_active():
    assert shown(commands.add([Picture("a"), Picture("b")], 3)(pool(""))) == "Ab"


@pytest.mark.parametrize(
    ("active", "gone", "left"),
    [(0, "b", "Ac"), (1, "a", "Bc"), (1, "b", "aC"), (2, "c", "aB"), (2, "ab", "C"), (1, "abc", ""), (1, "bc", "A")],
)
def test_removing_keeps_the_active_picture_or_gives_its_place_to_the_next(active, gone, left):
    assert shown(commands.remove(gone, "op", 1.0)(pool("abc", active))) == left


@pytest.mark.parametrize("active", [0, 1, 2, 3])
@pytest.mark.parametrize("gone", ["a", "d", "bc", "ad", "abcd", "cab"])
def test_undo_brings_a_removal_back_exactly(active, gone):
    before = pool("abcd", active)
    after = commands.restore()(commands.remove(gone, "op", 1.0)(before))
    assert after == before


def test_undo_goes_removal_by_removal_latest_first():
    left = commands.remove("b", "2", 2.0)(commands.remove("ca", "1", 1.0)(pool("abcd")))
    assert shown(left) == "D"
    once = commands.restore()(left)
    assert shown(once) == "Bd"
    assert shown(commands.restore()(once)) == "Abcd"


def test_undo_does_not_take_activity_from_a_picture_that_was_chosen_since():
    left = commands.activate("c")(commands.remove("a", "op", 1.0)(pool("abc")))
    assert shown(commands.restore()(left)) == "abC"


def test_undo_puts_a_picture_behind_the_last_when_its_place_is_gone():
    left = commands.remove("ab", "2", 2.0)(commands.remove("d", "1", 1.0)(pool("abcd")))
    assert shown(commands.restore()(commands.expire(0)(left))) == "Abc"
    assert [s.image for s in commands.restore()(commands.restore()(left)).pictures] == list("abcd")


def test_undo_takes_back_the_removal_that_is_named():
    left = commands.remove("a", "first", 1.0)(pool("abcd"))
    left = commands.remove("c", "second", 2.0)(left)
    assert shown(commands.restore("first")(left)) == "Abd"
    with pytest.raises(NotFound, match="has no removal to undo"):
        commands.restore("third")(left)


def test_nothing_to_undo_is_said():
    with pytest.raises(NotFound, match="has no removal to undo"):
        commands.restore()(pool("a"))


def test_removing_one_that_is_gone_removes_none():
    with pytest.raises(NotFound, match="not in this pool any more"):
        commands.remove("bx", "op", 1.0)(pool("abc"))


def test_a_permutation_reorders_and_the_active_picture_stays_active():
    assert shown(commands.reorder([2, 0, 1])(pool("abc", 1))) == "caB"


@pytest.mark.parametrize("order", [[0, 0], [1], [0, 2], [-1, 0]])
def test_what_is_no_permutation_is_refused(order):
    with pytest.raises(InvalidInput, match="exactly once"):
        commands.reorder(order)


def test_a_permutation_of_another_number_of_pictures_is_a_conflict():
    with pytest.raises(Conflict, match="for 2 pictures, and the pool has 3 now"):
        commands.reorder([1, 0])(pool("abc"))


def test_an_order_by_names_leaves_newcomers_behind():
    assert shown(commands.arrange("ca")(pool("abcd", 0))) == "cAbd"
    with pytest.raises(InvalidInput, match="once"):
        commands.arrange("aa")(pool("ab"))


@pytest.mark.parametrize(
    ("images", "before", "after"),
    [
        ("c", "a", "cAb"),
        ("a", "c", "bAc"),
        ("a", None, "bcA"),
        ("ca", "b", "cAb"),
        ("ab", "b", "Abc"),
        ("b", "b", "Abc"),
    ],
)
def test_moving_puts_pictures_in_front_of_another(images, before, after):
    assert shown(commands.move(images, before)(pool("abc"))) == after


@pytest.mark.parametrize("call", [lambda: commands.move("x", "a"), lambda: commands.move("a", "x")])
def test_moving_what_is_not_there_is_said(call):
    with pytest.raises(NotFound):
        call()(pool("abc"))


def test_labels_masks_and_activity_change_one_picture():
    manifest = commands.set_mask("b", "m")(commands.label("a", "Été 🌞")(commands.activate("b")(pool("abc"))))
    assert [(s.image, s.label, s.mask) for s in manifest.pictures] == [
        ("a", "Été 🌞", None),
        ("b", "", "m"),
        ("c", "", None),
    ]
    assert manifest.active == 1


@pytest.mark.parametrize(
    "command",
    [
        commands.add([], 9),
        commands.remove([], "op", 1.0),
        commands.reorder([0, 1, 2]),
        commands.arrange("ab"),
        commands.move("a", "b"),
        commands.label("a", ""),
        commands.set_mask("a", None),
        commands.activate("a"),
        commands.expire(5.0),
    ],
)
def test_a_command_that_changes_nothing_returns_the_very_manifest(command):
    manifest = pool("abc")
    assert command(manifest) is manifest


@pytest.mark.parametrize("text", [None, 3, "x" * 10_001, "a\0b", "\ud800"])
def test_a_label_that_cannot_be_stored_is_refused(text):
    with pytest.raises(InvalidInput, match="label"):
        commands.label("a", text)


def test_the_trash_forgets_what_is_old():
    left = commands.remove("c", "2", 20.0)(commands.remove("a", "1", 10.0)(pool("abc")))
    assert [removed.picture.image for removed in commands.expire(15.0)(left).trash] == ["c"]


def test_many_at_once_are_the_same_as_few():
    letters = "abcdefghijklmnopqrstuvwxyz"
    assert shown(commands.move(letters[5:20], "a")(pool(letters))) == letters[5:20] + "Abcde" + letters[20:]
    with pytest.raises(NotFound):
        commands.remove([*letters[:10], "?"], "op", 1.0)(pool(letters))
