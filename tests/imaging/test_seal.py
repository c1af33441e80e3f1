"""The seal in our PNGs: sealed, edited, none; and what may not pass for one."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
import torch
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from datasete.config import LimitSettings
from datasete.errors import InvalidInput, UnreadableImage
from datasete.imaging.png import decode_image, encode_image
from datasete.imaging.seal import Seal, SealState, claimed_seal, digest, read_seal, seal

FRAME = torch.from_numpy(np.arange(48, dtype=np.float32).reshape(4, 4, 3) / np.float32(255))
PLAIN = encode_image(FRAME)
MARK = Seal("3f0c-token_1", superseded=digest(b"mask"), frames=7)
SEALED = seal(PLAIN, MARK)


def resaved(data: bytes, *, keep: bool, change: bool = False) -> bytes:
    """What an editor does, with or without the texts of the file it opened."""
    with Image.open(io.BytesIO(data)) as image:
        info = PngInfo()
        for keyword, text in image.text.items() if keep else ():
            info.add_text(keyword, text)
        if change:
            image.putpixel((0, 0), (255, 0, 0))
        file = io.BytesIO()
        image.save(file, "PNG", pnginfo=info)
    return file.getvalue()


def with_text(build, text: str, kind: bytes = b"tEXt", between: bytes = b"\0") -> bytes:
    """The plain file with a text under our keyword, whatever it says."""
    return PLAIN[:33] + build.chunk(kind, b"datasete" + between + text.encode()) + PLAIN[33:]


def text_of(data: bytes) -> str:
    with Image.open(io.BytesIO(data)) as image:
        return image.text["datasete"]


def test_what_was_sealed_reads_so():
    assert read_seal(SEALED) == SealState("sealed", MARK)
    assert read_seal(PLAIN) == SealState("none", None)


@pytest.mark.parametrize("mark", [Seal("a"), Seal("A" * 64, None, 999_999), Seal("0", digest(b""), 1)])
def test_any_seal_comes_back_as_it_was(mark):
    assert read_seal(seal(PLAIN, mark)) == SealState("sealed", mark)


def test_a_sealed_file_is_the_same_picture_with_one_chunk_more():
    assert SEALED[:33] == PLAIN[:33]
    assert SEALED.endswith(PLAIN[33:])
    assert SEALED[37:41] == b"tEXt"
    assert torch.equal(decode_image(SEALED, LimitSettings()), FRAME)
    with Image.open(io.BytesIO(SEALED)) as image:
        assert json.loads(image.text["datasete"])["token"] == "3f0c-token_1"


def test_sealing_again_replaces_the_seal():
    again = seal(SEALED, Seal("second"))
    assert read_seal(again) == SealState("sealed", Seal("second"))
    assert again == seal(PLAIN, Seal("second"))


def test_sealing_a_file_with_several_seals_leaves_one(build):
    twice = with_text(build, "{}")[:-12] + build.chunk(b"iTXt", b"datasete\0\0\0\0\0{}") + PLAIN[-12:]
    assert read_seal(seal(twice, MARK)) == SealState("sealed", MARK)
    assert seal(twice, MARK) == SEALED


def test_other_texts_stay():
    data = seal(encode_image(FRAME, texts={"prompt": "{}", "datasete2": "x"}), MARK)
    with Image.open(io.BytesIO(data)) as image:
        assert image.text["prompt"] == "{}"
        assert image.text["datasete2"] == "x"
    assert read_seal(data).kind == "sealed"


def test_an_editor_that_keeps_the_text_leaves_an_edited_file():
    assert read_seal(resaved(SEALED, keep=True, change=True)) == SealState("edited", MARK)
    assert read_seal(resaved(SEALED, keep=True)) == SealState("edited", MARK)


def test_an_editor_that_drops_the_text_leaves_no_seal():
    assert read_seal(resaved(SEALED, keep=False, change=True)) == SealState("none", None)


def test_a_sealed_file_of_another_program_reads_so_as_well():
    foreign = resaved(PLAIN, keep=False)
    assert read_seal(seal(foreign, MARK)) == SealState("sealed", MARK)


def test_a_changed_header_is_an_edit(build):
    wider = build.header(width=3, height=4)
    assert read_seal(SEALED[:8] + wider + SEALED[33:]) == SealState("edited", MARK)


def test_chunks_that_are_no_pixels_may_change(build):
    more = SEALED[:-12] + build.chunk(b"tIME", bytes(7)) + SEALED[-12:]
    assert read_seal(more) == SealState("sealed", MARK)


def test_an_editor_may_write_the_text_elsewhere_and_as_international_text(build):
    text = text_of(SEALED).encode()
    moved = PLAIN[:-12] + build.chunk(b"iTXt", b"datasete\0\0\0\0\0" + text) + PLAIN[-12:]
    assert read_seal(moved) == SealState("sealed", MARK)


def test_a_torn_file_is_an_edited_one():
    big = seal(encode_image(torch.rand(50, 50, 3)), MARK)
    assert read_seal(big[: len(big) // 2]) == SealState("edited", MARK)
    assert read_seal(big[:60]) == SealState("none", None)


def test_the_seal_a_file_claims_is_read_without_its_pixels():
    assert claimed_seal(SEALED) == MARK
    assert claimed_seal(resaved(SEALED, keep=True, change=True)) == MARK
    assert claimed_seal(PLAIN) is None
    assert claimed_seal(b"no picture") is None


def test_two_seals_count_as_none(build):
    other = build.chunk(b"tEXt", b"datasete\0" + text_of(SEALED).encode())
    assert read_seal(SEALED[:-12] + other + SEALED[-12:]).kind == "none"
    assert read_seal(SEALED[:33] + other + SEALED[33:]).kind == "none"


def test_a_seal_whose_checksum_is_wrong_counts_as_none():
    place = SEALED.index(b"sup") + 8
    assert read_seal(SEALED[:place] + b"\0" + SEALED[place + 1 :]).kind == "none"


GARBAGE = [
    "",
    "garbage",
    "{}",
    "[]",
    "null",
    "7",
    "[" * 1000,
    '{"a":' * 160,
    "1" * 1000,
    '{"token":"a","sup":null,"frames":1}',
    '{"token":"../../etc","pixels":"0","sup":null,"frames":1}',
    '{"token":"a/b","pixels":"0","sup":null,"frames":1}',
    '{"token":"..","pixels":"0","sup":null,"frames":1}',
    '{"token":"","pixels":"0","sup":null,"frames":1}',
    '{"token":"a\\n","pixels":"0","sup":null,"frames":1}',
    '{"token":"é","pixels":"0","sup":null,"frames":1}',
    '{"token":"' + "a" * 65 + '","pixels":"0","sup":null,"frames":1}',
    '{"token":7,"pixels":"0","sup":null,"frames":1}',
    '{"token":null,"pixels":"0","sup":null,"frames":1}',
    '{"token":["a"],"pixels":"0","sup":null,"frames":1}',
    '{"token":"a","pixels":"0","sup":"../x","frames":1}',
    '{"token":"a","pixels":"0","sup":5,"frames":1}',
    '{"token":"a","pixels":"0","sup":null,"frames":0}',
    '{"token":"a","pixels":"0","sup":null,"frames":-1}',
    '{"token":"a","pixels":"0","sup":null,"frames":true}',
    '{"token":"a","pixels":"0","sup":null,"frames":1.0}',
    '{"token":"a","pixels":"0","sup":null,"frames":1e999}',
    '{"token":"a","pixels":"0","sup":null,"frames":10000000}',
    '{"token":"a","pixels":"0","sup":null,"frames":1}' + " " * 2000,
]


@pytest.mark.parametrize("text", GARBAGE)
def test_garbage_counts_as_none(text, build):
    assert read_seal(with_text(build, text)) == SealState("none", None)


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"\0\0\0", b"{}" * 4_000_000])
@pytest.mark.parametrize("kind", [b"tEXt", b"iTXt", b"zTXt"])
def test_bytes_that_are_no_text_count_as_none(kind, body, build):
    data = PLAIN[:33] + build.chunk(kind, b"datasete\0" + body) + PLAIN[33:]
    assert read_seal(data).kind == "none"


def test_a_sound_seal_with_wrong_pixels_is_an_edit(build):
    text = '{"token":"a","pixels":7,"sup":null,"frames":1}'
    assert read_seal(with_text(build, text)) == SealState("edited", Seal("a"))


@pytest.mark.parametrize(
    "fields",
    [
        {"token": "../x"},
        {"token": ""},
        {"token": "a", "superseded": "short"},
        {"token": "a", "superseded": "A" * 32},
        {"token": "a", "frames": 0},
        {"token": "a", "frames": True},
    ],
)
def test_a_seal_that_could_not_be_read_back_is_not_made(fields):
    with pytest.raises(InvalidInput):
        Seal(**fields)


@pytest.mark.parametrize("data", [b"", b"no picture", PLAIN[:-5], PLAIN[:8] + PLAIN[33:], b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_whole_png_cannot_be_sealed(data):
    with pytest.raises(UnreadableImage):
        seal(data, MARK)


def test_a_digest_is_32_hex_digits_of_all_bytes():
    assert digest(b"") == "cae66941d9efbd404e4d88758ea67670"
    assert digest(PLAIN) != digest(PLAIN[:-1])
    assert len(digest(PLAIN)) == 32
