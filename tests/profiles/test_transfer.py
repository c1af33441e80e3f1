"""Profiles on their way out and in, whole or not at all."""

import hashlib
import io
import json
import os
import zipfile

import pytest
from archives import zipped
from PIL import Image

from datasete.config import PluginSettings
from datasete.errors import CorruptData, InvalidInput, InvalidName, NotFound, StoreFull
from datasete.hooks.manager import build_hooks
from datasete.plugin import Space
from datasete.pools import Pools, Upload
from datasete.profiles import Profiles
from datasete.profiles.transfer import ProfileTransfer
from datasete.storage import Storage
from datasete.testing.packing import ForwardSink

NATIVE, TRAINING = "datasete-zip", "training-set"


@pytest.fixture
def elsewhere(hooks, tmp_path):
    """Another data directory."""
    space = Space("pools", str(tmp_path / "elsewhere"))
    pools = Pools(Storage(hooks.open_store(space), space))
    return ProfileTransfer(Profiles(pools), hooks), pools


def keys(storage):
    return {entry.key for entry in storage.entries()}


def exported(transfer, profile, form=NATIVE):
    sink = ForwardSink()
    transfer.export(transfer.source(profile.id, profile.name), form, sink)
    return bytes(sink.data)


def png(number=0, mode="RGB"):
    file = io.BytesIO()
    Image.new("RGB", (4, 4), (number, 1, 2)).convert(mode).save(file, "PNG")
    return file.getvalue()


def test_an_export_comes_back_elsewhere_bit_for_bit(transfer, filled, pools, storage, elsewhere, make_picture):
    profile = filled("Größe", 7)
    pools.add(profile.id, [Upload(make_picture(50, form="JPEG"), label="jpeg"), Upload(make_picture(51, form="WEBP"))])
    pools.remove(profile.id, [pools.name_at(profile.id, 0)])
    pools.edit(profile.id, lambda m: m.__class__(**{**vars(m), "rest": {**m.rest, "theme": [1, {"a": None}]}}))
    other, there = elsewhere
    copy = other.import_(io.BytesIO(exported(transfer, profile)))
    assert copy.name == "Größe"
    ours, theirs = pools.manifest(profile.id), there.manifest(copy.id)
    assert theirs.pictures == ours.pictures
    assert (theirs.active_image, theirs.next_seq, theirs.rest["theme"]) == (
        ours.active_image,
        ours.next_seq,
        [1, {"a": None}],
    )
    for picture in ours.pictures:
        for name in picture.files:
            assert there.storage.get(f"{copy.id}/{name}").data == storage.get(f"{profile.id}/{name}").data
    files = {name for picture in ours.pictures for name in picture.files} | {"manifest.json"}
    assert keys(there.storage) == {f"{copy.id}/{name}" for name in files} | {"profiles.json"}


def test_what_comes_back_is_exported_to_the_same_bytes_but_for_the_time(transfer, filled, elsewhere):
    profile = filled("cats")
    other, _ = elsewhere
    data = exported(transfer, profile)
    again = exported(other, other.import_(io.BytesIO(data)))
    first, second = (zipfile.ZipFile(io.BytesIO(each)) for each in (data, again))
    assert first.namelist() == second.namelist()
    assert all(first.read(name) == second.read(name) for name in first.namelist())


def test_the_archive_is_what_the_contract_says(transfer, filled):
    archive = zipfile.ZipFile(io.BytesIO(exported(transfer, filled("cats"))))
    assert archive.testzip() is None
    meta = json.loads(archive.read("profile_meta.json"))
    assert meta["name"] == "cats"
    assert isinstance(meta["format_version"], int)
    assert set(meta["checksums"]) == set(archive.namelist()) - {"profile_meta.json"}
    for name, checksum in meta["checksums"].items():
        assert hashlib.sha256(archive.read(name)).hexdigest() == checksum
    assert all(info.compress_type == zipfile.ZIP_STORED for info in archive.infolist())
    manifest = json.loads(archive.read("pool/manifest.json"))
    assert {"active", "slots", "next_seq"} <= set(manifest)
    assert not {"trash", "operations"} & set(manifest)


def test_a_training_set_is_what_trainers_read(transfer, filled, pools, storage, make_picture):
    profile = filled("cats", 3)
    pools.add(profile.id, [Upload(make_picture(9, form="JPEG"))])
    archive = zipfile.ZipFile(io.BytesIO(exported(transfer, profile, TRAINING)))
    assert archive.namelist() == [
        *("0001.png", "0001.txt", "0002.png", "0002.txt", "masks/0002.png", "0003.png", "0003.txt", "0004.jpg"),
    ]
    assert archive.read("0002.txt") == b"1"
    assert archive.read("0002.png") == make_picture(1)
    assert archive.read("masks/0002.png") == make_picture(101, mode="L")


def test_a_training_set_of_others_is_read_with_captions_and_masks(transfer, pools):
    files = {
        "set/cat 10.png": png(10),
        "set/cat 2.jpg": png(2),
        "set/cat 2.txt": "two cats\n",
        "set/cat 10.caption": "zehn Kätzchen".encode("latin-1"),
        "set/masks/cat 10.png": png(99, "L"),
        "set/dog.png": png(3),
        "set/dog-masklabel.png": png(98, "RGB"),
        "set/dog.txt": "",
        "set/readme.md": "no picture",
        "__MACOSX/set/._dog.png": b"rubbish",
        "set/.hidden.png": b"rubbish",
    }
    profile = transfer.import_(io.BytesIO(zipped(files)))
    assert profile.name == "set"
    pictures = pools.manifest(profile.id).pictures
    assert [picture.label for picture in pictures] == ["two cats", "zehn Kätzchen", ""]
    assert [pools.picture(profile.id, n).image for n in range(3)] == [png(2), png(10), png(3)]
    assert [pools.picture(profile.id, n).mask for n in range(3)] == [None, png(99, "L"), png(98, "RGB")]
    assert [picture.image for picture in pictures] == ["img_0001.png", "img_0002.png", "img_0003.png"]


def test_captions_of_a_training_set_are_read_in_whatever_encoding_and_under_every_usual_name(transfer, pools):
    text = "女の子が海辺に立っている"
    files = {
        **{f"{number}.png": png(number) for number in range(4)},
        "0.TXT": text.encode("shift_jis"),
        "1.png.txt": text.encode("utf-16"),
        "2.caption": "zehn Kätzchen".encode("cp1252"),
        "@eaDir/3.txt": b"litter",
        "@eaDir/9.png": b"litter",
        "~$3.png": b"litter",
        "4.JFIF": png(4),
        "4.txt": "кошка на окне".encode("cp1251"),
    }
    pictures = pools.manifest(transfer.import_(io.BytesIO(zipped(files))).id).pictures
    assert [picture.label for picture in pictures] == [text, text, "zehn Kätzchen", "", "кошка на окне"]


@pytest.mark.parametrize("caption", [b"\x89PNG\0\1", os.urandom(1_000_001)])
def test_a_training_set_with_a_caption_that_cannot_be_read_is_refused_with_its_name(transfer, pools, caption):
    with pytest.raises(InvalidInput, match=r"the caption “a\.txt” in it is not text that can be recognized"):
        transfer.import_(io.BytesIO(zipped({"a.png": png(1), "a.txt": caption})))
    assert pools.ids() == []


def test_pictures_that_differ_only_in_their_suffix_are_all_kept(transfer, pools):
    profile = transfer.import_(io.BytesIO(zipped({"a.png": png(1), "a.webp": png(2), "b/a.png": png(3)})))
    assert len(pools.manifest(profile.id).pictures) == 3


def test_an_archive_of_the_earlier_pack_without_checksums_is_read(transfer, pools):
    picture = {"image": "img_0003.png", "mask": "img_0003.mask.png", "label": "x", "added": 5, "stars": 2}
    files = {
        "profile_meta.json": json.dumps({"name": "old 🎨", "version": 1}),
        "pool/manifest.json": json.dumps({"active": 0, "slots": [picture], "next_seq": 9}),
        "pool/img_0003.png": png(3),
        "pool/img_0003.mask.png": png(200, "L"),
        "pool/img_0001.png": b"an orphan that nothing names",
    }
    profile = transfer.import_(io.BytesIO(zipped(files)), fallback="file name")
    manifest = pools.manifest(profile.id)
    assert profile.name == "old"
    assert manifest.pictures[0].entry == picture
    assert manifest.next_seq == 9
    assert pools.picture(profile.id, 0).mask == png(200, "L")


@pytest.mark.parametrize(("given", "name"), [("", "cats (2)"), ("Dogs", "Dogs"), ("CATS", "CATS (2)")])
def test_an_import_has_the_name_it_is_given_or_its_own_and_is_numbered(transfer, filled, given, name):
    profile = filled("cats")
    assert transfer.import_(io.BytesIO(exported(transfer, profile)), name=given).name == name


def test_a_nameless_training_set_is_called_after_its_file(transfer):
    assert transfer.import_(io.BytesIO(zipped({"a.png": png(1)})), fallback="holiday 2024").name == "holiday 2024"


def test_a_name_that_cannot_be_used_is_refused_before_anything_is_read(transfer, storage):
    with pytest.raises(InvalidName):
        transfer.import_(io.BytesIO(b""), name="../x")
    assert keys(storage) == set()


@pytest.mark.parametrize("form", ["no-such-format", "../x"])
def test_an_unknown_format_is_refused(transfer, filled, form):
    profile = filled("cats")
    with pytest.raises(InvalidInput, match=r"format “.*” does not exist"):
        exported(transfer, profile, form)
    with pytest.raises(InvalidInput, match=r"format “.*” does not exist"):
        transfer.import_(io.BytesIO(b""), format_id=form)


def test_an_empty_profile_travels_too(transfer, profiles, pools):
    profile = transfer.import_(io.BytesIO(exported(transfer, profiles.create("empty"))))
    assert pools.manifest(profile.id).pictures == ()


def test_a_profile_with_a_missing_file_is_not_begun_to_be_exported(transfer, filled, pools, storage):
    profile = filled("cats")
    storage.delete(f"{profile.id}/{pools.name_at(profile.id, 1)}")
    with pytest.raises(CorruptData, match="missing"):
        transfer.source(profile.id, "cats")


def test_menus_list_the_formats_of_all_plugins(profiles, hooks):
    from datasete.plugin import PackingSummary, ProfileFormat, hookimpl

    class Tarball:
        @hookimpl
        def datasete_profile_formats(self):
            return [ProfileFormat("tar", "Tarball", ".tar", can_unpack=False)]

        @hookimpl
        def datasete_profile_pack(self, format, sink):  # noqa: A002 - the hook names it so
            return PackingSummary(0, sink.write(b"tar")) if format == "tar" else None

    more = build_hooks(PluginSettings(), {"tarball": Tarball()})
    transfer = ProfileTransfer(profiles, more)
    assert list(transfer.formats()) == [NATIVE, TRAINING, "tar"]
    assert exported(transfer, profiles.create("x"), "tar") == b"tar"
    with pytest.raises(InvalidInput, match=r"format “.*” does not exist"):
        transfer.import_(io.BytesIO(b""), format_id="tar")
    more.close()


class Full:
    """A real store that is full after some writes."""

    def __init__(self, inner, left):
        self.inner, self.left = inner, left

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def write(self, key, data, when):
        self.left -= 1
        if self.left < 0:
            raise StoreFull("full", hint="")
        return self.inner.write(key, data, when)


@pytest.mark.parametrize("left", range(12))
def test_a_full_disk_at_any_write_leaves_nothing(profiles, transfer, filled, hooks, store, storage, left):
    data = exported(transfer, filled("cats", 6))
    before = keys(storage)
    full = Storage(Full(store, left), storage.space)
    writes = 10  # a mark, six pictures, a mask, the manifest, the registry
    if left >= writes:
        ProfileTransfer(Profiles(Pools(full)), hooks).import_(io.BytesIO(data))
        return
    with pytest.raises(StoreFull):
        ProfileTransfer(Profiles(Pools(full)), hooks).import_(io.BytesIO(data))
    assert keys(storage) == before
    assert [profile.name for profile in profiles.registry().profiles] == ["cats"]


def test_an_unknown_profile_cannot_be_exported(profiles):
    with pytest.raises(NotFound):
        profiles.get("no-such-profile")
