"""Fixtures of the browser tests.

``COMFYUI_URL`` names a running ComfyUI to test against instead of the embedded host; ``DATASETE_CHROMIUM`` a browser
other than the system's; ``DATASETE_PATIENCE`` how many seconds to wait for what should happen. ``CI=true`` tries all
of them in both renderers, and so does whoever names a file or ``-k``; a run of the whole folder by hand takes every
fourth test, in one of the two. ``CI=true`` also runs a test that failed once more, on a page of its own, and lists it
at the end. Tests share a server and a page, which is what makes them quick: each begins with an idle server and a
workflow of its own.
"""

from __future__ import annotations

import io
import os
import shutil
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from browser_context import COMFYUI_URL, PATIENCE, new_context, prepare, use_renderer
from browser_host import Host, Server
from browser_page import ComfyPage
from browser_painter import our_painter
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright
from reruns import is_rerun, rerun_once_in_ci

CHROMIUM = os.environ.get("DATASETE_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]

pytestmark = pytest.mark.browser


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the browser tests, and puts them last: behind one, no other can start an event loop."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)
    rerun_once_in_ci(item for item in items if item.path.is_relative_to(here))
    items.sort(key=lambda item: item.path.is_relative_to(here))
    if not os.environ.get("CI"):
        _sample(items, here)


def _sample(items: list[pytest.Item], here: Path) -> None:
    """Takes of each file every fourth test, and of each test one renderer, when whole folders are run by hand."""
    ours = [item for item in items if item.path.is_relative_to(here)]
    if not ours or ours[0].config.getoption("keyword") or any(".py" in each for each in ours[0].config.args):
        return
    places: dict[Path, dict[str, int]] = {}
    for item in ours:
        of_this_file = places.setdefault(item.path, {})
        of_this_file.setdefault(_test_of(item), len(of_this_file))
    left_out = {item for item in ours if places[item.path][_test_of(item)] % 4 or _is_of_the_other_renderer(item)}
    ours[0].config.hook.pytest_deselected(items=[item for item in ours if item in left_out])
    items[:] = [item for item in items if item not in left_out]


def _is_of_the_other_renderer(item: pytest.Item) -> bool:
    call = getattr(item, "callspec", None)
    if call is None or "renderer" not in call.params:
        return False
    return call.params["renderer"] != ("canvas", "vue")[zlib.crc32(_test_of(item).encode()) % 2]


def _test_of(item: pytest.Item) -> str:
    return f"{item.path.name}::{getattr(item, 'originalname', item.name)}"


@pytest.fixture(scope="session")
def photographs() -> dict[str, bytes]:
    """Real photographs from scikit-image (their licences are in its documentation), as files for the input folder."""
    from skimage import data

    cat, coffee = Image.fromarray(data.chelsea()), Image.fromarray(data.coffee())
    large = coffee.resize((3840, 2160), Image.Resampling.BICUBIC)
    return {
        f"datasete-{name}.png": _png(image) for name, image in {"cat": cat, "coffee": coffee, "large": large}.items()
    }


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, photographs: dict[str, bytes]) -> Iterator[Server]:
    """The server that most tests share."""
    if COMFYUI_URL:
        yield prepare(Server(COMFYUI_URL), photographs)
        return
    host = Host(tmp_path_factory.mktemp("host") / "data").start()
    try:
        yield prepare(Server(host.url), photographs)
    finally:
        host.stop()


@pytest.fixture
def own_host(tmp_path: Path, photographs: dict[str, bytes]) -> Iterator[Host]:
    """A host of the test's own, to be restarted at will."""
    if COMFYUI_URL:
        pytest.skip("a ComfyUI that somebody else started cannot be restarted from here")
    host = Host(tmp_path / "data").start()
    try:
        prepare(Server(host.url), photographs)
        yield host
    finally:
        host.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        message = "No Chromium: install it (Debian: chromium), or name one in DATASETE_CHROMIUM."
        (pytest.fail if os.environ.get("CI") else pytest.skip)(message)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = new_context(browser)
    yield context
    context.close()


@pytest.fixture(scope="session")
def shared_page(context: BrowserContext, server: Server) -> Page:
    page = context.new_page()
    ComfyPage(page, server, "canvas").open()
    return page


@pytest.fixture(params=["canvas", "vue"])
def renderer(request: pytest.FixtureRequest) -> str:
    """Both ways in which the frontend draws nodes."""
    return request.param


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Keeps a picture of the page when a test fails."""
    report = yield
    fixtures = getattr(item, "funcargs", {})
    comfy = fixtures.get("comfy") or fixtures.get("own_comfy")
    if report.when == "call" and report.failed and comfy is not None:
        folder = item.config.rootpath / "test-results"
        folder.mkdir(exist_ok=True)
        with suppress(Error):  # of a page that crashed there is none, and an error in a hook would end the whole run
            comfy.page.screenshot(path=folder / f"{item.name}.png")
    return report


@pytest.fixture
def idle_server(server: Server) -> Iterator[Server]:
    """The shared server, on which nothing runs before the test, nor after it."""
    yield server
    server.quiet()
    deadline = time.monotonic() + PATIENCE / 1000
    while server.pending():
        assert time.monotonic() < deadline, "a gate stayed open although its run was interrupted"
        time.sleep(0.02)


@pytest.fixture
def page(request: pytest.FixtureRequest, browser: Browser, shared_page: Page) -> Iterator[Page]:
    """The shared page; for a test that failed on it, a page of its own."""
    if not is_rerun(request.node):
        yield shared_page
        return
    context = new_context(browser)
    yield context.new_page()
    context.close()


@pytest.fixture
def comfy(page: Page, idle_server: Server, renderer: str) -> Iterator[ComfyPage]:
    """A page, in a renderer, with an empty canvas and an idle server."""
    comfy = ComfyPage(page, idle_server, renderer)
    if page.url == "about:blank" or page.get_by_role("dialog").count():  # what a test that failed may leave behind
        comfy.open()
    use_renderer(comfy, renderer)
    yield comfy
    assert comfy.faults == []


@pytest.fixture
def own_comfy(own_host: Host, browser: Browser, renderer: str) -> Iterator[ComfyPage]:
    """A page of the test's own at a host of its own."""
    context = new_context(browser)
    comfy = ComfyPage(context.new_page(), Server(own_host.url), renderer).open()
    use_renderer(comfy, renderer)
    yield comfy
    assert comfy.faults == []
    context.close()


@pytest.fixture
def ours(comfy: ComfyPage) -> Iterator[ComfyPage]:
    """The shared page, whose masks are painted in our painter."""
    with our_painter(comfy):
        yield comfy


@pytest.fixture
def second_tab(browser: Browser, idle_server: Server, renderer: str) -> Iterator[ComfyPage]:
    """Somebody else's tab: with the first one's storage it would restore its empty workflow, or not, as time allows."""
    other = new_context(browser)
    yield ComfyPage(other.new_page(), idle_server, renderer).open()
    other.close()
