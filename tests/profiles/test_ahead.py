"""Reading one file ahead."""

import threading

import pytest

from datasete.profiles.streaming import MAX_PREFETCH_BYTES, Prefetcher

NAMES = ["a", "b", "c"]


class Files:
    def __init__(self):
        self.read = []
        self.seen = threading.Event()

    def __call__(self, name):
        self.read.append(name)
        if name == "b":
            self.seen.set()
        if name == "gone":
            raise LookupError(name)
        return name.encode()


@pytest.fixture
def files():
    return Files()


def ahead(files, names=NAMES, size=1):
    return Prefetcher(files, names, dict.fromkeys(names, size))


def test_the_next_file_is_read_before_it_is_asked_for(files):
    reading = ahead(files)
    assert reading.take("a") == b"a"
    assert files.seen.wait(10)
    assert [reading.take(name) for name in "bc"] == [b"b", b"c"]
    reading.close()
    assert files.read == NAMES


def test_another_order_gives_the_right_bytes(files):
    reading = ahead(files)
    assert [reading.take(name) for name in "cabbaxc"] == [name.encode() for name in "cabbaxc"]
    reading.close()


@pytest.mark.parametrize("sizes", [{}, {"b": MAX_PREFETCH_BYTES + 1}])
def test_what_is_large_or_unknown_waits_until_it_is_asked_for(files, sizes):
    reading = Prefetcher(files, NAMES, sizes)
    reading.take("a")
    reading.close()
    assert files.read == ["a"]


def test_a_fault_is_raised_where_the_file_is_asked_for(files):
    reading = ahead(files, ["a", "gone", "b"])
    assert reading.take("a") == b"a"
    with pytest.raises(LookupError):
        reading.take("gone")
    assert reading.take("b") == b"b"
    reading.close()
