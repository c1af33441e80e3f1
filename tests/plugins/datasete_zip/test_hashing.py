"""Checksums that are computed beside the writing."""

import hashlib
import io

import pytest

from datasete.testing.packing import ForwardSink
from datasete_zip.hashing import CHUNK_BYTES, MAX_WAITING_CHUNKS, Hashing
from datasete_zip.writing import writing


def test_files_that_are_summed_side_by_side_get_their_own_sums():
    files = [[bytes([number, part]) * 50_000 for part in range(2 * MAX_WAITING_CHUNKS)] for number in range(5)]
    sums, ends = Hashing(), []
    for chunks in files:
        one = sums.begin()
        for chunk in chunks:
            one.update(chunk)
        ends.append(one.end())
    assert [end.result() for end in ends] == [hashlib.sha256(b"".join(chunks)).hexdigest() for chunks in files]
    sums.close()


def test_a_writer_knows_the_sums_of_large_empty_and_small_files():
    large = bytes(range(256)) * (3 * CHUNK_BYTES // 256) + b"rest"
    with writing(ForwardSink(), checksums=True) as writer:
        writer.copy("large", io.BytesIO(large))
        writer.copy("empty", io.BytesIO())
        writer.write("small", b"text")
        known = writer.checksums
    wanted = {"large": large, "empty": b"", "small": b"text"}
    assert known == {name: hashlib.sha256(data).hexdigest() for name, data in wanted.items()}
    assert writer.bytes == len(large)


def test_a_writer_that_nobody_asks_for_sums_writes_the_same():
    plain, summed = ForwardSink(), ForwardSink()
    for sink, is_summed in ((plain, False), (summed, True)):
        with writing(sink, checksums=is_summed) as writer:
            writer.copy("large", io.BytesIO(bytes(3 * CHUNK_BYTES)), added=1)
            known = writer.checksums
        assert bool(known) == is_summed
    assert plain.data == summed.data


def test_a_writer_that_is_given_up_leaves_no_zip():
    sink = ForwardSink()

    def write():
        with writing(sink) as writer:
            writer.copy("one", io.BytesIO(b"1"))
            raise LookupError

    with pytest.raises(LookupError):
        write()
    assert b"PK\3\4" in bytes(sink.data)
    assert b"PK\1\2" not in bytes(sink.data)
