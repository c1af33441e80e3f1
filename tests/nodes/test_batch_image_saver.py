"""The batch saver, called as ComfyUI calls it."""

import contextlib
import json
import os
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import numpy as np
import pytest
import torch
from PIL import Image

from datasete.application import application, build_application, set_application
from datasete.batch.saving.output import UNFINISHED, UNFINISHED_SECONDS
from datasete.config import PathSettings, Settings, SpaceSettings
from datasete.errors import DataseteError, Forbidden, InvalidInput, StoreDenied
from datasete.host.api import BareHost
from datasete.nodes.batch_image_saver import BatchImageSaver

PROMPT = {"1": {"class_type": "X", "inputs": {"text": "猫"}}}
WORKFLOW = {"workflow": {"nodes": [{"id": 1}]}}


@pytest.fixture
def output(tmp_path):
    host = BareHost(tmp_path / "input", tmp_path / "output", tmp_path / "user")
    settings = Settings(
        paths=PathSettings(allow_write=(tmp_path / "allowed",)),
        spaces={"remote": SpaceSettings(url=f"memory://batch-saver-{tmp_path.name}")},
    )
    app = build_application(host, settings)
    set_application(app)
    host.output_dir.mkdir()
    yield host.output_dir
    set_application(None)
    app.close()


def picture(frames=1, channels=3, seed=1):
    values = np.random.default_rng(seed).integers(0, 256, (frames, 9, 7, channels), np.uint8)
    return torch.from_numpy(values).float() / 255


def opened(path):
    with Image.open(path) as image:
        image.load()
        return image


def pixels(image):
    return (image[0] * 255).round().to(torch.uint8).numpy()


def save(image=None, quality=100, mode="Overwrite", **inputs):
    answer = BatchImageSaver().run(picture() if image is None else image, quality, mode, **inputs)
    return answer["result"][1:]


def test_the_ports_are_those_that_workflows_know():
    types = BatchImageSaver.INPUT_TYPES()
    assert list(types["required"]) == ["image", "quality", "overwrite_mode"]
    assert list(types["optional"])[:5] == [
        *("output_directory", "output_base_name", "output_file_type", "filename_prefix", "filename_suffix")
    ]
    assert {types["optional"][name][0] for name in list(types["optional"])[:5]} == {"STRING"}
    assert types["required"]["overwrite_mode"] == (["Overwrite", "Skip", "Rename"], {"default": "Overwrite"})
    assert BatchImageSaver.RETURN_TYPES == ("IMAGE", "STRING", "STRING")
    assert BatchImageSaver.RETURN_NAMES == ("OUTPUT_IMAGE", "SAVED_FILENAME", "SAVED_PATH")
    assert BatchImageSaver.OUTPUT_NODE is True


def test_a_picture_is_saved_and_handed_on(output):
    image = picture()
    answer = BatchImageSaver().run(image, 100, "Overwrite", output_base_name="cat", filename_prefix="a_")
    assert answer["result"][0] is image
    assert answer["result"][1:] == ("a_cat.png", str(output / "a_cat.png"))
    assert answer["ui"] == {"images": [{"filename": "a_cat.png", "subfolder": "", "type": "output"}]}
    assert np.array_equal(np.asarray(opened(output / "a_cat.png")), pixels(image))


def test_every_frame_is_saved(output):
    name, path = save(picture(3), output_directory="many", output_base_name="x", filename_suffix="_y")
    assert name.split("\n") == ["x_y_00001.png", "x_y_00002.png", "x_y_00003.png"]
    assert path.split("\n") == [str(output / "many" / each) for each in name.split("\n")]
    assert sorted(each.name for each in (output / "many").iterdir()) == name.split("\n")


@pytest.mark.parametrize(("kind", "format_"), [("PNG", "PNG"), (".jpg", "JPEG"), ("jpeg", "JPEG"), ("webp", "WEBP")])
def test_types(output, kind, format_):
    name, path = save(output_file_type=kind)
    assert name == f"image.{kind.lower().lstrip('.')}"
    assert opened(path).format == format_


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("kind", ["png", "webp", "jpg"])
def test_channels(output, kind, channels):
    _, path = save(picture(channels=channels), output_file_type=kind)
    assert opened(path).size == (7, 9)


@pytest.mark.parametrize("channels", [3, 4])
def test_webp_at_100_is_lossless(output, channels):
    image = picture(channels=channels)
    _, path = save(image, output_file_type="webp")
    assert np.array_equal(np.asarray(opened(path)), pixels(image))


def test_a_lower_quality_makes_a_smaller_file(output):
    image = picture().repeat(1, 30, 30, 1)
    sizes = [os.path.getsize(save(image, quality, output_file_type="jpg")[1]) for quality in (100, 30)]
    assert sizes[1] < sizes[0] / 2


# --- names that are taken --------------------------------------------------------------------------------------------


def test_overwrite_replaces(output):
    save(picture(seed=1))
    _, path = save(picture(seed=2))
    assert np.array_equal(np.asarray(opened(path)), pixels(picture(seed=2)))


def test_skip_leaves_what_is_there(output):
    save(picture(seed=1))
    name, path = save(picture(seed=2), mode="Skip")
    assert name == "image.png"
    assert np.array_equal(np.asarray(opened(path)), pixels(picture(seed=1)))


def test_rename_counts_on(output):
    assert [save(mode="Rename")[0] for _ in range(3)] == ["image.png", "image_1.png", "image_2.png"]


def test_rename_never_loses_a_race(output):
    names, start = [], threading.Barrier(8)

    def work(seed):
        start.wait()
        names.extend([save(picture(seed=100 * seed + turn), mode="Rename")[0] for turn in range(12)])

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(names)) == len(names) == 96
    assert len({(output / name).read_bytes() for name in names}) == 96


def test_a_desk_that_other_savers_make_and_take_away_all_the_time_stops_nobody(output):
    desk, done = output / UNFINISHED, threading.Event()

    def others():
        while not done.is_set():
            with contextlib.suppress(OSError):
                os.mkdir(desk)
                os.rmdir(desk)

    thread = threading.Thread(target=others)
    output.mkdir(parents=True, exist_ok=True)
    thread.start()
    try:
        names = [save(mode="Rename")[0] for _ in range(200)]
    finally:
        done.set()
        thread.join()
    assert len(set(names)) == 200


def test_a_dangling_link_is_taken(output):
    (output / "image.png").symlink_to(output / "nowhere")
    assert save(mode="Rename")[0] == "image_1.png"


def test_what_a_saver_that_was_killed_has_left_goes_with_a_later_write(output):
    save(output_base_name="a")
    desk = output / UNFINISHED
    assert not desk.exists()
    desk.mkdir()
    (desk / "abandoned").write_bytes(b"half")
    (desk / "at work").write_bytes(b"half")
    long_ago = time.time() - UNFINISHED_SECONDS - 1
    os.utime(desk / "abandoned", (long_ago, long_ago))
    save(output_base_name="b")
    assert os.listdir(desk) == ["at work"]
    (desk / "at work").unlink()
    save(output_base_name="c")
    assert sorted(os.listdir(output)) == ["a.png", "b.png", "c.png"]


def test_many_savers_at_once_do_not_take_each_others_folder_away(output):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: save(output_base_name=f"n{number}"), range(64)))
    assert sorted(os.listdir(output)) == sorted(f"n{number}.png" for number in range(64))


def test_nothing_else_is_left_in_the_folder(output):
    for mode in ("Overwrite", "Skip", "Rename"):
        save(mode=mode)
    assert sorted(each.name for each in output.iterdir()) == ["image.png", "image_1.png"]


# --- metadata and captions -------------------------------------------------------------------------------------------


def test_a_png_holds_the_workflow_as_comfyui_has_it(output):
    _, path = save(prompt=PROMPT, extra_pnginfo=WORKFLOW)
    text = opened(path).text
    assert json.loads(text["prompt"]) == PROMPT
    assert json.loads(text["workflow"]) == WORKFLOW["workflow"]


@pytest.mark.parametrize("kind", ["webp", "jpg"])
def test_webp_and_jpeg_hold_the_workflow_in_their_exif(output, kind):
    _, path = save(prompt=PROMPT, extra_pnginfo=WORKFLOW, output_file_type=kind)
    exif = opened(path).getexif()
    assert json.loads(exif[0x0110].removeprefix("prompt:")) == PROMPT
    assert json.loads(exif[0x010F].removeprefix("workflow:")) == WORKFLOW["workflow"]


@pytest.mark.parametrize("kind", ["png", "webp", "jpg"])
def test_the_workflow_can_be_left_out(output, kind):
    _, path = save(prompt=PROMPT, extra_pnginfo=WORKFLOW, output_file_type=kind, embed_workflow=False)
    with open(path, "rb") as file:
        assert b"class_type" not in file.read()


@pytest.mark.parametrize("kind", ["png", "webp", "jpg"])
def test_no_workflow_is_written_where_the_host_was_told_so(output, kind):
    application().host.metadata = False
    _, path = save(prompt=PROMPT, extra_pnginfo=WORKFLOW, output_file_type=kind)
    with open(path, "rb") as file:
        assert b"class_type" not in file.read()


def test_a_workflow_too_large_for_a_jpeg_is_left_out(output):
    _, path = save(prompt={"1": {"inputs": {"text": "x" * 100_000}}}, output_file_type="jpg")
    assert not opened(path).getexif()


def test_a_caption_lies_beside_its_picture(output):
    save(output_base_name="cat")
    save(output_base_name="cat", mode="Rename", caption="ein Kätzchen")
    assert (output / "cat_1.txt").read_text("utf-8") == "ein Kätzchen"
    assert not (output / "cat.txt").exists()


def test_a_caption_of_a_skipped_picture_is_skipped(output):
    save(output_base_name="cat", caption="old")
    save(output_base_name="cat", mode="Skip", caption="new")
    assert (output / "cat.txt").read_text() == "old"


# --- where -----------------------------------------------------------------------------------------------------------


def test_folders_that_the_configuration_lists_may_be_written(output, tmp_path):
    _, path = save(output_directory=str(tmp_path / "allowed" / "deep"))
    assert path == str(tmp_path / "allowed" / "deep" / "image.png")


@pytest.mark.parametrize("folder", ["elsewhere", "output-not", "input", "user", "."])
def test_no_other_folder_is_written(output, tmp_path, folder):
    with pytest.raises(Forbidden, match="outside"):
        save(output_directory=str(tmp_path / folder))
    assert not list(tmp_path.rglob("*.png"))


@pytest.mark.parametrize("folder", ["../x", "..", "a/../../x"])
def test_a_relative_folder_stays_below_output(output, tmp_path, folder):
    with pytest.raises(InvalidInput, match="leads out"):
        save(output_directory=folder)


def test_a_link_out_of_the_output_folder_is_not_followed(output, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (output / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DataseteError, match="out"):
        save(output_directory="link")
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_subfolder_lies_below_the_output_folder(output):
    assert save(output_directory="out", subfolder="a b/c")[1] == str(output / "out" / "a b" / "c" / "image.png")
    assert save(output_directory="remote:may", subfolder="a/b")[1] == "remote:may/a/b/image.png"
    answer = BatchImageSaver().run(picture(), 100, "Overwrite", subfolder="x/y")
    assert answer["ui"]["images"][0]["subfolder"] == "x/y"


@pytest.mark.parametrize("folder", ["/etc", "..", "a/../b", "a\\..\\b", "C:\\x", "c:/x", "\\\\server\\share"])
@pytest.mark.parametrize("where", ["out", "remote:may"])
def test_a_subfolder_leads_nowhere_else(output, folder, where):
    with pytest.raises(InvalidInput, match="leads out"):
        save(output_directory=where, subfolder=folder)
    assert not list(output.rglob("*.png"))


def test_a_subfolder_that_is_a_link_out_is_not_followed(output, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (output / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Forbidden, match="leads out"):
        save(subfolder="link/x")
    assert not list((tmp_path / "elsewhere").iterdir())


@pytest.mark.parametrize(
    ("folder", "portable"),
    [
        *(("a:b", "a_b"), ("aux/con.x", "_aux/_con.x"), ("x.", "x_"), (" a", " a"), (" ", ""), (".hidden", "_hidden")),
        *(("...", "_"), ("a\nb", "a_b"), ("e\u0301", "é"), ("写真/春", "写真/春"), ("./a//b/", "a/b")),
        *((os.fsdecode(b"\xff"), "_"), (UNFINISHED, f"_{UNFINISHED[1:]}")),
    ],
)
def test_a_subfolder_has_names_that_every_system_takes(output, folder, portable):
    assert save(subfolder=folder)[1] == str(output / portable / "image.png")


def test_a_space_is_written(output):
    from datasete.application import application

    name, path = save(output_directory="remote:may", mode="Rename", output_base_name="é")
    assert (name, path) == ("é.png", "remote:may/é.png")
    assert save(output_directory="remote:may", mode="Rename", output_base_name="é")[0] == "é_1.png"
    data = application().storage("remote").get("may/é.png").data
    assert opened(BytesIO(data)).size == (7, 9)


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "a\0b", ".hidden", "..", "a/.."])
def test_a_name_cannot_lead_out_of_the_folder(output, name):
    with pytest.raises(InvalidInput, match=r"cannot be used|leads out"):
        save(output_base_name=name)
    assert list(output.iterdir()) == []


@pytest.mark.parametrize("name", ["写真", " ", "é", "画像\u3000一", "x" * 250, "100%", "%unknown%"])
def test_names_of_every_script_are_kept(output, name):
    saved, path = save(output_base_name=name)
    assert saved == f"{name}.png"
    assert os.path.exists(path)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        *(("a: cat?", "a_ cat_"), ("CON", "_CON"), ("com1.x", "_com1.x"), ("a\nb", "a_b"), ("a\\b", "a_b")),
        (os.fsdecode(b"\xff"), "_"),
    ],
)
def test_a_name_that_comes_by_wire_becomes_one_that_every_system_takes(output, name, written):
    assert save(output_base_name=name)[0] == f"{written}.png"
    assert [each.name for each in output.iterdir()] == [f"{written}.png"]


def allowing(output, **paths):
    """An application whose configuration has these paths."""
    host = application().host
    application().close()
    spaces = {"all": SpaceSettings(url=str(host.input_dir)), "bucket": SpaceSettings(url="memory://one")}
    settings = Settings(paths=PathSettings(**paths), spaces=spaces, pools=SpaceSettings(url="memory://one/kept/pools"))
    set_application(build_application(host, settings))


@pytest.mark.parametrize("name", ["a: cat?", "CON", "a\nb", os.fsdecode(b"\xff")])
def test_names_that_this_system_takes_are_kept_where_the_configuration_says_so(output, name):
    allowing(output, names="system")
    assert save(output_base_name=name)[0] == f"{name}.png"
    assert BatchImageSaver.VALIDATE_INPUTS(output_base_name=name) is True


# --- before the run --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        *(
            ({"output_base_name": name}, "cannot be used")
            for name in ("a: cat?", "CON", "cat.", "cat ", "a\x07", "x" * 256)
        ),
        *(({"output_base_name": "ON", "filename_prefix": "C"}, "for a device"),),
        *(({key: "a|b"}, "character") for key in ("filename_prefix", "filename_suffix", "output_base_name")),
        *(({"output_base_name": name}, "leads out") for name in ("../x", "/etc/x")),
        *(({"output_directory": folder}, "cannot be used") for folder in ("a:b", "x/aux", "x./y", "remote:a/b?")),
        ({"output_directory": "../x"}, "leads out of the output folder"),
        ({"output_directory": "/elsewhere"}, "outside"),
        ({"output_directory": "a/**"}, "“\\*\\*”"),
        ({"output_directory": "a", "subfolder": "../b"}, "leads out"),
        *(({"output_directory": f"{space}:x"}, "no saver may write") for space in ("bus", "pools")),
    ],
)
def test_what_is_typed_is_checked_before_anything_runs(output, inputs, reason):
    answer = BatchImageSaver.VALIDATE_INPUTS(**inputs)
    assert answer is not True
    assert re.search(reason, answer)
    assert "Nothing was" in answer


@pytest.mark.parametrize(
    "inputs",
    [
        *({"output_base_name": name} for name in ("cat", "写真", "%date:hh:mm%", "%KSampler.seed%_%width%x", "a/b")),
        *({"output_directory": folder} for folder in ("", "a b/c", "remote:x", "%year%/%date:MM/dd%")),
        {"filename_prefix": "co", "filename_suffix": "n"},
        {"filename_prefix": "co", "output_base_name": None, "filename_suffix": "n"},  # wired: not known yet
        {"filename_prefix": None, "output_base_name": "con"},
        {"output_base_name": None, "output_directory": None, "subfolder": None},
    ],
)
def test_what_can_be_used_passes(output, inputs):
    assert BatchImageSaver.VALIDATE_INPUTS(**inputs) is True
    assert list(output.iterdir()) == [], "nothing is made before the run"


def test_a_folder_that_exists_is_used_whatever_its_name(output):
    (output / "a:b").mkdir()
    assert save(output_directory="a:b")[1] == str(output / "a:b" / "image.png")


# --- spaces of our own -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "folder", ["bus:x", "bus:", "pools:default", "bucket:kept/pools/x", "bucket:Kept/Pools", "all:gate_bus"]
)
def test_spaces_of_bus_and_pools_are_no_target(output, folder):
    allowing(output)
    with pytest.raises(Forbidden, match="no saver may write"):
        save(output_directory=folder)
    assert "no saver may write" in BatchImageSaver.VALIDATE_INPUTS(output_directory=folder)


@pytest.mark.parametrize(
    ("folder", "below"), [("gate_bus/cp1", ""), ("", "gate_bus"), ("x/../gate_bus", ""), ("way", "")]
)
def test_their_folders_are_no_target_on_any_way(output, tmp_path, folder, below):
    bus = tmp_path / "input" / "gate_bus"
    bus.mkdir(parents=True)
    (tmp_path / "input" / "way").symlink_to(bus)
    allowing(output, allow_write=(tmp_path / "input",))
    with pytest.raises(Forbidden, match="“bus”, where no saver may write"):
        save(output_directory=str(tmp_path / "input" / folder), subfolder=below)
    assert not list(bus.iterdir())
    assert save(output_directory=str(tmp_path / "input" / "gate_bus_2"))


# --- links -----------------------------------------------------------------------------------------------------------


def test_a_link_is_refused_before_the_run_and_by_the_right_name(output, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (output / "link").symlink_to(tmp_path / "elsewhere")
    answer = BatchImageSaver.VALIDATE_INPUTS(output_directory="link")
    assert "“link” is a link that leads out of the output folder" in answer
    assert "paths.follow_links" in answer


@pytest.mark.parametrize("follow", [True, ("input", "output")])
def test_links_in_the_output_folder_are_followed_where_the_configuration_says_so(output, tmp_path, follow):
    (tmp_path / "elsewhere").mkdir()
    (output / "link").symlink_to(tmp_path / "elsewhere")
    allowing(output, follow_links=follow)
    written = str(tmp_path / "elsewhere" / "a" / "image.png")
    for inputs in (
        {"output_directory": "link/a"},
        {"subfolder": "link/a"},
        {"output_directory": str(output / "link" / "a")},
    ):
        assert BatchImageSaver.VALIDATE_INPUTS(**inputs) is True
        assert save(**inputs)[1] == written
    for inputs in ({"output_directory": "link/../../x"}, {"output_directory": str(output / ".." / "x")}):
        with pytest.raises(DataseteError, match="out"):
            save(**inputs)


# --- tokens ----------------------------------------------------------------------------------------------------------


def test_tokens_are_filled_in_in_every_part_of_a_name(output):
    prompt = {"3": {"class_type": "KSampler", "inputs": {"seed": 42}}}
    saved, path = save(
        output_directory="by/%KSampler.seed%",
        subfolder="%width%",
        filename_prefix="%height%/",
        output_base_name="%KSampler.seed%",
        filename_suffix="_%width%x%height%",
        prompt=prompt,
    )
    assert saved == "42_7x9.png"
    assert path == str(output / "by" / "42" / "7" / "9" / saved)


def test_the_number_in_a_batch_stands_where_it_was_asked_for(output):
    saved, _ = save(picture(3), output_base_name="%batch_num%_of_3")
    assert saved.split("\n") == ["0_of_3.png", "1_of_3.png", "2_of_3.png"]


def test_a_name_that_is_too_long_is_said_so(output):
    with pytest.raises(DataseteError, match="could not be written"):
        save(output_base_name="x" * 300)
    assert list(output.iterdir()) == []


def test_a_file_where_the_folder_should_be_is_said_so(output):
    (output / "taken").write_text("x")
    with pytest.raises(DataseteError, match="could not be written"):
        save(output_directory="taken")


def test_a_folder_that_may_not_be_written_is_said_so(output):
    output.chmod(0o555)
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        with pytest.raises(StoreDenied, match="cannot be written"):
            save()
    finally:
        os.seteuid(before)
        output.chmod(0o755)


@pytest.mark.parametrize("inputs", [{"output_file_type": "bmp"}, {"quality": 0}, {"mode": "Burn"}])
def test_what_cannot_be_done_writes_nothing(output, inputs):
    with pytest.raises(InvalidInput, match="Nothing was written"):
        save(output_base_name="x", **{"output_file_type": "jpg", **inputs})
    assert list(output.iterdir()) == []


def test_no_picture_is_refused(output):
    with pytest.raises(InvalidInput, match="must be"):
        save(torch.zeros(0, 4, 4, 3))


@pytest.mark.parametrize(("kind", "most"), [("webp", 16_383), ("jpg", 65_500), ("jpeg", 65_500)])
@pytest.mark.parametrize("turned", [False, True])
def test_a_picture_that_its_type_cannot_hold_is_refused_before_a_file_is_begun(output, kind, most, turned):
    shape = (1, 1, most, 3) if turned else (1, most, 1, 3)
    save(torch.zeros(shape), 50, output_file_type=kind, output_base_name="largest")
    assert opened(output / f"largest.{kind}").size == (shape[2], shape[1])
    larger = (1, 1, most + 1, 3) if turned else (1, most + 1, 1, 3)
    with pytest.raises(InvalidInput, match=f"{most + 1:,}.* a {kind} file holds at most {most:,} a side") as caught:
        save(torch.zeros(larger), output_file_type=kind, output_base_name="larger")
    assert "Nothing was written" in caught.value.hint
    assert [path.name for path in output.iterdir()] == [f"largest.{kind}"]
    save(torch.zeros(larger), output_file_type="png", output_base_name="larger")


@pytest.mark.parametrize("name", [r"a\ud800b", r"a\udfffb", r"a\udcffb"])
@pytest.mark.parametrize("part", ["output_base_name", "filename_prefix", "subfolder"])
def test_a_name_that_is_no_text_becomes_one(output, part, name):
    save(**{"output_base_name": "x", part: name.encode().decode("unicode_escape")})
    assert len([path for path in output.rglob("*.png") if "_" in str(path.relative_to(output))]) == 1


@pytest.mark.parametrize("half", [r"\ud800", r"\udbff", r"\udc00", r"\udfff"])
def test_a_folder_with_half_a_character_is_refused_in_words(output, half):
    with pytest.raises(InvalidInput, match="“a\ufffdb” contains half a character"):
        save(output_directory=f"a{half.encode().decode('unicode_escape')}b")
    assert not [path for path in output.rglob("*") if path.is_file()]
