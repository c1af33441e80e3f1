"""Archives made to do harm: each is refused with a sentence, and nothing of it is left."""

import hashlib
import io
import json
import struct
import zlib

import pytest
from archives import zipped
from PIL import Image

from datasete.config import LimitSettings
from datasete.errors import InvalidInput, TooLarge
from datasete.pools import Pools
from datasete.profiles import Profiles
from datasete.profiles.transfer import ProfileTransfer


def keys(storage):
    return {entry.key for entry in storage.entries()}


def png(number=0):
    file = io.BytesIO()
    Image.new("RGB", (4, 4), (number, 1, 2)).save(file, "PNG")
    return file.getvalue()


SLOT = {"image": "img_0001.png", "mask": None, "label": "", "added": 1}


def native(pictures=(SLOT,), files=None, **manifest):
    """A sound archive without checksums, but for what is given."""
    pool = {"active": 0, "slots": list(pictures), "next_seq": 2, **manifest}
    return {"pool/manifest.json": json.dumps(pool), "pool/img_0001.png": png(1), **(files or {})}


def raw(entries, *, count=None, tail=b"", local_names=None):
    """A zip whose every field can lie. Entries: name, data, and changes to the fields of the directory."""
    body, directory = b"", b""
    for number, (name, data, lies) in enumerate(entries):
        encoded = name if isinstance(name, bytes) else name.encode()
        fields = {"flags": 0x800, "method": 0, "crc": zlib.crc32(data), "stored": len(data), "size": len(data)}
        fields |= {"attributes": 0o100644 << 16, "offset": len(body)} | lies
        local = encoded if local_names is None else local_names[number]
        common = struct.pack(
            "<HHHHLLL", fields["flags"], fields["method"], 0, 33, fields["crc"], fields["stored"], fields["size"]
        )
        body += b"PK\x03\x04" + struct.pack("<H", 20) + common + struct.pack("<HH", len(local), 0) + local + data
        directory += b"PK\x01\x02" + struct.pack("<HH", 20, 20) + common
        directory += struct.pack("<HHHHHLL", len(encoded), 0, 0, 0, 0, fields["attributes"], fields["offset"]) + encoded
    total = len(entries) if count is None else count
    end = struct.pack("<HHHHLLH", 0, 0, total & 0xFFFF, total & 0xFFFF, len(directory), len(body), 0)
    return body + directory + b"PK\x05\x06" + end + tail


def lying(name="pool/img_0001.png", data=None, **lies):
    """A sound archive, one file of which lies in the directory and in front of itself."""
    data = png(1) if data is None else data
    return raw([("pool/manifest.json", native()["pool/manifest.json"].encode(), {}), (name, data, lies)])


def named(name, local=None):
    """A training set with one picture under this name."""
    return raw([(name, png(1), {})], local_names=None if local is None else [local])


def summed(**changes):
    """A sound archive whose checksums are changed."""
    files = native()
    sums = {
        name: hashlib.sha256(data if isinstance(data, bytes) else data.encode()).hexdigest()
        for name, data in files.items()
    }
    return zipped(files | {"profile_meta.json": json.dumps({"name": "x", "checksums": sums | changes})})


BOMB = zlib.compressobj(9, zlib.DEFLATED, -15)
BOMB = BOMB.compress(bytes(30_000_000)) + BOMB.flush()

SLIPS = ["../x.png", "a/../../x.png", "/x.png", "//x.png", "a//x.png", "./x.png", "..\\x.png", "C:\\x.png", "C:x.png"]
SLIPS += ["a/..", "x.png\0.txt", "\nx.png", "\x1b[2Jx.png", "a\\b.png", "..", "x" * 1100 + ".png", "a/./x.png"]

HOSTILE = {
    "nothing": b"",
    "text": b"this is no zip",
    "only an end": b"PK\x05\x06" + bytes(18),
    "an empty zip": zipped({}),
    "zeros": bytes(100_000),
    "an end that is cut off": zipped(native())[:-3],
    "the first half": zipped(native())[: len(zipped(native())) // 2],
    "a directory of another size": zipped(native())[:-10] + b"\xff\xff\xff\x7f" + zipped(native())[-6:],
    "an offset beyond": lying(offset=10_000_000),
    "an offset into another file": lying(offset=3),
    "two files over each other": raw([("a.png", png(1), {}), ("b.png", png(1), {"offset": 0})]),
    **{f"a name {name!r:.30}": named(name) for name in SLIPS},
    "a name of nothing": named(""),
    "a name in no UTF-8": named(b"\xff\xfe.png"),
    "another name in front": named("a.png", b"b.png"),
    "the same name twice": raw([("a.png", png(1), {}), ("a.png", png(2), {})]),
    "the same name in another case": raw([("a.png", png(1), {}), ("A.PNG", png(2), {})]),
    "the same name in another form": raw([("\u00e9.png", png(1), {}), ("e\u0301.png", png(2), {})]),
    "a file and a folder of one name": raw([("a.png", png(1), {}), ("a.png/", b"", {})]),
    "a link": lying(attributes=0o120777 << 16),
    "a device": lying(attributes=0o020666 << 16),
    "a pipe": lying(attributes=0o010666 << 16),
    "a folder that is a file": lying(attributes=0o040755 << 16),
    "an encrypted file": lying(flags=0x801),
    "strong encryption": lying(flags=0x840),
    "a method nobody reads": lying(method=99),
    "bzip2": lying(method=12),
    "LZMA": lying(method=14),
    "wrong sum of zip": lying(crc=1),
    "a size too small": lying(size=10),
    "a size too large": lying(size=10_000),
    "a stored size too small": lying(stored=10, size=10),
    "a stored size beyond the file": lying(stored=50_000_000, size=50_000_000),
    "deflate that is none": lying(method=8, size=1000),
    "deflate that is cut off": lying(data=zlib.compress(bytes(5000), 9)[2:-8], method=8, size=5000),
    "deflate longer than it says": lying(data=BOMB, method=8, size=len(BOMB) * 100, crc=0),
    "a bomb": lying(data=BOMB, method=8, size=30_000_000, crc=zlib.crc32(bytes(30_000_000))),
    "a bomb that claims less": lying(data=BOMB, method=8, size=5_000_000, crc=zlib.crc32(bytes(30_000_000))),
    "a petabyte": lying(data=b"x" * 100, method=8, size=2**32 - 2),
    "a wrong checksum": summed(**{"pool/img_0001.png": "0" * 64}),
    "a wrong checksum of the manifest": summed(**{"pool/manifest.json": "0" * 64}),
    "a checksum that is none": summed(**{"pool/img_0001.png": "yes"}),
    "a checksum that is null": summed(**{"pool/img_0001.png": None}),
    "a checksum of a missing file": summed(**{"pool/img_0002.png": "0" * 64}),
    "checksums that are a list": zipped(native(files={"profile_meta.json": '{"checksums": []}'})),
    "checksums for nothing": zipped(native(files={"profile_meta.json": '{"checksums": {}}'})),
    "meta that is no JSON": zipped(native(files={"profile_meta.json": "{"})),
    "meta alone": zipped({"profile_meta.json": "{}"}),
    "a manifest that is no JSON": zipped(native(files={"pool/manifest.json": "{"})),
    "a manifest that is a list": zipped(native(files={"pool/manifest.json": "[]"})),
    "a manifest without slots": zipped(native(files={"pool/manifest.json": "{}"})),
    "a manifest nested deeply": zipped(native(files={"pool/manifest.json": "[" * 100_000}, pictures=[])),
    "values nested deeply": zipped(native(x=json.loads("[" * 60 + "]" * 60))),
    "values that are no numbers": zipped(native(files={"pool/manifest.json": '{"slots": [], "x": NaN}'})),
    "a number without end": zipped(native(files={"pool/manifest.json": '{"slots": [], "x": 1e999}'})),
    "a slot that is a text": zipped(native(pictures=["img_0001.png"])),
    "a slot that leads out": zipped(native(pictures=[SLOT | {"image": "../../x.png"}])),
    "a slot that leads to another folder": zipped(
        native(pictures=[SLOT | {"image": "sub/x.png"}], files={"pool/sub/x.png": png(1)})
    ),
    "a slot that is the manifest": zipped(native(pictures=[SLOT | {"image": "manifest.json"}])),
    "a slot without its file": zipped(native(pictures=[SLOT | {"image": "img_0002.png"}])),
    "a mask without its file": zipped(native(pictures=[SLOT | {"mask": "img_0001.mask.png"}])),
    "a mask that is a number": zipped(native(pictures=[SLOT | {"mask": 7}])),
    "a label without end": zipped(native(pictures=[SLOT | {"label": "x" * 10_001}])),
    "a picture that is none": zipped(native(files={"pool/img_0001.png": b"hello"})),
    "a picture that is cut off": zipped(native(files={"pool/img_0001.png": png(1)[:-9]})),
    "a picture that is a zip": zipped(native(files={"pool/img_0001.png": zipped({"a": b"b"})})),
    "a training set of no pictures": zipped({"a.txt": "x", "b.md": "y"}),
    "a training set of masks": zipped({"masks/a.png": png(1)}),
    "a training set with a broken picture": zipped({"a.png": png(1), "b.png": png(2)[:50]}),
    "a training set with a caption without end": zipped({"a.png": png(1), "a.txt": "x y" * 10_000}),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=[name.encode("unicode_escape").decode() for name in HOSTILE])
def test_a_hostile_archive_is_refused_with_a_sentence_and_leaves_nothing(profiles, hooks, storage, data):
    before = keys(storage)
    transfer = ProfileTransfer(profiles, hooks, lambda: 1_000_000_000)
    with pytest.raises(InvalidInput) as caught:
        transfer.import_(io.BytesIO(data))
    assert caught.value.status in {400, 413, 422}
    assert caught.value.message
    assert keys(storage) == before


def test_there_are_sixty_of_them():
    assert len(HOSTILE) >= 60


def test_the_sound_archives_that_the_hostile_ones_are_made_of_are_read(transfer, pools):
    for data in (zipped(native()), lying(), summed(), named("a.png"), raw([("a.png", png(1), {})], tail=b"")):
        profile = transfer.import_(io.BytesIO(data))
        assert pools.picture(profile.id, 0).image == png(1)


def test_more_entries_than_allowed_are_counted_before_they_are_read(pools, hooks, storage):
    few = Pools(storage, LimitSettings(archive_entries=20))
    transfer = ProfileTransfer(Profiles(few), hooks)
    for count in (21, 3):
        data = raw([(f"{number}.png", png(1), {}) for number in range(21)], count=count)
        with pytest.raises(TooLarge, match="more than 20 files"):
            transfer.import_(io.BytesIO(data))
    assert keys(storage) == set()


def test_what_does_not_fit_the_disk_is_refused_before_anything_is_written(profiles, hooks, storage):
    transfer = ProfileTransfer(profiles, hooks, lambda: 50)
    with pytest.raises(TooLarge, match="room for"):
        transfer.import_(io.BytesIO(zipped(native())))
    assert keys(storage) == set()
