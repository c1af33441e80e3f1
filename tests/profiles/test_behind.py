"""Files that begin their way to the disk while they are being written."""

import io
import os

import pytest

from datasete.profiles.streaming import SYNC_EVERY_BYTES, background_write
from datasete.testing.packing import ForwardSink

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
        with (tmp_path / "file").open("wb", buffering=0) as file, background_write(file) as sink:
            os.dup2(writing, file.fileno())
            sink.write(b"")
            sink._waiting = SYNC_EVERY_BYTES  # a pipe does not take so much
            sink.write(b"")

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
