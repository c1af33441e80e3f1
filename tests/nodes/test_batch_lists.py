"""The batch loader's tail: orders, results that exist already, and loaders that advance together by name."""

import os

import pytest
from PIL import Image

from datasete.application import build_application, set_application
from datasete.batch.state import CONTINUE, RESET, SKIP, STOP
from datasete.config import LimitSettings, Settings, SpaceSettings
from datasete.errors import InvalidInput
from datasete.host.api import BareHost, Blocked
from datasete.host.runs import now
from datasete.ids import new_id
from datasete.nodes.batch_image_loader import BatchImageLoader
from datasete.nodes.batch_image_saver import BatchImageSaver
from datasete.testing.runs import memory_host

SIX = [f"{n}.png" for n in range(1, 7)]


def paint(path, level=128, size=(4, 3)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (level,) * 3).save(path)


@pytest.fixture
def app(tmp_path):
    host = BareHost(tmp_path / "input", tmp_path / "output", tmp_path / "user")
    app = build_application(host, Settings(spaces={"far": SpaceSettings(url="memory://batch-list-tests")}))
    set_application(app)
    yield app
    set_application(None)
    app.close()


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "input" / "photos"
    for number, name in enumerate(SIX, 1):
        paint(folder / name, size=(4, 20 - number))
        os.utime(folder / name, (1_700_000_000 + (number * 7) % 6, 1_700_000_000 + (number * 7) % 6))
    return folder


def load(directory="photos", mode=CONTINUE, errors=STOP, **inputs):
    outputs = BatchImageLoader().run(directory, "All Images", mode, errors, **inputs)
    said = outputs["ui"]["text"] if isinstance(outputs, dict) else []
    outputs = outputs["result"] if isinstance(outputs, dict) else outputs
    return {**dict(zip(BatchImageLoader.RETURN_NAMES, outputs, strict=True)), "said": said}


def names(count, *arguments, **inputs):
    return [load(*arguments, **inputs)["FILENAME"] for _ in range(count)]


def state(app):
    return app.batches.all()[0].batch


# --- the widgets -----------------------------------------------------------------------------------------------------


def test_the_tail_has_the_order_that_workflows_will_know():
    optional = BatchImageLoader.INPUT_TYPES()["optional"]
    assert list(optional)[2:] == ["order", "seed", "frames", "pairing", "skip_existing"]
    assert optional["order"][0] == ["name", "date", "size", "random", "reverse name"]
    assert optional["frames"][0] == ["first", "all"]
    assert optional["pairing"][0] == ["by place", "by name"]
    assert [optional[name][0] for name in ("seed", "skip_existing")] == ["INT", "STRING"]
    defaults = {name: optional[name][1]["default"] for name in list(optional)[2:]}
    assert defaults == {"order": "name", "seed": 0, "frames": "first", "pairing": "by place", "skip_existing": ""}


def test_the_seed_does_not_advance_by_itself():
    assert BatchImageLoader.INPUT_TYPES()["optional"]["seed"][1]["control_after_generate"] is False


@pytest.mark.parametrize("wrong", [{"order": "colour"}, {"pairing": "by luck"}, {"frames": "last"}])
def test_an_unknown_choice_is_refused_in_words(app, folder, wrong):
    with pytest.raises(InvalidInput, match="Choose from"):
        load(**wrong)
    assert names(1) == ["1.png"]


# --- orders ----------------------------------------------------------------------------------------------------------


def test_the_orders(app, folder):
    by_date = ["6.png", "1.png", "2.png", "3.png", "4.png", "5.png"]
    for number, name in enumerate(by_date):
        os.utime(folder / name, (1_700_000_000 + number, 1_700_000_000 + number))
        (folder / name).write_bytes((folder / name).read_bytes() + b"\0" * (100 * int(name[0]) % 7))
    by_size = sorted(SIX, key=lambda name: (folder / name).stat().st_size)
    assert names(6, order="date") == by_date
    assert names(6, order="size") == by_size
    assert names(6, order="reverse name") == SIX[::-1]
    assert names(6, order="name") == SIX


def test_a_random_order_is_the_same_for_one_seed_and_another_for_the_next(app, folder):
    first = names(6, order="random", seed=1)
    assert sorted(first) == SIX
    assert names(6, order="random", seed=1) == first
    others = [names(6, order="random", seed=seed) for seed in range(2, 6)]
    assert any(other != first for other in others)
    assert all(sorted(other) == SIX for other in others)


def test_a_space_is_ordered_too(app, folder):
    for name in SIX:
        app.storage("far").write(f"walk/{name}", (folder / name).read_bytes() + b"\0" * (10 - int(name[0])))
    sizes = {name: len(app.storage("far").get(f"walk/{name}").data) for name in SIX}
    assert names(6, "far:walk", order="size") == sorted(SIX, key=sizes.__getitem__)
    assert names(6, "far:walk", order="reverse name") == SIX[::-1]


@pytest.mark.parametrize("order", ["date", "size", "random", "reverse name"])
def test_another_order_in_the_middle_of_a_walk_repeats_and_leaves_out_nothing(app, folder, order):
    before = names(2)
    rest = names(4, order=order, seed=3)
    assert rest[0] == "3.png"  # the batch stays on its file
    assert sorted(before + rest) == SIX
    assert state(app).status == "finished"


def test_every_run_may_ask_for_another_order(app, folder):
    asked = ["random", "name", "size", "reverse name", "date", "random"]
    assert sorted(name for seed, order in enumerate(asked) for name in names(1, order=order, seed=seed)) == SIX


def test_another_order_takes_up_new_files_and_forgets_those_that_are_gone(app, folder):
    assert names(2) == SIX[:2]
    paint(folder / "0.png")
    (folder / "5.png").unlink()
    assert names(4, order="reverse name") == ["3.png", "6.png", "4.png", "0.png"]
    assert state(app).status == "finished"


def test_another_order_keeps_what_was_skipped(app, folder):
    (folder / "2.png").write_bytes(b"x")
    names(2, errors=SKIP)
    got = load(errors=SKIP, order="reverse name")
    assert (got["FILENAME"], got["STATUS"]) == ("4.png", "4 of 6 · 1 skipped · photos")
    assert [item.name for item in app.batches.skipped(app.batches.all()[0].key)] == ["2.png"]


def test_files_before_the_start_index_stay_out_when_the_order_changes(app, folder):
    got = names(1, start_index=2) + names(3, start_index=2, order="reverse name")
    assert got == ["3.png", "4.png", "6.png", "5.png"]
    assert state(app).status == "finished"


def test_a_file_that_failed_comes_first_in_the_other_order_too(app, folder):
    good = (folder / "2.png").read_bytes()
    (folder / "2.png").write_bytes(b"x")
    names(1)
    with pytest.raises(InvalidInput, match=r"2\.png"):
        load()
    (folder / "2.png").write_bytes(good)
    assert names(1, order="reverse name") == ["2.png"]


# --- results that exist ----------------------------------------------------------------------------------------------


def results(tmp_path, *found):
    for name in found:
        paint(tmp_path / "output" / "done" / name)


def test_files_whose_result_exists_are_counted_as_done(app, folder, tmp_path):
    results(tmp_path, "2.webp", "3.png", "6.jpg")
    got = [load(skip_existing="done") for _ in range(3)]
    assert [each["FILENAME"] for each in got] == ["1.png", "4.png", "5.png"]
    assert [each["INDEX"] for each in got] == [0, 3, 4]
    assert [each["BATCH_COMPLETE"] for each in got] == [False, False, True]
    assert got[0]["STATUS"] == "1 of 6 · 3 done before · photos"
    assert (state(app).status, state(app).progress.done, state(app).progress.skipped) == ("finished", 6, 0)


def test_nothing_runs_when_every_result_exists(app, folder, tmp_path):
    results(tmp_path, *SIX)
    assert isinstance(load(skip_existing="done")["IMAGE"], Blocked)
    assert (state(app).status, state(app).progress.done) == ("finished", 6)


def test_a_folder_of_results_that_is_not_there_yet_holds_none(app, folder):
    assert names(6, skip_existing="later") == SIX


def test_results_count_in_the_same_subfolder(app, folder, tmp_path):
    paint(folder / "a" / "x.png")
    paint(folder / "b" / "x.png")
    results(tmp_path, "b/x.png", "1.txt.png", *SIX[:5])
    assert names(2, "photos/**", skip_existing="done") == ["6.png", "x.png"]
    assert state(app).status == "finished"


def test_a_result_at_the_top_counts_for_the_only_file_of_its_name(app, folder, tmp_path):
    paint(folder / "a" / "x.png")
    results(tmp_path, "x.webp", *SIX)
    assert isinstance(load("photos/**", skip_existing="done")["IMAGE"], Blocked)


def test_captions_and_other_spellings(app, folder, tmp_path):
    paint(folder / "Cafe\u0301.png")
    results(tmp_path, "CAFÉ.png")
    (tmp_path / "output" / "done" / "1.txt").touch()
    assert names(6, skip_existing="done") == SIX


def test_what_a_saver_named_otherwise_counts_where_this_machine_knows_of_it(tmp_path):
    host, runs = memory_host(tmp_path)
    app = build_application(host, Settings())
    set_application(app)
    for name in SIX:
        paint(tmp_path / "input" / "photos" / name)
    graph = {"1": {"class_type": "BatchImageLoader", "inputs": {}}, "2": {"inputs": {"image": ["1", 0]}}}

    def save(prompt):
        from datasete.host.api import Run

        got = load()
        host.current = Run(prompt.prompt_id, "2")
        BatchImageSaver().run(got["IMAGE"], 100, "Overwrite", "done", got["BASENAME"], "png", "big_")

    runs.press(graph)
    runs.run_next(save)
    runs.waiting.clear()
    seen = []
    runs.press(graph)
    runs.run_next(lambda _: seen.append(load(mode=RESET, skip_existing="done")["FILENAME"]))
    assert seen == ["2.png"]
    set_application(None)
    app.close()


def test_the_walked_folder_itself_holds_no_results_of_its_files(app, folder):
    assert names(6, skip_existing=str(folder)) == SIX


def test_new_files_at_the_end_are_looked_up_too(app, folder, tmp_path):
    results(tmp_path, "7.png")
    assert names(5, skip_existing="done") == SIX[:5]
    paint(folder / "7.png")
    paint(folder / "8.png")
    assert names(2, skip_existing="done") == ["6.png", "8.png"]
    assert state(app).status == "finished"


def test_setting_the_folder_in_the_middle_of_a_walk_leaves_out_what_is_done_from_then_on(app, folder, tmp_path):
    results(tmp_path, "1.png", "4.png")
    assert names(2) + names(3, skip_existing="done") == ["1.png", "2.png", "3.png", "5.png", "6.png"]
    assert (state(app).status, state(app).progress.done) == ("finished", 6)


def test_results_in_a_space(app, folder):
    app.storage("far").write("out/3.png", b"x")
    assert names(5, skip_existing="far:out") == [name for name in SIX if name != "3.png"]


def test_a_broken_last_file_before_existing_ones_ends_the_batch(app, folder, tmp_path):
    (folder / "4.png").write_bytes(b"x")
    results(tmp_path, "5.png", "6.png")
    assert names(3, errors=SKIP, skip_existing="done") == SIX[:3]
    assert isinstance(load(errors=SKIP, skip_existing="done")["IMAGE"], Blocked)
    assert (state(app).status, state(app).progress.done, state(app).progress.skipped) == ("finished", 5, 1)


# --- loaders that advance together -----------------------------------------------------------------------------------


class Pairs:
    """Runs with several loaders, called in an order that a test may turn round."""

    def __init__(self, tmp_path):
        self.host, self.runs = memory_host(tmp_path)
        self.runs.clock = now
        self.app = build_application(self.host, Settings())
        set_application(self.app)
        self.input = tmp_path / "input"
        self.seen, self.status = [], []
        self.turned = False

    def fill(self, folder, *found):
        for name in found:
            paint(self.input / folder / name)

    def spoil(self, folder, name):
        (self.input / folder / name).write_bytes(b"x")

    def press(self, **loaders):
        nodes = {
            name: {
                "class_type": "BatchImageLoader",
                "inputs": {"directory": name, "filter_preset": "All Images", "custom_pattern": "", **inputs},
            }
            for name, inputs in loaders.items()
        }
        self.runs.press(nodes, datasete_press=new_id())

    def work(self, prompt):
        got = {}
        nodes = list(prompt.graph)
        for node in reversed(nodes) if self.turned else nodes:
            filters = ("filter_preset", "custom_pattern")
            inputs = prompt.graph[node]["inputs"].items()
            outputs = load(**{key: value for key, value in inputs if key not in filters})
            got[node] = None if isinstance(outputs["IMAGE"], Blocked) else outputs["FILENAME"]
            self.status.append(outputs["STATUS"])
        self.seen.append(tuple(got[node] for node in nodes))

    def run(self, limit=50):
        return self.runs.run_all(self.work, limit)

    def batch(self, folder):
        return next(entry.batch for entry in self.app.batches.all() if entry.path.endswith(folder))


@pytest.fixture
def together(tmp_path):
    together = Pairs(tmp_path)
    yield together
    set_application(None)
    together.app.close()


BY_NAME = {"pairing": "by name"}


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("depth", [BY_NAME, {}])
def test_pairs_stay_pairs_by_name_where_one_file_is_missing(together, turned, depth):
    together.turned = turned
    together.fill("imgs", "a.png", "b.png", "c.png", "d.png")
    together.fill("depth", "A.jpg", "c.png", "d.webp", "z.png")
    together.press(imgs=BY_NAME, depth=depth)
    together.run()
    assert together.seen == [("a.png", "A.jpg"), ("c.png", "c.png"), ("d.png", "d.webp")]
    assert [together.batch(name).status for name in ("imgs", "depth")] == ["finished"] * 2
    assert all("1 without a pair" in each for each in together.status)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("broken", ["imgs", "depth"])
def test_a_bad_file_takes_its_partner_along_when_errors_are_skipped(together, turned, broken):
    together.turned = turned
    for folder in ("imgs", "depth"):
        together.fill(folder, *SIX)
    together.spoil(broken, "3.png")
    together.press(imgs={**BY_NAME, "errors": SKIP}, depth={**BY_NAME, "errors": SKIP})
    together.run()
    whole = [pair for pair in together.seen if None not in pair]
    assert whole == [(name, name) for name in SIX if name != "3.png"]
    for folder in ("imgs", "depth"):
        batch = together.batch(folder)
        assert (batch.status, batch.progress.done, batch.progress.skipped) == ("finished", 5, 1)


def test_a_bad_pair_at_the_end(together):
    for folder in ("imgs", "depth"):
        together.fill(folder, "1.png", "2.png")
        together.spoil(folder, "2.png")
    together.press(imgs={**BY_NAME, "errors": SKIP}, depth={**BY_NAME, "errors": SKIP})
    together.run()
    assert together.seen == [("1.png", "1.png"), (None, None)]
    assert [together.batch(folder).status for folder in ("imgs", "depth")] == ["finished"] * 2


def test_one_that_stops_on_an_error_stops_the_pair(together):
    for folder in ("imgs", "depth"):
        together.fill(folder, *SIX)
    together.spoil("depth", "2.png")
    together.press(imgs={**BY_NAME, "errors": SKIP}, depth={**BY_NAME, "errors": STOP})
    together.run()
    assert [together.batch(folder).progress.position for folder in ("imgs", "depth")] == [1, 1]
    paint(together.input / "depth" / "2.png")
    together.press(imgs={**BY_NAME, "errors": SKIP}, depth={**BY_NAME, "errors": STOP})
    together.run()
    assert together.seen == [(name, name) for name in SIX]


@pytest.mark.parametrize("turned", [False, True])
def test_folders_that_are_at_different_places_come_together(together, turned):
    together.turned = turned
    for folder in ("imgs", "depth"):
        together.fill(folder, *SIX)
    together.press(imgs={})
    together.run(2)
    together.runs.waiting.clear()
    together.press(imgs=BY_NAME, depth=BY_NAME)
    together.run()
    pairs = together.seen[2:]
    assert all(left == right for left, right in pairs)
    assert set(SIX[2:]) <= {left for left, _ in pairs}
    assert [together.batch(folder).status for folder in ("imgs", "depth")] == ["finished"] * 2


def test_orders_and_results_of_the_one_that_leads_hold_for_both(together, tmp_path):
    for folder in ("imgs", "depth"):
        together.fill(folder, *SIX)
    paint(tmp_path / "output" / "done" / "4.png")
    leads = {**BY_NAME, "order": "reverse name", "skip_existing": "done"}
    together.press(imgs=leads, depth=BY_NAME)
    together.run()
    assert together.seen == [(name, name) for name in SIX[::-1] if name != "4.png"]
    assert [together.batch(folder).progress.done for folder in ("imgs", "depth")] == [6, 6]


def test_a_new_pass_lists_both_again(together):
    for folder in ("imgs", "depth"):
        together.fill(folder, "1.png", "2.png")
    for _ in range(2):
        together.press(imgs=BY_NAME, depth=BY_NAME)
        together.run()
        together.fill("imgs", "3.png")
        together.fill("depth", "3.png")
    assert together.seen == [(name, name) for name in ["1.png", "2.png", "1.png", "2.png", "3.png"]]


def test_pairs_that_are_added_during_the_walk_come_at_its_end(together):
    for folder in ("imgs", "depth"):
        together.fill(folder, "1.png", "2.png")
    together.press(imgs=BY_NAME, depth=BY_NAME)
    together.run(1)
    together.fill("imgs", "3.png", "4.png")
    together.fill("depth", "3.png")
    together.run()
    assert together.seen == [(name, name) for name in ["1.png", "2.png", "3.png"]]


def test_three_loaders_of_which_two_are_paired(together):
    together.fill("imgs", "a.png", "b.png", "c.png")
    together.fill("depth", "a.png", "c.png")
    together.fill("styles", "s1.png", "s2.png")
    together.press(imgs=BY_NAME, depth=BY_NAME, styles={})
    together.run()
    assert together.seen == [("a.png", "a.png", "s1.png"), ("c.png", "c.png", "s2.png")]


def test_without_a_common_name_nothing_runs(together):
    together.fill("imgs", "a.png")
    together.fill("depth", "b.png")
    together.press(imgs=BY_NAME, depth=BY_NAME)
    end = together.runs.run_next(together.work)
    assert (end.kind, "has the name of one in “depth”" in end.reason) == ("failed", True)


def test_drift_by_place_is_counted_and_named(together):
    together.fill("imgs", "a.png", "b.png", "c.png")
    together.fill("depth", "a.png", "c.png", "d.png")
    together.press(imgs={}, depth={})
    together.run()
    assert together.seen == [("a.png", "a.png"), ("b.png", "c.png"), ("c.png", "d.png")]
    told = together.status[1::2]
    assert told[0] == "1 of 3 · depth"
    assert told[1] == "2 of 3 · 1 beside another name · depth · beside “b.png” of imgs"
    assert "2 beside another name" in told[2]
    assert together.batch("depth").progress.drifted == 2


def test_folders_with_other_names_altogether_do_not_drift(together):
    together.fill("imgs", "a.png", "b.png")
    together.fill("styles", "s1.png", "s2.png")
    together.press(imgs={}, styles={})
    together.run()
    assert not any("beside" in each for each in together.status)


# --- frames ----------------------------------------------------------------------------------------------------------


def animate(path, count=10, **options):
    frames = [Image.new("RGB", (4, 3), (20 * number, 0, 0)) for number in range(1, count + 1)]
    frames[0].save(path, save_all=True, append_images=frames[1:], **options)


@pytest.mark.parametrize(("kind", "count"), [("gif", 10), ("webp", 10), ("tiff", 10), ("png", 10)])
def test_a_file_of_more_frames_says_which_one_it_gives(app, tmp_path, kind, count):
    (tmp_path / "input" / "moving").mkdir(parents=True)
    animate(tmp_path / "input" / "moving" / f"a.{kind}", **({"lossless": True} if kind == "webp" else {}))
    first = load("moving")
    assert (first["IMAGE"].shape[0], first["STATUS"]) == (1, "1 of 1 · moving · frame 1 of 10")
    whole = load("moving", frames="all")
    assert (whole["IMAGE"].shape, whole["MASK"].shape) == ((count, 3, 4, 3), (count, 3, 4))
    assert whole["STATUS"] == "1 of 1 · moving · 10 frames"
    assert [round(float(frame[0, 0, 0]) * 255) for frame in whole["IMAGE"]] == list(range(20, 220, 20))


def test_too_many_frames_for_the_limits_are_refused_in_words(tmp_path):
    host = BareHost(tmp_path / "input", tmp_path / "output", tmp_path / "user")
    app = build_application(host, Settings(limits=LimitSettings(image_pixels=100)))
    set_application(app)
    (tmp_path / "input" / "moving").mkdir(parents=True)
    animate(tmp_path / "input" / "moving" / "a.gif")
    with pytest.raises(InvalidInput, match="10 frames have"):
        load("moving", frames="all")
    assert load("moving")["STATUS"].endswith("frame 1 of 10")
    set_application(None)
    app.close()
