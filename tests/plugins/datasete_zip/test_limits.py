"""Archives at their limits: what is exactly at one is read, and what is over it by one is refused."""

import io
import zlib

import pytest
from archives import zipped

from datasete.plugin import PackingLimits, TooLarge, UnreadableArchive
from datasete_zip.archive import MAX_NAME_CHARACTERS, opened

FREE = PackingLimits(entries=1000, ratio=100_000, item_bytes=10**9)


def names(files, limits=FREE):
    with opened(io.BytesIO(zipped(files)), limits) as archive:
        return archive.names


def deflated(size):
    """The bytes that zip needs for so many zeros."""
    packer = zlib.compressobj(-1, zlib.DEFLATED, -15)
    return len(packer.compress(b"0" * size) + packer.flush())


def test_a_name_may_have_as_many_characters_as_the_limit_and_no_more():
    longest = "x" * (MAX_NAME_CHARACTERS - 4) + ".png"
    assert names({longest: b"1"}) == (longest,)
    with pytest.raises(UnreadableArchive, match="cannot be a name"):
        names({f"x{longest}": b"1"})


def test_a_file_may_grow_to_the_ratio_and_no_further():
    size = next(size for size in range(5000, 50_000) if size % deflated(size) == 0)
    ratio = size // deflated(size)
    files = {"a.png": b"0" * size}
    assert names(files, PackingLimits(entries=9, ratio=ratio, item_bytes=10**9)) == ("a.png",)
    with pytest.raises(TooLarge, match=f"at most {ratio - 1} times"):
        names(files, PackingLimits(entries=9, ratio=ratio - 1, item_bytes=10**9))


def test_as_many_files_as_the_limit_are_read_and_no_more():
    files = {f"{number}.png": b"1" for number in range(5)}
    assert len(names(files, PackingLimits(entries=5, ratio=9, item_bytes=9))) == 5
    with pytest.raises(TooLarge, match="more than 4 files"):
        names(files, PackingLimits(entries=4, ratio=9, item_bytes=9))


def test_files_may_fill_the_free_room_and_no_more():
    files = {"a.png": b"12345", "b.png": b"67890"}
    assert len(names(files, PackingLimits(entries=9, ratio=9, item_bytes=9, free_bytes=10))) == 2
    with pytest.raises(TooLarge, match="there is room for"):
        names(files, PackingLimits(entries=9, ratio=9, item_bytes=9, free_bytes=9))


def test_one_file_may_have_as_many_bytes_as_the_limit_and_no_more():
    limits = PackingLimits(entries=9, ratio=9, item_bytes=5)
    with opened(io.BytesIO(zipped({"a.png": b"12345", "b.png": b"123456"})), limits) as archive:
        assert archive.open("a.png").read() == b"12345"
        with pytest.raises(TooLarge, match=r"“b\.png” has"):
            archive.open("b.png")
