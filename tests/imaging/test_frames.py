"""Pictures of several frames: how many are counted, which is first, and what all of them look like."""

import io
import struct

import numpy as np
import pytest
import torch
from PIL import Image

from datasete.config import LimitSettings
from datasete.errors import TooLarge, UnreadableImage
from datasete.imaging.chunks import make_chunk
from datasete.imaging.frames import decode_frames
from datasete.imaging.png import decode_image

LIMITS = LimitSettings()
GREYS = [40, 80, 120, 160]


def saved(kind, frames, **options):
    file = io.BytesIO()
    frames[0].save(file, kind, save_all=True, append_images=frames[1:], **options)
    return file.getvalue()


def plain(mode="RGB", size=(8, 6)):
    return [Image.new("RGB", size, (level, 0, 255 - level)).convert(mode) for level in GREYS]


def reds(frames):
    return [round(float(pixels[0, 0, 0]) * 255) for pixels in frames.pixels]


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("GIF", {"disposal": 0}),
        ("GIF", {"disposal": 2}),
        ("WEBP", {"lossless": True}),
        ("PNG", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"big_tiff": True}),
    ],
)
def test_the_first_frame_and_all_frames(kind, options):
    data = saved(kind, plain(), **options)
    first, whole = decode_frames(data, LIMITS), decode_frames(data, LIMITS, is_all=True)
    assert (reds(first), first.count) == ([40], 4)
    assert (reds(whole), whole.count) == (GREYS, 4)
    assert torch.equal(first.pixels[0], decode_image(data, LIMITS))


def test_a_single_picture_has_one_frame():
    for kind in ("PNG", "GIF", "JPEG", "TIFF", "WEBP", "BMP"):
        file = io.BytesIO()
        plain()[0].save(file, kind)
        found = decode_frames(file.getvalue(), LIMITS, is_all=True)
        assert (len(found.pixels), found.count) == (1, 1)


@pytest.mark.parametrize("frames", [1, 3])
def test_the_default_picture_of_an_animation_is_no_frame(frames):
    red = Image.new("RGB", (8, 6), "red")
    data = saved("PNG", [red, *plain()[:frames]], default_image=True)
    first, whole = decode_frames(data, LIMITS), decode_frames(data, LIMITS, is_all=True)
    assert (reds(first), first.count) == ([40], frames)
    assert (reds(whole), whole.count) == (GREYS[:frames], frames)


def moving(disposal):
    """A square that moves over a blue ground, as frames that hold only the square."""
    ground = Image.new("P", (12, 8), 0)
    ground.putpalette([0, 0, 255, 255, 255, 0] + [0] * 762)
    frames = []
    for x in (0, 4, 8):
        frame = ground.copy()
        frame.paste(1, (x, 2, x + 4, 6))
        frames.append(frame)
    return saved("GIF", frames, disposal=disposal, optimize=False)


@pytest.mark.parametrize("disposal", [0, 1])
def test_frames_of_a_gif_are_composed(disposal):
    whole = decode_frames(moving(disposal), LIMITS, is_all=True)
    for number, pixels in enumerate(whole.pixels):
        yellow = (pixels[..., 0] > 0.5).nonzero()
        assert (yellow[:, 1].min(), yellow[:, 1].max()) == (4 * number, 4 * number + 3)
        assert pixels[0, 0, 2] == 1


def test_transparency_in_some_frames():
    solid, clear = Image.new("RGBA", (8, 6), (255, 0, 0, 255)), Image.new("RGBA", (8, 6), (0, 255, 0, 0))
    whole = decode_frames(saved("PNG", [solid, clear], disposal=1, blend=0), LIMITS, is_all=True)
    assert [float(pixels[0, 0, 3]) for pixels in whole.pixels] == [1, 0]


def test_pages_of_another_size_are_left_out_and_counted():
    pages = [Image.new("L", (8, 6), 10), Image.new("L", (4, 3), 20), Image.new("L", (8, 6), 30)]
    whole = decode_frames(saved("TIFF", pages), LIMITS, is_all=True)
    assert (reds(whole), whole.count) == ([10, 30], 3)


def test_small_copies_and_masks_of_a_page_are_no_pages():
    thumb = Image.new("L", (8, 6), 20)
    thumb.encoderinfo = {"tiffinfo": {254: 1}}
    data = saved("TIFF", [Image.new("L", (8, 6), 10), thumb])
    found = decode_frames(data, LIMITS, is_all=True)
    assert (reds(found), found.count) == ([10], 1)


def test_pages_keep_their_sixteen_bits():
    pages = [Image.fromarray(np.full((6, 8), value, np.uint16)) for value in (258, 51_400)]
    whole = decode_frames(saved("TIFF", pages), LIMITS, is_all=True)
    assert [round(float(pixels[0, 0, 0]) * 65535) for pixels in whole.pixels] == [258, 51_400]


def test_the_second_picture_of_a_jpeg_is_no_frame():
    data = saved("MPO", plain()[:2])
    found = decode_frames(data, LIMITS, is_all=True)
    assert (len(found.pixels), found.count) == (1, 1)


def test_all_frames_together_are_within_the_limit():
    data = saved("GIF", plain())
    assert len(decode_frames(data, LimitSettings(image_pixels=4 * 48), is_all=True).pixels) == 4
    with pytest.raises(TooLarge, match="4 frames"):
        decode_frames(data, LimitSettings(image_pixels=4 * 48 - 1), is_all=True)
    assert decode_frames(data, LimitSettings(image_pixels=48)).count == 4


def test_a_chain_of_pages_that_goes_round_ends():
    data = bytearray(saved("TIFF", plain()[:1]))
    first = struct.unpack_from("<I", data, 4)[0]
    count = struct.unpack_from("<H", data, first)[0]
    struct.pack_into("<I", data, first + 2 + 12 * count, first)
    assert decode_frames(bytes(data), LIMITS, is_all=True).count == 1


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_an_animation_that_is_cut_off_fails_in_words_or_gives_what_is_there(kind):
    data = saved(kind, plain())
    for end in range(20, len(data), max(1, len(data) // 60)):
        try:
            found = decode_frames(data[:end], LIMITS, is_all=True)
        except UnreadableImage:
            continue
        assert found.pixels


def test_more_frames_than_one_can_count_are_not_counted():
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x4c\x01\x00"
    gif = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes(6) + frame * 20_000 + b";"
    assert decode_frames(gif, LIMITS).count == 10_000


def test_a_control_chunk_without_an_animation_changes_nothing():
    file = io.BytesIO()
    Image.new("RGB", (8, 6), "red").save(file, "PNG")
    data = file.getvalue()
    control = make_chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 8, 6, 0, 0, 1, 10, 0, 0))
    assert reds(decode_frames(data[:-12] + control + data[-12:], LIMITS)) == [255]
