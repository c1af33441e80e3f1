import os

import pytest
from PIL import Image

from datasete.application import build_application, set_application
from datasete.config import Settings, SpaceSettings
from datasete.errors import InvalidInput, NotFound
from datasete.host.api import BareHost
from datasete.nodes.folder_image_loader import FolderImageLoader
from datasete.plugin import ANY


@pytest.fixture
def folder(tmp_path):
    host = BareHost(tmp_path / "input", tmp_path / "output", tmp_path / "user")
    app = build_application(host, Settings(spaces={"far": SpaceSettings(url=f"memory://folder-{tmp_path.name}")}))
    set_application(app)
    folder = tmp_path / "input" / "photos"
    for name in ("10.png", "9.png", "sub/1.png", "sub/deep/2.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGBA", (4, 3), (1, 2, 3, 51)).save(folder / name)
    yield folder
    set_application(None)
    app.close()


def load(folder="photos", index=0, depth=0):
    return FolderImageLoader().run(folder, index, depth)


def test_the_ports_are_those_that_workflows_know():
    required = FolderImageLoader.INPUT_TYPES()["required"]
    assert list(required) == ["folder", "index", "depth"]
    assert required["index"][1]["control_after_generate"] == "increment"
    assert (required["depth"][1]["min"], required["depth"][1]["max"]) == (-1, 64)
    assert FolderImageLoader.RETURN_NAMES == ("image", "text", "mask", "filename", "index")
    assert FolderImageLoader.RETURN_TYPES == ("IMAGE", "STRING", "MASK", "STRING", "INT")


def test_pictures_come_in_natural_order(folder):
    (folder / "9.txt").write_text("nine")
    image, text, mask, name, index = load()
    assert (tuple(image.shape), text, name, index) == ((1, 3, 4, 3), "nine", "9", 0)
    assert mask.allclose(mask.new_tensor(0.8))
    assert load(index=1)[3] == "10"


@pytest.mark.parametrize(("depth", "count"), [(0, 2), (1, 3), (2, 4), (-1, 4), (64, 4)])
def test_depth(folder, depth, count):
    assert load(index=count - 1, depth=depth)[4] == count - 1
    with pytest.raises(InvalidInput, match=f"past the end of “photos”, which has {count}"):
        load(index=count, depth=depth)


def test_a_link_in_the_input_folder_leads_to_its_folder(folder, tmp_path):
    folder.rename(tmp_path / "disk")
    (tmp_path / "input" / "ds").symlink_to(tmp_path / "disk")
    assert load("ds")[3] == "9"
    assert load("ds/sub", depth=-1, index=1)[3] == "2"
    (tmp_path / "output").mkdir(exist_ok=True)
    (tmp_path / "output" / "out").symlink_to(tmp_path / "disk")
    with pytest.raises(InvalidInput, match="“out” is a link that leads out of the output folder"):
        load("out")


def test_a_missing_folder_is_said_so(folder):
    with pytest.raises(NotFound, match="There is no folder"):
        load("nowhere")


def test_a_picture_that_is_changed_is_loaded_again(folder):
    before = FolderImageLoader.IS_CHANGED("photos", 0, 0)
    assert FolderImageLoader.IS_CHANGED("photos/", 0, 0) == before
    assert FolderImageLoader.IS_CHANGED("photos", 1, 0) != before
    os.utime(folder / "9.png", (1, 1))
    assert FolderImageLoader.IS_CHANGED("photos", 0, 0) == before, "touched, and not changed"


def test_a_picture_that_is_replaced_with_the_same_size_and_time_is_loaded_again(folder):
    path = folder / "9.png"
    before, status = FolderImageLoader.IS_CHANGED("photos", 0, 0), path.stat()
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (status.st_size, status.st_mtime_ns)
    assert FolderImageLoader.IS_CHANGED("photos", 0, 0) != before


def test_a_caption_that_is_changed_is_loaded_again(folder):
    before = FolderImageLoader.IS_CHANGED("photos", 0, 0)
    (folder / "9.txt").write_text("another caption")
    assert FolderImageLoader.IS_CHANGED("photos", 0, 0) != before


@pytest.mark.parametrize("inputs", [(None, 0, 0), ("photos", None, 0), ("photos", 0, None), ("nowhere", 0, 0)])
def test_what_is_not_known_is_never_cached(folder, inputs):
    assert FolderImageLoader.IS_CHANGED(*inputs) != FolderImageLoader.IS_CHANGED(*inputs)


def test_a_space_is_read(folder):
    from datasete.application import application

    application().storage("far").write("a/1.png", (folder / "9.png").read_bytes())
    assert load("far:a")[3] == "1"
    before = FolderImageLoader.IS_CHANGED("far:a", 0, 0)
    assert FolderImageLoader.IS_CHANGED("far:a/", 0, 0) == before
    application().storage("far").write("a/1.png", (folder / "9.png").read_bytes() + b"x", ANY)
    assert FolderImageLoader.IS_CHANGED("far:a", 0, 0) != before
