"""Prefetching files, and syncing them while they are being written."""

import io
import os
import threading

import pytest

from datasete.profiles.streaming import MAX_PREFETCH_BYTES, SYNC_EVERY_BYTES, Prefetcher, background_write
from datasete.testing.packing import ForwardSink

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


CHUNK = b"x" * (SYNC_EVERY_BYTES // 2)


def test_all_that_is_written_arrives_in_order(tmp_path):
    path = tmp_path / "file"
    pieces = [bytes([number]) * (SYNC_EVERY_BYTES // 3) for number in range(8)]
    with path.open("wb") as file, background_write(file) as sink:
        assert [sink.write(piece) for piece in pieces] == [len(piece) for piece in pieces]
        sink.flush()
    assert path.read_bytes() == b"".join(pieces)


@pytest.mark.parametrize("make", [ForwardSink, io.BytesIO], ids=["a sink", "bytes in memory"])
def test_what_is_no_file_of_the_disk_is_written_as_it_is(make):
    kept = make()
    with background_write(kept) as sink:
        assert sink is kept


def test_a_pipe_is_written_as_it_is():
    reading, writing = os.pipe()
    with open(reading, "rb"), open(writing, "wb") as pipe, background_write(pipe) as sink:
        assert sink is pipe


def test_what_the_disk_refuses_meanwhile_is_raised(tmp_path):
    reading, writing = os.pipe()  # which cannot be synced

    def write():
        with (tmp_path / "file").open("wb", buffering=0) as file, background_write(file, sync_every=1) as sink:
            os.dup2(writing, file.fileno())
            sink.write(b"x")

    with open(reading, "rb"), open(writing, "wb"), pytest.raises(OSError, match="nvalid"):
        write()


def test_a_fault_of_the_writer_passes_through(tmp_path):
    def write():
        with (tmp_path / "file").open("wb") as file, background_write(file) as sink:
            sink.write(CHUNK)
            sink.write(CHUNK)
            raise LookupError

    with pytest.raises(LookupError):
        write()
