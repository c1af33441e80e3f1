"""The chunks of a PNG: walked, checked, made."""

from __future__ import annotations

import io
import zlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from datasete.errors import UnreadableImage
from datasete.imaging.chunks import (
    iter_chunks,
    make_chunk,
    make_header,
    make_text_chunk,
    parse_png,
    strip_metadata,
    verify_checksums,
)

SMALL = make_header(1, 1, 0) + make_chunk(b"IDAT", zlib.compress(b"\0\0")) + make_chunk(b"IEND")


def test_chunks_come_in_order_with_their_places():
    assert [chunk.kind for chunk in iter_chunks(SMALL)] == [b"IHDR", b"IDAT", b"IEND"]
    pixels = list(iter_chunks(SMALL))[1]
    assert zlib.decompress(SMALL[pixels.start : pixels.end]) == b"\0\0"


def test_what_stands_before_a_fault_is_yielded():
    walker = iter_chunks(SMALL[:-1])
    assert [next(walker).kind, next(walker).kind] == [b"IHDR", b"IDAT"]
    with pytest.raises(UnreadableImage, match="ends early"):
        next(walker)


def test_a_chunk_is_made_of_parts():
    assert make_chunk(b"teXt", b"ab", b"", b"c") == make_chunk(b"teXt", b"abc")
    assert make_chunk(b"IEND").hex() == "0000000049454e44ae426082"


@pytest.mark.parametrize(("text", "kind"), [("plain", b"tEXt"), ("Grüße", b"iTXt"), ("顔", b"iTXt"), ("", b"tEXt")])
def test_a_text_is_found_by_others(text, kind):
    chunk = make_text_chunk("Title", text)
    assert chunk[4:8] == kind
    with Image.open(io.BytesIO(SMALL[:33] + chunk + SMALL[33:])) as image:
        assert image.text == {"Title": text}


def test_the_minimal_file_drops_what_is_not_needed(build):
    exif = build.chunk(b"eXIf", b"MM\0*")
    rich = SMALL[:33] + make_text_chunk("a", "b") + exif + build.chunk(b"acTL", bytes(8)) + SMALL[33:] + b"junk"
    png = parse_png(rich)
    assert [chunk.kind for chunk in iter_chunks(strip_metadata(rich, png))] == [b"IHDR", b"eXIf", b"IDAT", b"IEND"]


@pytest.mark.parametrize(("width", "height"), [(1, 1), (2, 3), (5, 5), (8, 8), (9, 17), (1, 100), (100, 1)])
@pytest.mark.parametrize("bits", [1, 8, 16])
def test_the_stream_of_an_interlaced_picture_is_measured_as_pillow_reads_it(width, height, bits, build):
    header = build.header(width, height, bits, 0, interlace=1)
    png = parse_png(build.file(header, build.chunk(b"IDAT", bytes(99)), build.chunk(b"IEND")))
    assert opens(build, header, png.stream_bytes)
    assert not opens(build, header, png.stream_bytes - 1)


def opens(build, header: bytes, size: int) -> bool:
    data = build.file(header, build.chunk(b"IDAT", zlib.compress(bytes(size))), build.chunk(b"IEND"))
    with Image.open(io.BytesIO(data)) as image:
        try:
            image.load()
        except OSError:
            return False
    return True


def test_checksums_of_texts_do_not_matter(build):
    data = SMALL[:33] + build.chunk(b"tEXt", b"a\0b", crc=5) + SMALL[33:]
    verify_checksums(data, parse_png(data))


@given(st.binary(max_size=300))
@example(b"")
def test_no_bytes_make_it_fail_in_another_way(noise):
    for data in (noise, SMALL[:8] + noise, SMALL[:33] + noise, SMALL[:33] + noise + SMALL[33:]):
        try:
            verify_checksums(data, parse_png(data))
        except UnreadableImage:
            continue
        assert data.startswith(SMALL[:33])
