"""The batch loader, called as ComfyUI calls it, on a host with a queue in memory and on none."""

import os

import numpy as np
import pytest
import torch
from PIL import Image

from datasete.application import build_application, set_application
from datasete.batch.state import CONTINUE, RESET, SKIP, STOP
from datasete.config import LimitSettings, Settings, SpaceSettings
from datasete.errors import InvalidInput, NotFound
from datasete.host.api import BareHost, Blocked
from datasete.nodes import NODE_CLASS_MAPPINGS, NODE_DISPLAY_NAME_MAPPINGS
from datasete.nodes.batch_image_loader import BatchImageLoader
from datasete.testing.runs import memory_host

SIX = [f"{n}.png" for n in range(1, 7)]
PORTS = dict(zip(BatchImageLoader.RETURN_NAMES, range(14), strict=True))


def paint(path, level=128, mode="RGB", size=(4, 3)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, {"RGB": (level,) * 3, "RGBA": (level, level, level, 51), "L": level}[mode]).save(path)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "input" / "photos"
    for number, name in enumerate(SIX, 1):
        paint(folder / name, number)
    return folder


@pytest.fixture
def app(tmp_path):
    """No server at all."""
    host = BareHost(tmp_path / "input", tmp_path / "output", tmp_path / "user")
    app = build_application(host, Settings(limits=LimitSettings(image_bytes=1_000_000)))
    set_application(app)
    yield app
    set_application(None)
    app.close()


@pytest.fixture
def served(tmp_path):
    """A server with a queue."""
    host, runs = memory_host(tmp_path)
    app = build_application(host, Settings())
    set_application(app)
    yield runs
    set_application(None)
    app.close()


def load(directory="photos", mode=CONTINUE, errors=STOP, preset="All Images", **inputs):
    outputs = BatchImageLoader().run(directory, preset, mode, errors, **inputs)
    said = outputs["ui"]["text"] if isinstance(outputs, dict) else []
    outputs = outputs["result"] if isinstance(outputs, dict) else outputs
    return {**dict(zip(BatchImageLoader.RETURN_NAMES, outputs, strict=True)), "said": said}


def changed(directory="photos", mode=CONTINUE, errors=STOP, preset="All Images", **inputs):
    return BatchImageLoader.IS_CHANGED(directory, preset, mode, errors, **inputs)


def press(runs, **inputs):
    runs.press({"1": {"class_type": "BatchImageLoader", "inputs": inputs}}, client_id="tab")


class Walk:
    """Runs as ComfyUI does them: the outputs of a run are used again when IS_CHANGED is what it was."""

    def __init__(self):
        self.names, self.outputs, self.before = [], [], None

    def __call__(self, prompt):
        inputs = prompt.graph["1"]["inputs"]
        now = changed(**inputs)
        if now == self.before:
            return
        outputs = load(**inputs)
        self.before = now
        if not isinstance(outputs["IMAGE"], Blocked):
            self.names.append(outputs["FILENAME"])
            self.outputs.append(outputs)


# --- the ports -------------------------------------------------------------------------------------------------------


def test_the_ports_are_those_that_workflows_know():
    types = BatchImageLoader.INPUT_TYPES()
    assert list(types["required"]) == ["directory", "filter_preset", "iteration_mode", "error_handling"]
    assert list(types["optional"])[:2] == ["custom_pattern", "start_index"]
    assert types["required"]["filter_preset"][0] == ["All Images", "PNG Only", "JPG Only", "Custom"]
    assert types["required"]["iteration_mode"] == (["Continue", "Reset"], {"default": "Continue"})
    assert types["required"]["error_handling"] == (["Stop on error", "Skip on error"], {"default": "Stop on error"})
    assert types["optional"]["custom_pattern"][1]["default"] == "*.png,*.jpg,*.jpeg,*.webp"
    assert types["optional"]["start_index"][0] == "INT"
    assert {"default": 0, "min": 0, "max": 99999}.items() <= types["optional"]["start_index"][1].items()
    assert list(zip(BatchImageLoader.RETURN_NAMES, BatchImageLoader.RETURN_TYPES, strict=True)) == [
        ("IMAGE", "IMAGE"),
        ("TOTAL_COUNT", "INT"),
        ("INDEX", "INT"),
        ("CURRENT_INDEX", "INT"),
        ("FILENAME", "STRING"),
        ("BASENAME", "STRING"),
        ("STATUS", "STRING"),
        ("BATCH_COMPLETE", "BOOLEAN"),
        ("MASK", "MASK"),
        ("TEXT", "STRING"),
        ("DIRECTORY", "STRING"),
        ("EXTENSION", "STRING"),
        ("SUBFOLDER", "STRING"),
        ("SOURCE", "STRING"),
    ]


def test_the_batch_nodes_are_in_the_pack():
    titles = {
        "BatchImageLoader": "Batch Image Loader",
        "BatchImageSaver": "Batch Image Saver",
        "BatchProgressFormatter": "Batch Progress",
        "FolderImageLoader": "Folder Image Loader",
    }
    assert titles.items() <= NODE_DISPLAY_NAME_MAPPINGS.items()
    assert {NODE_CLASS_MAPPINGS[name].CATEGORY for name in titles} == {"Datasete Gates/Batch"}


def test_what_a_run_gives(app, folder):
    (folder / "1.txt").write_text("a cat\n")
    got = load()
    assert got["IMAGE"].shape == (1, 3, 4, 3)
    assert torch.all((got["IMAGE"] * 255).round() == 1)
    assert got["MASK"].shape == (1, 3, 4)
    assert not got["MASK"].any()
    assert (got["TOTAL_COUNT"], got["INDEX"], got["CURRENT_INDEX"]) == (6, 0, 0)
    assert (got["FILENAME"], got["BASENAME"], got["EXTENSION"]) == ("1.png", "1", "png")
    assert (got["STATUS"], got["BATCH_COMPLETE"], got["TEXT"]) == ("1 of 6 · photos", False, "a cat")
    assert got["DIRECTORY"] == str(folder)


def test_the_mask_is_one_minus_alpha(app, folder):
    paint(folder / "1.png", 200, "RGBA")
    assert torch.allclose(load()["MASK"], torch.tensor(0.8))


def test_a_grey_picture_has_three_channels(app, folder):
    paint(folder / "1.png", 200, "L")
    assert load()["IMAGE"].shape == (1, 3, 4, 3)


def test_complete_is_true_on_the_last_file_only(app, folder):
    assert [load()["BATCH_COMPLETE"] for _ in range(7)] == [False] * 5 + [True, False]


def test_files_below_have_their_own_folder(app, folder):
    paint(folder / "sub" / "0.JPG", 7)
    got = [load("photos/**") for _ in range(7)][-1]
    assert (got["FILENAME"], got["EXTENSION"], got["DIRECTORY"]) == ("0.JPG", "jpg", str(folder / "sub"))


def test_the_folder_below_the_walked_one_and_the_whole_path(app, folder):
    paint(folder / "a b" / "c" / "0.png", 7)
    got = [load("photos/**") for _ in range(7)]
    assert [(each["SUBFOLDER"], each["SOURCE"]) for each in got[:1]] == [("", str(folder / "1.png"))]
    assert (got[-1]["SUBFOLDER"], got[-1]["SOURCE"]) == ("a b/c", str(folder / "a b" / "c" / "0.png"))


def test_a_folder_in_a_space(tmp_path):
    host = BareHost(tmp_path / "input", tmp_path / "output", tmp_path / "user")
    app = build_application(host, Settings(spaces={"remote": SpaceSettings(url="memory://batch-loader-tests")}))
    set_application(app)
    paint(tmp_path / "x.png")
    for name in ("10", "9"):
        app.storage("remote").write(f"may/{name}.png", (tmp_path / "x.png").read_bytes())
    app.storage("remote").write("may/9.txt", b"nine")
    got = load("remote:may/")
    assert (got["FILENAME"], got["TEXT"], got["DIRECTORY"], got["TOTAL_COUNT"]) == ("9.png", "nine", "remote:may", 2)
    assert (got["SUBFOLDER"], got["SOURCE"]) == ("", "remote:may/9.png")
    set_application(None)
    app.close()


def test_names_of_every_script_walk(app, folder):
    names = ["写真.png", "é\n.png", os.fsdecode(b"\xff.png")]
    for name in names:
        paint(folder / "odd" / "x.png")
        (folder / "odd" / "x.png").rename(folder / "odd" / name)
    assert {load("photos/odd")["FILENAME"] for _ in names} == set(names)


# --- the pitfalls of the plain pattern -------------------------------------------------------------------------------


def test_pitfall_state_is_not_lost_between_executions(app, folder):
    assert [load()["FILENAME"] for _ in SIX] == SIX


def test_pitfall_is_changed_contains_the_index(served, folder):
    seen = []

    def work(prompt):
        seen.append(changed())
        load()

    press(served, directory="photos")
    served.run_all(work)
    assert [text.split(":")[1] for text in seen] == ["0", "1", "2", "3", "4", "5"]


def test_pitfall_the_cache_never_swallows_a_file_that_is_tried_again(served, folder):
    class Failing(Walk):
        def __call__(self, prompt):
            super().__call__(prompt)
            if self.names == ["1.png"]:
                raise ValueError("a node behind the loader fails")

    walk = Failing()
    for _ in range(2):
        press(served, directory="photos")
        served.run_all(walk)
    assert walk.names == ["1.png", *SIX]


def test_pitfall_state_moves_before_the_trigger(served, folder):
    states = []
    enqueue = served.enqueue

    def look_and_enqueue(prompt):
        states.append(app_batch().progress.position)
        enqueue(prompt)

    def app_batch():
        from datasete.application import application

        return application().batches.all()[0].batch

    press(served, directory="photos")
    served.enqueue = look_and_enqueue
    served.run_all(Walk())
    assert states == [1, 2, 3, 4, 5]


def test_pitfall_another_spelling_of_the_folder_is_no_reset(app, folder):
    spellings = ["photos", "photos/", "./photos", str(folder), f"{folder}/", "photos/../photos"]
    assert [load(each)["FILENAME"] for each in spellings] == SIX


def test_pitfall_without_a_server_the_node_still_works(app, folder):
    assert load()["FILENAME"] == "1.png"
    assert app.batches.all()[0].batch.message == ""


@pytest.mark.parametrize("mode", [CONTINUE, RESET])
def test_pitfall_the_loop_ends(served, folder, mode):
    walk = Walk()
    press(served, directory="photos", mode=mode)
    assert served.run_all(walk, 50) == 6
    assert walk.names == SIX


# --- what is pressed -------------------------------------------------------------------------------------------------


def test_late_presses_run_nothing(served, folder):
    walk = Walk()
    for _ in range(10):
        press(served, directory="photos", mode=RESET)
    served.run_all(walk, 50)
    assert walk.names == SIX


def test_reset_starts_over_once_without_a_server_too(app, folder):
    load()
    assert [load(mode=RESET)["FILENAME"] for _ in range(8)] == [*SIX, "1.png", "2.png"]


def test_a_start_index(app, folder):
    got = load(start_index=3)
    assert (got["FILENAME"], got["INDEX"], got["CURRENT_INDEX"]) == ("4.png", 3, 0)


def test_the_place_of_a_folder_survives_another_folder(app, folder):
    paint(folder.parent / "more" / "a.png")
    load()
    load("more")
    got = load()
    assert (got["FILENAME"], got["STATUS"]) == ("2.png", "2 of 6 · photos")


def test_filters_are_batches_of_their_own(app, folder):
    paint(folder / "a.jpg")
    assert load(preset="JPG Only")["FILENAME"] == "a.jpg"
    assert load(preset="PNG Only")["FILENAME"] == "1.png"
    assert load(preset="Custom", custom_pattern="3*")["FILENAME"] == "3.png"


def test_the_status_says_when_a_walk_goes_on_where_it_was(served, folder):
    walk = Walk()
    for _ in range(2):
        press(served, directory="photos")
        served.run_next(walk)
        served.waiting.clear()
    assert [each["STATUS"] for each in walk.outputs] == ["1 of 6 · photos", "2 of 6 · photos · resumed"]


def test_two_loaders_of_one_run_get_the_same_file(served, folder):
    names = []

    def work(prompt):
        names.append((load()["FILENAME"], load("photos/")["FILENAME"]))

    served.press({number: {"class_type": "BatchImageLoader", "inputs": {}} for number in "12"})
    served.run_all(work)
    assert names == [(name, name) for name in SIX]


@pytest.mark.parametrize("wired", [{"directory": None}, {"mode": None}, {"start_index": None}])
def test_a_wired_input_is_never_cached(app, folder, wired):
    assert changed(**wired) != changed(**wired)


def test_a_folder_that_is_not_there_is_never_cached(app):
    assert changed("a\0b") != changed("a\0b")


# --- bad input -------------------------------------------------------------------------------------------------------

BROKEN = {
    "zero.png": b"",
    "text.png": b"This is no picture.",
    "cut.png": None,
    "huge.png": b"x" * 1_000_001,
}


def spoil(folder, name, location):
    data = BROKEN[name]
    if data is None:
        noise = np.random.default_rng(1).integers(0, 255, (40, 40, 3), np.uint8)
        Image.fromarray(noise).save(folder / location)
        data = (folder / location).read_bytes()[:2000]
    (folder / location).write_bytes(data)


@pytest.mark.parametrize("kind", BROKEN)
def test_stop_on_error_names_the_file_and_stays_on_it(app, folder, kind):
    spoil(folder, kind, "2.png")
    load()
    for _ in range(2):
        with pytest.raises(InvalidInput, match=r"“2.png” cannot be loaded"):
            load()
    paint(folder / "2.png")
    assert load()["FILENAME"] == "2.png"


@pytest.mark.parametrize("kind", BROKEN)
def test_skip_on_error_records_the_file_and_loads_the_next_good_one_in_the_same_run(app, folder, kind):
    spoil(folder, kind, "2.png")
    spoil(folder, kind, "3.png")
    load(errors=SKIP)
    got = load(errors=SKIP)
    assert (got["FILENAME"], got["INDEX"], got["CURRENT_INDEX"]) == ("4.png", 3, 1)
    assert got["STATUS"] == "4 of 6 · 2 skipped · photos"
    skipped = app.batches.skipped(app.batches.all()[0].key)
    assert [item.name for item in skipped] == ["2.png", "3.png"]
    assert all(item.reason for item in skipped)


def test_a_file_that_is_deleted_between_scan_and_load(app, folder):
    load(errors=SKIP)
    (folder / "2.png").unlink()
    with pytest.raises(InvalidInput, match="removed after the folder was listed"):
        load()
    assert load(errors=SKIP)["FILENAME"] == "3.png"


def test_a_folder_that_is_gone_on_the_way_skips_nothing(app, folder):
    load(errors=SKIP)
    folder.rename(folder.parent / "elsewhere")
    with pytest.raises(InvalidInput, match="is gone"):
        load(errors=SKIP)
    (folder.parent / "elsewhere").rename(folder)
    assert load(errors=SKIP)["FILENAME"] == "2.png"


def test_a_folder_with_no_good_file_ends_with_a_clear_message(app, folder):
    for name in SIX:
        (folder / name).write_bytes(b"x")
    with pytest.raises(InvalidInput, match="No file in “photos” could be loaded: 6 skipped"):
        load(errors=SKIP)
    assert app.batches.all()[0].batch.status == "finished"


def test_a_broken_last_file_ends_the_batch_quietly(app, folder):
    (folder / "6.png").write_bytes(b"x")
    for _ in range(5):
        load(errors=SKIP)
    assert isinstance(load(errors=SKIP)["IMAGE"], Blocked)
    assert app.batches.all()[0].batch.status == "finished"


def test_a_missing_folder(app):
    with pytest.raises(NotFound, match="There is no folder"):
        load("nowhere")


def test_no_folder(app):
    with pytest.raises(InvalidInput, match="No folder is named"):
        load("")


def test_a_pattern_that_matches_nothing(app, folder):
    with pytest.raises(InvalidInput, match=r"matches \*.gif"):
        load(preset="Custom", custom_pattern="*.gif")


def test_a_start_index_beyond_the_end(app, folder):
    with pytest.raises(InvalidInput, match="start_index is 6, and “photos” has 6"):
        load(start_index=6)


def test_a_caption_that_cannot_be_read_is_said_in_the_status_and_stops_nothing(app, folder):
    (folder / "1.txt").write_bytes(b"\x89PNG\0\1")
    (folder / "2.png.txt").write_bytes("une fenêtre".encode("cp1252"))
    first, second = load(), load()
    assert (first["TEXT"], second["TEXT"]) == ("", "une fenêtre")
    assert "1 of 6 · photos · Its caption “1.txt” cannot be read" in first["STATUS"]
    assert second["STATUS"] == "2 of 6 · photos"


def test_a_run_that_comes_too_late_says_so_in_its_history(served, folder):
    seen = []
    for _ in range(8):
        served.press({"1": {"class_type": "BatchImageLoader", "inputs": {}}})
    served.run_all(lambda prompt: seen.append(load()))
    assert [each["FILENAME"] for each in seen if not each["said"]] == SIX
    late = next(each for each in seen if each["said"])
    assert isinstance(late["IMAGE"], Blocked)
    assert late["said"][0].startswith("Nothing was loaded: this run was queued before the walk ended")
    assert late["said"][0].endswith("finished · 6 of 6 · photos")


def test_a_press_of_its_own_starts_the_next_walk_at_once(served, folder):
    seen = []
    for press in ("one", "two"):
        served.press({"1": {"class_type": "BatchImageLoader", "inputs": {}}}, datasete_press=press)
        served.run_all(lambda prompt: seen.append(load()["FILENAME"]))
    assert seen == SIX * 2


@pytest.mark.parametrize("errors", [STOP, SKIP])
def test_a_listed_file_that_has_become_a_pipe_holds_nothing_up(app, folder, errors):
    assert load(errors=errors)["FILENAME"] == "1.png"
    (folder / "2.png").unlink()
    os.mkfifo(folder / "2.png")
    if errors == SKIP:
        assert load(errors=errors)["FILENAME"] == "3.png"
    else:
        with pytest.raises(InvalidInput, match=r"“2\.png” cannot be loaded: It could not be read: it is a pipe"):
            load(errors=errors)
