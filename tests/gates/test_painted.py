"""Which mask a frame has when some were painted for it alone and some for all."""

from __future__ import annotations

from datasete.gates import PaintedMasks


def test_nothing_is_painted_at_first() -> None:
    assert not PaintedMasks()
    assert (PaintedMasks().at(0), PaintedMasks().size) == (None, 0)


def test_a_mask_for_all_frames_is_every_frames() -> None:
    painted = PaintedMasks().with_mask(b"all")
    assert painted
    assert [painted.at(frame) for frame in range(3)] == [b"all"] * 3


def test_a_frames_own_mask_wins_whenever_it_was_painted_after_the_one_for_all() -> None:
    painted = PaintedMasks().with_mask(b"all").with_mask(b"own", 1)
    assert [painted.at(frame) for frame in range(3)] == [b"all", b"own", b"all"]


def test_a_mask_for_all_frames_replaces_those_of_single_ones() -> None:
    painted = PaintedMasks().with_mask(b"own", 1).with_mask(b"all")
    assert [painted.at(frame) for frame in range(2)] == [b"all", b"all"]


def test_frames_that_were_not_painted_have_none() -> None:
    painted = PaintedMasks().with_mask(b"own", 1)
    assert painted
    assert [painted.at(frame) for frame in range(3)] == [None, b"own", None]


def test_a_mask_can_be_taken_away_again() -> None:
    both = PaintedMasks().with_mask(b"all").with_mask(b"own", 1)
    assert both.with_mask(None, 1).at(1) == b"all"
    assert not both.with_mask(None)
    assert both.at(1) == b"own"  # what was handed out does not change


def test_its_size_is_that_of_all_masks() -> None:
    assert PaintedMasks().with_mask(b"12345").with_mask(b"123", 0).with_mask(b"12", 0).size == 7


def test_masks_do_not_show_up_in_logs() -> None:
    assert "secret" not in repr(PaintedMasks(b"secret", {0: b"secret"}))
