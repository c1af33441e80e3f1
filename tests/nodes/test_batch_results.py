"""As many results as sources: what loader and saver make of one folder together."""

import csv
import io
import os
import unicodedata
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import torch
from batch_house import STEP, BatchHouse, Saver, distinct, pictures
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scale import rounds

from datasete.application import build_application, set_application
from datasete.batch.saving.output import DiskTarget
from datasete.cli import main
from datasete.config import BatchSettings, Settings, SpaceSettings
from datasete.errors import StoreFull
from datasete.host.api import Run
from datasete.nodes.batch_image_saver import BatchImageSaver

MODES = ["Overwrite", "Skip", "Rename"]
NFC, NFD = "é", "e\u0301"


@pytest.fixture
def house(tmp_path):
    house = BatchHouse(tmp_path, {"remote": f"memory://batch-results-{tmp_path.name}"})
    yield house
    house.close()


# --- the tree is mirrored --------------------------------------------------------------------------------------------


def test_the_tree_below_the_walked_folder_is_mirrored(house):
    house.fill("001.png", "a/001.png", "b/001.png", "b/c/001.png")
    house.walk()
    assert pictures(house.results()) == ["001.png", "a/001.png", "b/001.png", "b/c/001.png"]
    assert house.batch["renamed"] == 0
    house.walk()
    assert len(house.results()) == 4


@pytest.mark.parametrize("mode", MODES)
def test_without_the_subfolder_wired_nothing_is_lost_either(house, mode):
    house.fill("a/001.png", "b/001.png")
    house.walk(Saver(mode, wired=("output_base_name",)))
    assert pictures(house.results()) == ["001.png", "001_1.png"]
    assert house.batch["status"] == "finished · 2 of 2 · 1 renamed · photos"


# --- names that meet -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", ["out", "remote:out"])
@pytest.mark.parametrize("mode", MODES)
def test_files_that_differ_in_case_and_ending_have_a_result_each(house, mode, folder):
    house.fill("cat.jpg", "cat.png", "Cat.webp")
    house.walk(Saver(mode, folder))
    assert len(distinct(pictures(house.results(folder)))) == 3
    assert house.batch["renamed"] == 2


@pytest.mark.parametrize("folder", ["out", "remote:out"])
@pytest.mark.parametrize("mode", MODES)
def test_files_that_differ_in_their_unicode_form_have_a_result_each(house, mode, folder):
    house.fill(f"{NFC}.png", f"{NFD}.png", f"{NFD}x/1.png", f"{NFC}x/1.png")
    house.walk(Saver(mode, folder))
    assert len(distinct(pictures(house.results(folder)))) == 4


def test_the_status_of_the_next_run_says_it(house):
    house.fill("a.jpg", "a.png", "b.png")
    assert house.walk()["loader0"]["STATUS"] == "3 of 3 · 1 renamed · photos"
    assert house.walk(limit=1)["loader0"]["STATUS"] == "1 of 3 · photos"
    house.runs.waiting.clear()


def test_a_name_that_looks_like_a_renamed_one(house):
    house.fill("a.jpg", "a.png", "a_1.png", "a_1_1.png")
    house.walk()
    assert len(house.results()) == 4


def test_a_thousand_sources_for_one_name_cost_little(house):
    asked = []
    house.fill(*(f"{number}.png" for number in range(12)))
    holds = DiskTarget.holds
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DiskTarget, "holds", lambda target, path: asked.append(path) or holds(target, path))
        house.walk(Saver(wired=()))
    assert pictures(house.results()) == sorted(["image.png", *(f"image_{number}.png" for number in range(1, 12))])
    assert len(asked) <= 12


# --- who may take a name over ----------------------------------------------------------------------------------------


def test_a_later_pass_of_the_same_source_replaces_its_own_result(house):
    house.fill("a.jpg", "a.png")
    house.walk()
    before = house.results()
    house.fill("a.jpg", "a.png")  # with other content
    house.walk(iteration_mode="Reset")
    after = house.results()
    assert list(before) == list(after)
    assert all(before[name] != after[name] for name in after)
    assert house.batch["renamed"] == 1


def test_the_same_source_by_another_filter_or_folder_is_the_same(house):
    house.fill("a/1.png")
    saver = Saver(wired=("output_base_name",))
    house.walk(saver)
    house.walk(saver, filter_preset="PNG Only")
    house.walk(saver, folders=("photos/a",))
    assert pictures(house.results()) == ["1.png"]


def test_another_folder_does_not_replace_the_results_of_this_one(house):
    house.fill("1.png")
    house.fill("1.png", folder="others")
    house.walk()
    house.walk(folders=("others",))
    assert pictures(house.results()) == ["1.png", "1_1.png"]
    house.walk(Saver("Skip"), folders=("others",))
    assert pictures(house.results()) == ["1.png", "1_1.png"]


def test_a_file_that_no_walk_wrote_is_replaced_or_skipped_as_ever(house):
    house.fill("1.png")
    out = house.host.output_dir / "out"
    out.mkdir()
    (out / "1.png").write_bytes(b"mine")
    house.walk(Saver("Skip"))
    assert (out / "1.png").read_bytes() == b"mine"
    house.walk(Saver("Overwrite"))
    assert (out / "1.png").read_bytes() != b"mine"
    assert (len(house.results()), house.batch["renamed"]) == (1, 0)


@pytest.mark.parametrize("folder", ["out", "remote:out"])
def test_the_name_of_a_result_that_was_moved_away_is_free(house, folder):
    house.fill("1.png")
    house.fill("1.png", folder="others")
    house.walk(Saver(folder=folder))
    if folder == "out":
        (house.host.output_dir / "out" / "1.png").unlink()
    else:
        house.app.storage("remote").delete("out/1.png")
    house.walk(Saver(folder=folder), folders=("others",))
    assert pictures(house.results(folder)) == ["1.png"]
    house.walk(Saver(folder=folder))
    assert len(house.results(folder)) == 2


def test_a_name_is_kept_when_the_source_that_had_it_first_is_gone(house):
    house.fill("a.jpg", "a.png")
    house.walk()
    (house.host.input_dir / "photos" / "a.jpg").unlink()
    house.walk()
    assert pictures(house.results()) == ["a.png", "a_1.png"]


def test_rename_makes_a_new_result_in_each_pass(house):
    house.fill("a.jpg", "a.png")
    for count in (2, 4, 6):
        house.walk(Saver("Rename"))
        assert len(house.results()) == count


# --- kills -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
def test_a_kill_between_claim_and_write_makes_no_second_name(house, mode, monkeypatch):
    house.fill("a.jpg", "a.png", "b.png")
    house.walk(Saver(mode), limit=1)

    def killed(*_, **__):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(DiskTarget, "put", killed)
        with pytest.raises(SystemExit):
            house.walk(Saver(mode), limit=1)
    house.restart()
    house.walk(Saver(mode))
    assert pictures(house.results()) == ["a.png", "a_1.png", "b.png"]
    assert house.batch["renamed"] == 1


def test_a_full_disk_frees_the_name_for_another_source(house, monkeypatch):
    house.fill("a.jpg", "a.png")

    def full(*_, **__):
        raise StoreFull("There is no space left.", hint="Free some.")

    with monkeypatch.context() as patch:
        patch.setattr(DiskTarget, "put", full)
        house.walk(error_handling="Skip on error", limit=1)
    house.walk(error_handling="Skip on error")
    house.walk()
    assert len(house.results()) == 2


# --- several files for one source ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mode", "again"), [("Overwrite", 9), ("Skip", 9), ("Rename", 18)])
def test_frames_do_not_meet_other_sources(house, mode, again):
    house.fill("a.jpg", "a.png", "a_00002.png")
    for count in (9, again):
        house.walk(Saver(mode, frames=3))
        assert len(distinct(house.results())) == count


def test_fewer_or_more_frames_in_a_later_pass(house):
    house.fill("a.jpg", "a.png", "a_1.png")
    for frames in (1, 3, 2, 1):
        house.walk(Saver(frames=frames))
    assert len(distinct(house.results())) == 3 * 3 + 3


def test_the_frames_of_one_result_have_one_stem(house):
    house.fill("a.jpg", "a.png")
    house.walk(Saver(frames=2))
    assert pictures(house.results()) == ["a_00001.png", "a_00002.png", "a_1_00001.png", "a_1_00002.png"]


@pytest.mark.parametrize("mode", MODES)
def test_captions_do_not_replace_each_other(house, mode):
    house.fill("a.jpg", "a.png", "A.webp")
    house.walk(Saver(mode, wired=("output_base_name", "output_file_type", "caption")))
    results = house.results()
    assert len(distinct(results)) == 6
    for name in pictures(results):
        caption = results[f"{name.rpartition('.')[0]}.txt"].decode()
        assert caption.rpartition(".")[2] == name.rpartition(".")[2]


def test_one_loader_may_feed_several_savers(house):
    house.fill("a.jpg", "a.png")
    savers = (Saver(), Saver(folder="small"), Saver(typed={"filename_prefix": "x_"}))
    for _ in range(2):
        house.walk(*savers)
        assert pictures(house.results()) == ["a.png", "a_1.png", "x_a.png", "x_a_1.png"]
        assert pictures(house.results("small")) == ["a.png", "a_1.png"]
        assert house.batch["renamed"] == 1


def test_each_saver_claims_for_the_loader_upstream_of_it(house):
    house.fill("1.png", "2.png")
    house.fill("1.png", "2.png", "3.png", folder="others")
    savers = (Saver(loader="loader0"), Saver(loader="loader1"))
    for _ in range(2):
        house.walk(*savers, folders=("photos", "others"))
        assert pictures(house.results()) == ["1.png", "1_1.png", "2.png", "2_1.png", "3.png"]


# --- what people see -------------------------------------------------------------------------------------------------


def test_the_list_of_files_names_their_results(house):
    house.fill("a.jpg", "a.png", "b.png")
    house.walk(Saver(wired=("output_base_name", "caption")), Saver(folder="remote:x"), limit=2)
    items = list(house.app.batches.items(house.batch["key"]))
    out = house.host.output_dir / "out"
    assert [item.results for item in items] == [
        (os.fspath(out / "a.png"), "remote:x/a.png"),
        (os.fspath(out / "a_1.png"), "remote:x/a_1.png"),
        (),
    ]
    assert items[0].shown_results == f"{out / 'a.png'}; remote:x/a.png"


def test_the_command_line_says_the_same(house, capsys):
    house.fill("a.jpg", "a.png")
    house.walk()
    assert main(["batch", "show", "photos", "--data", str(house.root)]) == 0
    assert "finished · 2 of 2 · 1 renamed · photos" in capsys.readouterr().out
    assert main(["batch", "export", "photos", "--data", str(house.root)]) == 0
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    out = house.host.output_dir / "out"
    assert [(row["name"], row["result"]) for row in rows] == [
        ("a.jpg", str(out / "a.png")),
        ("a.png", str(out / "a_1.png")),
    ]


def test_a_saver_without_a_loader_claims_nothing(house):
    for _ in range(2):
        house.host.current = Run("run", "1")
        BatchImageSaver().run(torch.zeros(1, 1, 1, 3), 100, "Overwrite", output_base_name="x")
    assert pictures(house.results("")) == ["x.png"]
    assert not house.app.batches.all()


# --- random trees ----------------------------------------------------------------------------------------------------

PARTS = ["a", "A", f"d{NFC}", f"d{NFD}", "a_1", "x:y", "aux"]
STEMS = ["cat", "Cat", "cat_1", "cat_1_1", "cat_00001", NFC, NFD, "ß", "SS", "image"]
FOLDERS = st.lists(st.sampled_from(PARTS), max_size=2).map("/".join)
NAMES = st.builds(
    lambda folder, stem, ending: f"{folder}/{stem}.{ending}".lstrip("/"),
    FOLDERS,
    st.sampled_from(STEMS),
    st.sampled_from(["png", "jpg", "webp", "PNG", "jpeg"]),
)
PORTS = st.sets(st.sampled_from(["output_base_name", "output_file_type", "subfolder", "caption"])).map(tuple)


@given(
    st.lists(NAMES, min_size=1, max_size=8, unique=True),
    st.sampled_from(MODES),
    PORTS,
    st.sampled_from(["out", "remote:out", "remote:"]),
    st.sampled_from([1, 1, 2]),
)
@settings(max_examples=rounds(40, ci=400))
def test_there_are_as_many_results_as_sources(names, mode, wired, folder, frames):
    with TemporaryDirectory() as root:
        house = BatchHouse(Path(root), {"remote": f"memory://batch-trees-{Path(root).name}"})
        try:
            house.fill(*names)
            for passes in (1, 2):
                house.walk(Saver(mode, folder, wired, frames=frames))
                check(house, folder, len(names), frames * (passes if mode == "Rename" else 1), wired)
        finally:
            house.close()


def check(house, folder, sources, each, wired):
    assert house.batch["state"] == "finished", house.batch["status"]
    results = house.results(folder)
    names = pictures(results)
    assert len(distinct(results)) == len(results) == sources * each * (2 if "caption" in wired else 1)
    assert all(unicodedata.is_normalized("NFC", os.path.dirname(name)) for name in names)
    assert sorted(round(level(results[name]) / STEP) for name in names) == sorted([*range(sources)] * each)


def level(data):
    with Image.open(io.BytesIO(data)) as image:
        return image.convert("L").getpixel((0, 0))


KINDS = ("a.gif", "b.bmp", "c.TIF", "d.avif", "e.jfif", "f.apng", "g.webp", "h.png", "i.jp2")


def test_types_that_are_not_written_become_png_and_the_status_says_so(house):
    house.fill(*KINDS)
    outputs = house.walk(Saver(wired=("output_base_name", "output_file_type")))
    names = sorted(house.results())
    assert names == ["a.png", "b.png", "c.png", "d.png", "e.jpg", "f.png", "g.webp", "h.png", "i.png"]
    assert "9 of 9 · avif, bmp, gif, tif saved as png · photos" in outputs["loader0"]["STATUS"]
    (entry,) = house.app.batches.all()
    assert "avif, bmp, gif, jp2, tif saved as png" in house.app.batches.describe(entry)["status"]


def test_sources_of_two_types_that_become_one_keep_results_of_their_own(house):
    house.fill("cat.gif", "cat.bmp", "cat.png")
    house.walk(Saver(wired=("output_base_name", "output_file_type")))
    assert len(house.results()) == 3


@pytest.mark.parametrize("kind", ["jpg", "webp"])
def test_the_setting_names_another_type(house, kind):
    house.close()
    house.app = build_application(house.host, Settings(batch=BatchSettings(fallback_type=kind)))
    set_application(house.app)
    house.fill("a.gif")
    house.walk(Saver(wired=("output_base_name", "output_file_type")))
    assert list(house.results()) == [f"a.{kind}"]


def test_a_type_that_is_typed_and_not_written_is_refused(house):
    house.fill("a.png")
    house.walk(Saver(typed={"output_file_type": "gif"}))
    assert "Files of type “gif” are not written here." in house.ends[0].reason
    assert not house.results()


def test_an_extension_that_is_no_picture_is_refused(house):
    house.fill("a.weird")
    house.walk(Saver(wired=("output_base_name", "output_file_type")), filter_preset="Custom", custom_pattern="*")
    assert "Files of type “weird” are not written here." in house.ends[0].reason


@pytest.mark.parametrize("kind", ["memory", "local"])
def test_files_of_a_space_with_names_in_another_form_are_counted_loaded_and_captioned(house, tmp_path, kind):
    url = str(tmp_path / "space") if kind == "local" else house.spaces["remote"].url
    house.close()
    house.spaces["remote"] = SpaceSettings(url=url)
    house.open()
    picture = io.BytesIO()
    Image.new("RGB", (2, 2), (1, 2, 3)).save(picture, "png")
    files = {
        f"caf{NFD}.png": picture.getvalue(),
        f"caf{NFC}.png": picture.getvalue(),
        "写真\u30001.png": picture.getvalue(),
    }
    files[f"caf{NFD}.txt"] = "女の子が海辺に立っている".encode("shift_jis")
    for name, data in files.items():
        if kind == "local":
            path = tmp_path / "space" / "in" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        else:
            house.app.storage("remote").store.content.put(f"in/{name}", data)
    texts = []
    house.walk(folders=("remote:in",), before_write=lambda: texts.append(house.given["loader0"]["TEXT"]))
    assert house.batch["status"].startswith("finished · 3 of 3")
    assert len(house.results()) == 3
    assert texts.count("女の子が海辺に立っている") >= 1
