"""What captions say, in whatever encoding they were written."""

import contextlib
import os

import pytest
from caption_cases import ENCODED, NOT_TEXT
from hypothesis import given
from hypothesis import strategies as st

from datasete.errors import InvalidInput, TooLarge
from datasete.sidecars.text import MAX_CAPTION_BYTES, read_caption


@pytest.mark.parametrize(("encoding", "text"), ENCODED)
def test_a_caption_is_read_as_it_was_written(encoding, text):
    assert read_caption(f"{text}\r\n".encode(encoding)) == text


@pytest.mark.parametrize("data", NOT_TEXT)
def test_what_is_no_text_or_could_be_two_is_refused_with_a_sentence(data):
    with pytest.raises(InvalidInput, match=r"“x\.txt” is not text in an encoding that can be recognized"):
        read_caption(data, "x.txt")


@pytest.mark.parametrize("data", [b"", b" \r\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\0\0"])
def test_an_empty_caption_is_one(data):
    assert read_caption(data) == ""


@pytest.mark.parametrize("data", [b"cat\0\0", b"cat\x1a", b"caf\xc3\xa9\0", b"caf\xe9\0"])
def test_what_programs_fill_up_with_is_dropped(data):
    assert read_caption(data) in {"cat", "café"}


def test_a_mark_between_texts_that_were_joined_is_kept_out_of_the_ends():
    assert read_caption(b"\xef\xbb\xbf\xef\xbb\xbfcat") == "cat"


def test_a_caption_may_have_as_many_bytes_as_the_limit_and_no_more():
    assert len(read_caption(b"a" * MAX_CAPTION_BYTES)) == MAX_CAPTION_BYTES
    with pytest.raises(TooLarge, match=r"“x.txt” has 1\.0 MB, and at most 1\.0 MB"):
        read_caption(b"a" * (MAX_CAPTION_BYTES + 1), "x.txt")


def test_a_long_text_that_no_table_fits_is_left_to_the_library():
    text = "Việt Nam đẹp lắm, một cô gái đứng trên bãi biển nhìn ra khơi xa. " * 12
    data = text.encode("cp1258", "ignore")
    with contextlib.suppress(InvalidInput):
        assert "\ufffd" not in read_caption(data)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_caption_that_was_garbled_before_is_refused_with_the_reason(encoding):
    with pytest.raises(InvalidInput, match="has lost characters"):
        read_caption("caf\ufffd".encode(encoding))


@given(st.binary(max_size=200))
def test_nothing_that_comes_out_has_replacement_characters_or_null(data):
    try:
        text = read_caption(data)
    except InvalidInput:
        return
    assert "\0" not in text
    assert "\ufffd" not in text


def test_random_bytes_are_refused_quickly():
    with pytest.raises(InvalidInput):
        read_caption(bytes(byte | 0x80 for byte in os.urandom(100_000)))
