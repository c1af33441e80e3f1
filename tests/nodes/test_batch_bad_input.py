"""Whole walks over what people really have in their folders: each fault is one clear sentence, and keeps the place."""

import contextlib
import os
import shutil

import numpy as np
import pytest
from full_disk import full_disk
from ordinary_user import an_ordinary_user
from PIL import Image

from datasete.application import build_application, set_application
from datasete.batch.saving.output import DiskTarget
from datasete.batch.state import CONTINUE, RESET, SKIP, STOP, Status
from datasete.config import LimitSettings, Settings
from datasete.host.runs import now
from datasete.nodes.batch_image_loader import BatchImageLoader
from datasete.nodes.batch_image_saver import BatchImageSaver
from datasete.testing.runs import memory_host

FIVE = [f"{n}.png" for n in range(1, 6)]
THIRD = FIVE[2]
LIMITS = LimitSettings(image_bytes=100_000, image_pixels=10_000)


def paint(path, seed=1, size=(30, 20)):
    noise = np.random.default_rng(seed).integers(0, 256, (*size[::-1], 3), np.uint8)
    Image.fromarray(noise).save(path, "PNG")


class Walk:
    """One workflow, a loader and a saver, on a host with a queue in memory.

    Attributes:
        meanwhile: done while the first file is at work, when the folder is listed already.
        around: in what state of the machine the saver works.
        into: the saver's output_directory.
    """

    def __init__(self, home):
        host, self.runs = memory_host(home)
        self.runs.clock = now  # as the loaders have it
        self.app = build_application(host, Settings(limits=LIMITS))
        self.folder, self.output, self.into = home / "input" / "photos", home / "output", ""
        self.meanwhile, self.around = lambda: None, contextlib.nullcontext
        self.folder.mkdir()
        for number, name in enumerate(FIVE):
            paint(self.folder / name, number)

    def press(self, directory="photos", preset="All Images", mode=CONTINUE, errors=STOP, **more):
        inputs = {"directory": directory, "filter_preset": preset, "iteration_mode": mode, "error_handling": errors}
        self.runs.press({"1": {"class_type": "BatchImageLoader", "inputs": {**inputs, **more}}})
        while self.runs.waiting:
            end = self.runs.run_next(self.work)
        return end

    def work(self, prompt):
        image, _, index, _, _, name, *_ = BatchImageLoader().run(**prompt.graph["1"]["inputs"])
        if index == 0:
            self.meanwhile()
        if isinstance(name, str):
            with self.around():
                BatchImageSaver().run(image, 100, "Overwrite", output_directory=self.into, output_base_name=name)

    @property
    def batch(self):
        return self.app.batches.all()[0].batch

    def stands_at(self):
        return (self.batch.status, self.batch.progress.position, self.batch.progress.done)

    def skipped(self):
        return [(item.shown_name, item.reason) for item in self.app.batches.skipped(self.app.batches.all()[0].key)]

    def saved(self):
        return sorted(path.name for path in self.output.rglob("*.png"))


@pytest.fixture
def walk(tmp_path):
    walk = Walk(tmp_path)
    set_application(walk.app)
    yield walk
    set_application(None)
    walk.app.close()


# --- files -----------------------------------------------------------------------------------------------------------


def cut(path):
    path.write_bytes(path.read_bytes()[:1000])


def make_folder(path):
    path.unlink()
    path.mkdir()


BROKEN = {
    "zero-byte": (lambda path: path.write_bytes(b""), "The picture cannot be read: it is empty."),
    "no-image": (lambda path: path.write_text("some text"), "The picture cannot be read: it is not a PNG"),
    "cut-off": (cut, "The picture cannot be read"),
    "too-many-bytes": (lambda path: path.write_bytes(b"x" * 100_001), "It has 100,001 bytes, and 100,000 are allowed."),
    "too-many-pixels": (lambda path: Image.new("1", (101, 100)).save(path, "PNG"), "The picture has 101 × 100 pixels"),
    "deleted-between-scan-and-load": (os.unlink, "It was removed after the folder was listed."),
    "a-folder-by-now": (make_folder, "It could not be read: Is a directory."),
}


@pytest.mark.parametrize(("spoil", "sentence"), BROKEN.values(), ids=BROKEN)
def test_a_bad_file_stops_the_walk_with_a_sentence_that_names_it_and_keeps_the_place(walk, spoil, sentence):
    walk.meanwhile = lambda: spoil(walk.folder / THIRD)
    told = walk.press().reason
    assert told.startswith(f"“{THIRD}” cannot be loaded: {sentence}")
    assert told.endswith("Mend or remove it, or choose “Skip on error”.")
    assert walk.batch.message in told
    assert walk.stands_at() == (Status.STOPPED, 2, 2)
    with contextlib.suppress(NotADirectoryError, FileNotFoundError):
        shutil.rmtree(walk.folder / THIRD)
    paint(walk.folder / THIRD)
    walk.press()
    assert walk.stands_at() == (Status.FINISHED, 5, 5)
    assert walk.saved() == FIVE


@pytest.mark.parametrize(("spoil", "sentence"), BROKEN.values(), ids=BROKEN)
def test_a_bad_file_is_skipped_on_request_with_the_same_sentence(walk, spoil, sentence):
    walk.meanwhile = lambda: spoil(walk.folder / THIRD)
    walk.press(errors=SKIP)
    [(name, reason)] = walk.skipped()
    assert name == THIRD
    assert reason.startswith(sentence)
    assert walk.stands_at() == (Status.FINISHED, 5, 4)
    assert walk.saved() == [name for name in FIVE if name != THIRD]


@pytest.mark.parametrize(
    "name", ["2\nb.png", "2\r\t.png", "2\x1b[31m.png", os.fsdecode(b"2\xff.png"), "2 写真 فوتو.png"]
)
def test_a_bad_file_of_any_name_is_told_in_one_line(walk, name):
    (walk.folder / "2.png").rename(walk.folder / name)
    (walk.folder / name).write_bytes(b"")
    told = walk.press().reason
    assert told.isprintable()
    assert told.startswith("“2")
    assert "it is empty" in told
    assert walk.stands_at() == (Status.STOPPED, 1, 1)
    walk.press(errors=SKIP)
    assert walk.skipped()[0][0].isprintable()
    assert walk.stands_at() == (Status.FINISHED, 5, 4)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        *(("2\nb", "2_b"), ("2\x1b[31m", "2_[31m"), (os.fsdecode(b"2\xff"), "2_"), ("2: b?", "2_ b_")),
        ("2 写真 فوتو", "2 写真 فوتو"),
    ],
)
def test_a_good_file_of_any_name_is_saved_under_it_or_under_one_that_every_system_takes(walk, name, written):
    (walk.folder / "2.png").rename(walk.folder / f"{name}.png")
    walk.press()
    assert f"{written}.png" in os.listdir(walk.output)
    assert walk.stands_at() == (Status.FINISHED, 5, 5)


# --- folders, patterns, places ---------------------------------------------------------------------------------------


def empty(folder):
    for path in folder.iterdir():
        path.unlink()


def make_file(folder):
    folder.rename(folder.parent / "away")
    folder.write_text("x")


FOLDERS = {
    "missing": (lambda folder: folder.rename(folder.parent / "away"), {}, "There is no folder “"),
    "empty": (empty, {}, "No file in “"),
    "a-file": (make_file, {}, "photos” is a file, not a folder."),
    "start-index-beyond-the-end": (lambda _: None, {"start_index": 5}, "start_index is 5, and “photos” has 5 matching"),
}


@pytest.mark.parametrize(("spoil", "inputs", "sentence"), FOLDERS.values(), ids=FOLDERS)
def test_a_folder_that_cannot_be_walked_is_said_so_and_the_place_is_kept(walk, spoil, inputs, sentence):
    walk.meanwhile = lambda: (walk.folder / "2.png").write_bytes(b"")
    walk.press()
    before = walk.batch
    spoil(walk.folder)
    told = walk.press(mode=RESET, **inputs).reason
    assert sentence in told
    assert told.isprintable()
    assert walk.batch == before


PATTERNS = {
    "a-pattern-that-matches-nothing": ("*.gif", "matches *.gif."),
    "an-empty-pattern": (" , ", "The custom pattern is empty."),
    "a-pattern-with-a-newline": ("*.gif\n", "matches *.gif."),
}


@pytest.mark.parametrize(("pattern", "sentence"), PATTERNS.values(), ids=PATTERNS)
def test_a_pattern_without_files_is_said_so_and_leaves_no_batch(walk, pattern, sentence):
    told = walk.press(preset="Custom", custom_pattern=pattern).reason
    assert sentence in told
    assert walk.app.batches.all() == []


# --- where to --------------------------------------------------------------------------------------------------------


def saver_fault(walk, sentence, mend):
    """Nothing can be saved: the walk stays on its first file, and goes on when that is mended."""
    told = walk.press().reason
    assert sentence in told
    assert walk.batch.message == told
    assert walk.stands_at() == (Status.STOPPED, 0, 0)
    assert walk.saved() == []
    mend()
    walk.press()
    assert walk.stands_at() == (Status.FINISHED, 5, 5)
    assert walk.saved() == FIVE


def test_an_output_folder_outside_of_the_allowed_roots_stops_the_walk_with_the_reason(walk, tmp_path):
    walk.into = str(tmp_path / "elsewhere")
    saver_fault(walk, "is outside the folders that Datasete may write to.", lambda: setattr(walk, "into", ""))
    assert not (tmp_path / "elsewhere").exists()


def test_a_relative_output_folder_that_leads_out_stops_the_walk_with_the_reason(walk):
    walk.into = "../elsewhere"
    saver_fault(walk, "leads out of the", lambda: setattr(walk, "into", ""))


def test_a_file_where_the_output_folder_should_be_stops_the_walk_with_the_reason(walk):
    (walk.output / "sub").write_text("x")
    walk.into = "sub"
    saver_fault(walk, "could not be written", (walk.output / "sub").unlink)


@contextlib.contextmanager
def full_output():
    """Only the disk that pictures are saved to is full, not the ledger's."""
    put = DiskTarget.put

    def put_on_a_full_disk(*arguments, **named):
        with full_disk():
            return put(*arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DiskTarget, "put", put_on_a_full_disk)
        yield


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no limits of that kind")
def test_a_full_output_disk_stops_the_walk_with_the_reason_and_leaves_no_half_file(walk):
    def freed():
        assert list(walk.output.rglob("*")) == []
        walk.around = contextlib.nullcontext

    walk.around = full_output
    saver_fault(walk, "There is no space left for “1.png”. What was there before is unchanged. Free some space.", freed)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no limits of that kind")
def test_a_ledger_that_cannot_note_a_result_stops_the_walk_before_it_is_written(walk):
    def freed():
        assert list(walk.output.rglob("*")) == []
        walk.around = contextlib.nullcontext

    walk.around = full_disk
    saver_fault(walk, "The batch ledger", freed)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no users of that kind")
def test_an_output_folder_that_may_not_be_written_stops_the_walk_with_the_reason(walk):
    def mended():
        walk.output.chmod(0o755)
        walk.around = contextlib.nullcontext

    walk.output.chmod(0o555)
    walk.around = an_ordinary_user
    saver_fault(walk, "cannot be written: Permission denied. What was there before is unchanged.", mended)
