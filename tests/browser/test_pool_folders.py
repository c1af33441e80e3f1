"""Folders that are dropped on a pool's grid: all their pictures come, in natural order, with captions and masks."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from browser_page import ComfyPage
from browser_pool_grid import PoolGrid, fresh_id, pool_flow, thumbs, view
from caption_cases import BESIDE, LITTER, NO_LITTER, PAIRED
from PIL import Image
from playwright.sync_api import Route, expect

MANY = 180_000  # milliseconds, for hundreds of pictures on a busy machine
PICTURES = [file["buffer"] for file in thumbs(4)]


def fill(folder: Path, *names: str) -> Path:
    """Pictures under these names."""
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(PICTURES[number % len(PICTURES)])
    return folder


def mask() -> bytes:
    out = io.BytesIO()
    Image.new("L", (240, 160), 255).save(out, "PNG")
    return out.getvalue()


def drop(grid: PoolGrid, *paths: Path) -> None:
    """Drops what lies on the disk, as the desktop does."""
    box = grid.viewport.bounding_box()
    session = grid.page.context.new_cdp_session(grid.page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    where = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "data": data, **where})


@pytest.fixture
def grid(comfy: ComfyPage) -> PoolGrid:
    return PoolGrid(comfy.load(pool_flow(fresh_id())))


def labels(grid: PoolGrid) -> list[str]:
    return [slot["label"] for slot in view(grid.comfy.server, grid.pool_id)["slots"]]


def test_a_folder_comes_with_those_in_it_in_natural_order(grid: PoolGrid, tmp_path: Path) -> None:
    names = ["cat 1.jpg", "cat 2.jpg", "cat 10.jpg", "more/a 2.jpg", "more/a 10.jpg", "more/deeper/b.jpg", "z.JPG"]
    folder = fill(tmp_path / "holiday", *reversed(names))
    for name in names:
        (folder / name).with_suffix(".txt").write_text(name)
    drop(grid, folder)
    grid.expect_count(7)
    expect(grid.bar).to_be_hidden()
    assert labels(grid) == names
    grid.expect_pictures(0, 1, 2)


def test_captions_and_masks_belong_to_their_pictures(grid: PoolGrid, tmp_path: Path) -> None:
    folder = fill(tmp_path / "set", "a.jpg", "b.jpg", "c.jpg", "d.jpg")
    (folder / "a.txt").write_bytes("\ufeffein großer Hund\n".encode())
    (folder / "b.caption").write_bytes("une fenêtre".encode("latin-1"))
    (folder / "C.TXT").write_bytes("女の子が海辺に立っている".encode("shift_jis"))
    (folder / "d.jpg.txt").write_bytes("女の子".encode("utf-16"))
    (folder / "masks").mkdir()
    (folder / "masks" / "b.png").write_bytes(mask())
    (folder / "c-masklabel.png").write_bytes(mask())
    drop(grid, folder)
    grid.expect_count(4)
    slots = view(grid.comfy.server, grid.pool_id)["slots"]
    assert [slot["label"] for slot in slots] == [
        *("ein großer Hund", "une fenêtre", "女の子が海辺に立っている", "女の子")
    ]
    assert [bool(slot["mask"]) for slot in slots] == [False, True, True, False]
    expect(grid.cell(1)).to_have_class(re.compile("ds-grid-masked"))


def test_what_is_no_picture_is_listed_and_the_litter_of_systems_is_not(grid: PoolGrid, tmp_path: Path) -> None:
    folder = fill(tmp_path / "mixed", "a.jpg", "sub/b.jpg")
    for name in ("notes.txt", "sub/film.mp4", ".DS_Store", "Thumbs.db", ".git/config"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"x")
    (folder / "torn.png").write_bytes(b"no picture")
    drop(grid, folder)
    expect(grid.bar).to_contain_text("2 added, 3 refused")
    refused = grid.bar.get_by_role("listitem")
    expect(refused).to_have_text(
        [
            "mixed/notes.txt is not a picture.",
            "mixed/sub/film.mp4 is not a picture.",
            re.compile("torn.png The picture cannot be read"),
        ]
    )
    grid.expect_count(2)


def test_files_beside_a_folder_come_with_it(grid: PoolGrid, tmp_path: Path) -> None:
    fill(tmp_path, "2.jpg", "10.jpg", "folder/inner.jpg")
    for name in ("2", "10", "folder/inner"):
        (tmp_path / f"{name}.txt").write_text(name)
    drop(grid, *sorted(tmp_path.iterdir()))
    grid.expect_count(3)
    assert labels(grid) == ["2", "10", "folder/inner"]


def test_captions_of_loose_files_are_taken_as_well(grid: PoolGrid, tmp_path: Path) -> None:
    fill(tmp_path, "a.jpg", "b.jpg")
    (tmp_path / "b.txt").write_text("the second")
    drop(grid, *sorted(tmp_path.iterdir()))
    grid.expect_count(2)
    assert labels(grid) == ["", "the second"]
    expect(grid.bar).to_be_hidden()


def test_the_page_pairs_files_and_knows_litter_as_the_server_does(comfy: ComfyPage) -> None:
    cases = [list(files) for files, _ in PAIRED] + [[caption, picture] for picture, caption in BESIDE]
    expected = [pairs for _, pairs in PAIRED] + [{picture: (caption, None)} for picture, caption in BESIDE]
    found = comfy.page.evaluate(
        """async ([module, cases, paths]) => {
            const { paired, isLitter } = await import(module);
            const files = (paths) => paths.map((path) => ({ path, file: new File([], path) }));
            const name = (file) => file?.name ?? null;
            const pairs = (all) => all.map(({ path, caption, mask }) => [path, [name(caption), name(mask)]]);
            const pictures = (paths) => paired(files(paths)).filter(({ kind }) => kind === "picture");
            return [cases.map((paths) => Object.fromEntries(pairs(pictures(paths)))), paths.map(isLitter)];
        }""",
        ["/extensions/datasete/lib/pool/pictures.js", cases, [*LITTER, *NO_LITTER]],
    )
    assert found[0] == [{picture: list(pair) for picture, pair in pairs.items()} for pairs in expected]
    assert found[1] == [True] * len(LITTER) + [False] * len(NO_LITTER)


@pytest.mark.parametrize("names", [[], ["notes.md"]], ids=["empty", "no pictures"])
def test_a_folder_without_pictures_says_so(grid: PoolGrid, tmp_path: Path, names: list[str]) -> None:
    folder = tmp_path / "bare"
    folder.mkdir()
    for name in names:
        (folder / name).write_text("x")
    drop(grid, folder)
    expect(grid.bar).to_contain_text("bare/notes.md is not a picture." if names else "The folder is empty.")
    grid.expect_count(0)


def test_five_hundred_show_their_progress_can_be_stopped_and_go_on(grid: PoolGrid, tmp_path: Path) -> None:
    wanted = [f"photo {number}" for number in range(1, 501)]
    folder = fill(tmp_path / "many", *[f"{name}.jpg" for name in wanted])
    for name in wanted:
        (folder / f"{name}.txt").write_text(name)
    seen: list[Route] = []

    def hold_the_third(route: Route) -> None:
        seen.append(route)
        if len(seen) < 3:
            route.continue_()

    grid.page.route("**/grid_pool/add", hold_the_third)
    drop(grid, folder)
    expect(grid.bar).to_contain_text("Adding 16 of 500")
    expect(grid.bar.get_by_role("progressbar")).to_be_visible()
    grid.comfy.wait(lambda: len(seen) == 3, "a third request")
    grid.bar.get_by_role("button", name="Stop").click()
    expect(grid.bar).to_contain_text("16 added, 484 not sent")
    assert labels(grid) == wanted[:16]
    grid.page.unroute("**/grid_pool/add")
    grid.bar.get_by_role("button", name="Continue").click()
    expect(grid.bar).to_be_hidden(timeout=MANY)
    grid.expect_count(500)
    assert labels(grid) == wanted
