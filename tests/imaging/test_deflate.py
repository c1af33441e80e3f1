"""Deflate in pieces, with either engine."""

from __future__ import annotations

import sys
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasete.errors import UnreadableImage
from datasete.imaging.deflate import CODEC, FINAL_BLOCK, ZLIB, find_codec, join_adler32

NOISE = np.random.default_rng(1).integers(0, 4, 300_000, dtype=np.uint8).tobytes()
CODECS = pytest.mark.parametrize("codec", [CODEC, ZLIB], ids=lambda codec: codec.name)


def stream(*parts: bytes) -> bytes:
    return b"\x78\x01" + b"".join(parts) + FINAL_BLOCK


@CODECS
def test_pieces_join_to_a_stream_that_zlib_reads(codec):
    parts = [NOISE[:100_000], b"", NOISE[100_000:]]
    joined = stream(*(codec.compress(part) for part in parts)) + zlib.adler32(NOISE).to_bytes(4, "big")
    assert zlib.decompress(joined) == NOISE


@CODECS
@pytest.mark.parametrize("data", [b"", b"a", bytes(1 << 20), NOISE])
def test_a_piece_ends_with_the_mark_and_unpacks_by_itself(codec, data):
    piece = codec.compress(data)
    assert piece.endswith(b"\x00\x00\xff\xff")
    assert CODEC.decompress(piece, len(data)) == data
    assert ZLIB.decompress(piece, len(data)) == data


@CODECS
@pytest.mark.parametrize("size", [0, 1, len(NOISE) - 1, len(NOISE) + 1, 10**9])
def test_a_piece_of_another_size_is_none(codec, size):
    assert codec.decompress(codec.compress(NOISE), size) is None


@CODECS
@pytest.mark.parametrize("piece", [b"\xff" * 50, b"\x07", NOISE[:100]])
def test_a_damaged_piece_is_none(codec, piece):
    assert codec.decompress(piece, 10) is None


@CODECS
def test_a_piece_that_refers_to_what_came_before_is_none(codec):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packer.compress(NOISE[:5000])
    packer.flush(zlib.Z_SYNC_FLUSH)
    depends = packer.compress(NOISE[:5000]) + packer.flush(zlib.Z_SYNC_FLUSH)
    assert codec.decompress(depends, 5000) is None


@CODECS
@pytest.mark.parametrize("size", [0, 1, 70_000, 5 << 20])
@pytest.mark.parametrize("cut", [1, 7, 1 << 16, 1 << 30])
def test_a_sound_stream_passes_however_it_is_cut(codec, size, cut):
    data = zlib.compress(NOISE[:1000] * (size // 1000) + bytes(size % 1000))
    cut = max(cut, len(data) // 5000)
    codec.check_stream([data[start : start + cut] for start in range(0, len(data), cut)], size)


@CODECS
def test_a_stream_that_packs_a_great_deal_into_little_passes(codec):
    data = bytes(9_438_336)  # an empty mask as a browser writes it
    codec.check_stream([zlib.compress(data)], len(data))


@CODECS
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda data: data[:-1], "ends in the middle"),
        (lambda data: data[: len(data) // 2], "ends in the middle"),
        (lambda data: b"", "ends in the middle"),
        (lambda data: data[:-1] + bytes([data[-1] ^ 1]), "cannot be unpacked"),
        (lambda data: b"\0" + data, "cannot be unpacked"),
        (lambda data: zlib.compress(NOISE + b"x"), "more pixels than it declares"),
        (lambda data: zlib.compress(bytes(40 << 20)), "more pixels than it declares"),
        (lambda data: zlib.compress(NOISE[:-1]), "ends in the middle"),
    ],
)
def test_an_unsound_stream_is_refused(codec, change, reason):
    with pytest.raises(UnreadableImage, match=reason):
        codec.check_stream([change(zlib.compress(NOISE))], len(NOISE))


@given(st.binary(max_size=9000), st.binary(max_size=9000))
def test_checksums_join(first, second):
    expected = zlib.adler32(first + second)
    assert join_adler32(zlib.adler32(first), zlib.adler32(second), len(second)) == expected
    assert join_adler32(CODEC.adler32(first), CODEC.adler32(second), len(second)) == expected


def test_checksums_of_many_bytes_join():
    first, second = b"\xff" * 1_000_000, b"\xfe" * 3_000_000
    assert join_adler32(zlib.adler32(first), zlib.adler32(second), len(second)) == zlib.adler32(first + second)


def test_isa_l_is_taken_where_it_is_installed():
    pytest.importorskip("isal", reason="no isal wheel for this processor")
    assert find_codec().name == "ISA-L"
    assert sys.modules["isal.isal_zlib"] is find_codec().engine
