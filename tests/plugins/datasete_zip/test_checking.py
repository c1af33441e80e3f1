"""Files that are held to a checksum behind their reader's back."""

import hashlib
import io

import pytest

from datasete.plugin import UnreadableArchive
from datasete_zip.checking import checking
from datasete_zip.hashing import CHUNK_BYTES

LARGE = bytes(range(256)) * (2 * CHUNK_BYTES // 256) + b"rest"


@pytest.fixture
def checks():
    with checking() as made:
        yield made


def watched(checks, data, name="a", *, of=None):
    return checks.watch(io.BytesIO(data), name, hashlib.sha256(data if of is None else of).hexdigest())


@pytest.mark.parametrize("size", [-1, 1000, len(LARGE), len(LARGE) + 1])
def test_what_has_its_checksum_is_read_as_it_is(checks, size):
    with watched(checks, LARGE) as file:
        assert b"".join(iter(lambda: file.read(size), b"")) == LARGE
    checks.settle()


def test_buffers_are_filled_as_well(checks):
    buffer = bytearray(7)
    file = watched(checks, b"eight by", of=b"not that")
    assert file.readinto(buffer) == 7
    assert bytes(buffer) == b"eight b"
    assert file.readinto(buffer) == 1
    with pytest.raises(UnreadableArchive, match="“a” in it does not have its checksum"):
        checks.settle()


def test_the_first_that_has_another_one_is_named(checks):
    for name, of in (("sound", LARGE), ("first", b"another"), ("second", b"another")):
        watched(checks, LARGE, name, of=of).read()
    with pytest.raises(UnreadableArchive, match="“first” in it does not have its checksum"):
        checks.settle()


def test_it_is_told_while_others_are_still_to_come(checks):
    watched(checks, LARGE, "bad", of=b"another").read()

    def go_on():
        for _ in range(50):
            watched(checks, LARGE, "next").read()

    with pytest.raises(UnreadableArchive, match="“bad”"):
        go_on()


def test_an_empty_file_has_a_checksum_too(checks):
    assert watched(checks, b"", of=b"something").read() == b""
    with pytest.raises(UnreadableArchive):
        checks.settle()


def test_what_is_not_read_to_its_end_is_not_judged(checks):
    with watched(checks, LARGE, of=b"another") as file:
        assert file.read(10) == LARGE[:10]
    checks.settle()
