"""Every parser of bytes that strangers can send, on good input that was damaged at random: read, or refused in words.

The dice are fixed, so that what one run finds every run finds. CI tries 142,000 inputs in all.
"""

import io
import json
import random
import string
import zlib
from contextlib import suppress

import numpy as np
import pytest
import torch
from PIL import Image
from scale import rounds

from datasete.config import LimitSettings, PluginSettings
from datasete.errors import DataseteError, InvalidName
from datasete.hooks.manager import build_hooks
from datasete.ids import natural_key, same_name, validate_name
from datasete.imaging.chunks import iter_chunks, parse_png
from datasete.imaging.image_header import check_size
from datasete.imaging.png import decode_image, decode_mask, encode_image
from datasete.imaging.seal import Seal, claimed_seal, read_seal, seal
from datasete.plugin import Blob, Space
from datasete.pools import Pools, Upload, codec
from datasete.pools.manifest import Manifest, Picture
from datasete.profiles import Profiles, registry
from datasete.profiles.transfer import ProfileTransfer
from datasete.storage import Storage
from datasete.testing.packing import ForwardSink, picture

LIMITS = LimitSettings(image_pixels=1 << 16)
INTERESTING = [b"\0", b"\xff", b"\x7f", b"\x80", b"\0\0\0\0", b"\xff\xff\xff\xff", b"../", b"[" * 60, b"1e999", b"NaN"]

hooks = build_hooks(PluginSettings())


def damaged(data, dice):
    """The bytes with one to four things done to them."""
    data = bytearray(data)
    for _ in range(dice.randint(1, 4)):
        place, length = dice.randrange(len(data) + 1), dice.choice([1, 1, 2, 4, 16, 100])
        what = dice.randrange(6)
        if what == 0:
            data[place : place + length] = dice.randbytes(length)
        elif what == 1:
            del data[place : place + length]
        elif what == 2:
            data[place:place] = dice.choice(INTERESTING)
        elif what == 3:
            data[place : place + 4] = dice.choice(INTERESTING)
        elif what == 4:
            data[place:place] = data[dice.randrange(len(data) + 1) :][: 10 * length]
        else:
            del data[place:]
    return bytes(data)


def with_sums(png):
    """The chunks of a PNG, as far as they are some, with checksums that fit: damage that no sum gives away."""
    out, place = bytearray(png), 8
    while place + 12 <= len(out):
        end = place + 8 + int.from_bytes(out[place : place + 4], "big")
        if end + 4 > len(out):
            break
        out[end : end + 4] = zlib.crc32(out[place + 4 : end]).to_bytes(4, "big")
        place = end + 4
    return bytes(out)


def encoded(kind, mode="RGB"):
    pixels = np.random.default_rng(3).integers(0, 256, (9, 7, len(mode)), np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels.squeeze()).save(out, kind)
    return out.getvalue()


def sealed():
    frame = torch.rand(40, 30, 3, generator=torch.Generator().manual_seed(1))
    return seal(encode_image(frame), Seal("token", "0" * 32, 2))


def manifest():
    pictures = tuple(Picture(f"img_{n:04d}.png", f"label {n}", None, 1700000000.0 + n) for n in range(1, 6))
    return codec.encode(Manifest(pictures=pictures, next_seq=6))


def profiles_file():
    return json.dumps(
        {"profiles": [{"id": f"3f0e2c1a-0000-4000-8000-00000000000{n}", "name": f"p{n}", "created": n} for n in "123"]}
    ).encode()


def archive(form):
    space = Space("pools", "memory://fuzz-source")
    profiles = Profiles(Pools(Storage(hooks.open_store(space), space)))
    made = profiles.create("cats") if not profiles.registry().profiles else profiles.registry().profiles[0]
    profiles.pools.add(made.id, [Upload(picture(n), label=f"cat {n}") for n in range(3)])
    transfer, sink = ProfileTransfer(profiles, hooks), ForwardSink()
    transfer.export(transfer.source(made.id, "cats"), form, sink)
    return bytes(sink.data)


def unpack(data):
    space = Space("pools", "memory://fuzz-target")
    profiles = Profiles(Pools(Storage(hooks.open_store(space), space)))
    made = ProfileTransfer(profiles, hooks).import_(io.BytesIO(data), fallback="found")
    profiles.delete(made.id)


def as_pixels(data):
    check_size(data, LIMITS)
    frame = decode_image(data, LIMITS)
    assert frame.dtype == torch.float32
    assert 0 <= float(frame.min()) <= float(frame.max()) <= 1
    decode_mask(data, LIMITS)


def as_seal(data):
    assert read_seal(data).kind in {"sealed", "edited", "none"}
    claimed_seal(data)
    list(iter_chunks(data))
    parse_png(data)


PARSERS = {
    "the chunks and the seal of a PNG": (sealed, as_seal, 40_000),
    "our own PNGs": (sealed, as_pixels, 10_000),
    "our own PNGs, with sums that fit": (sealed, lambda data: as_pixels(with_sums(data)), 10_000),
    "PNGs of others, with sums that fit": (
        lambda: encoded("PNG", "LA"),
        lambda data: as_pixels(with_sums(data)),
        8_000,
    ),
    "PNGs of others": (lambda: encoded("PNG", "RGBA"), as_pixels, 10_000),
    "JPEGs": (lambda: encoded("JPEG"), as_pixels, 8_000),
    "WebPs": (lambda: encoded("WEBP"), as_pixels, 5_000),
    "a pool's manifest": (manifest, lambda data: codec.decode(data, "pool"), 24_000),
    "the registry of profiles": (profiles_file, lambda data: registry.decode(Blob(data, "1", 0.0)), 15_000),
    "an archive of ours": (lambda: archive("datasete-zip"), unpack, 2_000),
    "an archive for trainers": (lambda: archive("training-set"), unpack, 2_000),
}


@pytest.mark.timeout(1800)
@pytest.mark.filterwarnings("ignore")  # Pillow warns of damage and of sizes; here that is the point
@pytest.mark.parametrize("what", PARSERS)
def test_damaged_input_is_read_or_refused_in_words(what, capsys):
    make, parse, many = PARSERS[what]
    good, dice, refused = make(), random.Random(what), 0
    parse(good)
    count = rounds(many // 50, ci=many)
    for _ in range(count):
        data = damaged(good, dice)
        with suppress(DataseteError):
            parse(data)
            continue
        refused += 1
    assert refused > count // 20
    with capsys.disabled():
        print(f"\n    {what}: {count:,} damaged, {refused:,} refused")


def test_any_text_is_a_name_or_is_refused_in_words():
    dice, signs = random.Random(1), string.printable + "äß\u0301\u200b\ud800😀／．‥\0"
    for _ in range(rounds(500, ci=10_000)):
        text = "".join(dice.choices(signs, k=dice.randint(0, 70)))
        natural_key(text)
        same_name(text)
        with suppress(InvalidName):
            name = validate_name(text)
            assert validate_name(name) == name
            assert not set(name) & set("/\\:\0")
