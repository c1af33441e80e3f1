"""Stopping what goes into pools: nothing is left of an import, and what was added of an upload stays and is said."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser_context import new_context, use_renderer
from browser_host import Host, Server
from browser_page import ComfyPage
from browser_pool_grid import PoolGrid, fresh_id, pool_flow, thumbs, view
from browser_profiles import Sets, Wired, expect_profile, panel, press
from PIL import Image
from playwright.sync_api import Browser, Route, expect

LARGE = 5_000  # pictures that a server takes some seconds to read
SLOW = 150_000  # bytes a second
CANCEL_WHEN_READING = """() => {
  const watch = new MutationObserver(() => {
    const work = document.querySelector(".ds-profile-work");
    if (!work?.textContent.includes("Reading")) return;
    watch.disconnect();
    setTimeout(() => work.querySelector("[data-task='cancel']").click(), 50); // when it is known that all was sent
  });
  watch.observe(document.body, { subtree: true, childList: true, characterData: true });
}"""
"""As quick as nobody is, for a server that is quicker than anybody."""


def archive(path: Path, count: int, size: int) -> Path:
    """A training set."""
    out = io.BytesIO()
    Image.effect_noise((size, size), 90).save(out, "PNG")
    with zipfile.ZipFile(path, "w") as file:
        for number in range(count):
            file.writestr(f"{number}.png", out.getvalue())
    return path


def everything(host: Host) -> set[str]:
    """All files of all pools."""
    files = (host.data / "input" / "grid_pool").rglob("*")
    return {str(path) for path in files if path.is_file() and ".locks" not in path.parts}


class Importing:
    """A profile node on a page of its own, at a host whose folder the test may look into."""

    def __init__(self, host: Host, browser: Browser, renderer: str) -> None:
        self.host, self.context = host, new_context(browser)
        self.comfy = ComfyPage(self.context.new_page(), Server(host.url), renderer).open()
        use_renderer(self.comfy, renderer)
        self.sets, flow = Sets(self.comfy.server), Wired()
        self.profile = self.sets.make("kept", 2)
        self.node = flow.profile("kept", self.profile)
        flow.pool(source=self.node)
        self.comfy.load(flow)
        self.panel = panel(self.comfy, self.node)
        expect(self.panel).to_contain_text("2 pictures")
        self.work = self.panel.locator(".ds-profile-work")
        self.cancel = self.work.get_by_role("button", name="Cancel")
        self.before = (everything(host), self.sets.all())

    def bring(self, path: Path) -> None:
        with self.comfy.page.expect_file_chooser() as chooser:
            press(self.comfy, self.node, "import")
        chooser.value.set_files(path)

    def expect_nothing_left(self) -> None:
        expect(self.comfy.toast("The import was cancelled.")).to_be_visible()
        expect(self.comfy.toast("Nothing of it was kept.")).to_be_visible()
        expect(self.work).to_be_hidden()
        expect_profile(self.comfy, self.node, "kept", self.profile)
        assert (everything(self.host), self.sets.all()) == self.before

    def slow_down(self, bytes_a_second: int) -> None:
        session = self.context.new_cdp_session(self.comfy.page)
        limits = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_a_second}
        session.send("Network.emulateNetworkConditions", limits)


@pytest.fixture
def importing(own_host: Host, browser: Browser, renderer: str) -> Iterator[Importing]:
    made = Importing(own_host, browser, renderer)
    yield made
    assert made.comfy.faults == []
    made.context.close()


def test_an_import_is_cancelled_while_it_is_sent(importing: Importing, tmp_path: Path) -> None:
    importing.slow_down(SLOW)
    importing.bring(archive(tmp_path / "set.zip", 60, 512))
    expect(importing.work).to_contain_text("Sending set.zip")
    importing.comfy.until("() => document.querySelector('.ds-profile-work progress').value > 0")
    importing.cancel.click()
    importing.expect_nothing_left()


def test_an_import_is_cancelled_while_the_server_is_at_it(importing: Importing, tmp_path: Path) -> None:
    importing.bring(archive(tmp_path / "set.zip", LARGE, 16))
    expect(importing.work).to_contain_text("Reading set.zip")
    importing.cancel.click()
    importing.expect_nothing_left()


def test_an_import_that_was_done_before_it_could_be_cancelled_is_there(importing: Importing, tmp_path: Path) -> None:
    held: list[Route] = []
    importing.comfy.page.route("**/grid_pool/stop", lambda route: held.append(route))
    importing.comfy.evaluate(CANCEL_WHEN_READING)
    importing.bring(archive(tmp_path / "set.zip", 400, 16))
    importing.comfy.wait(lambda: held, "a press of Cancel")
    expect(importing.comfy.toast("“set” was imported.")).to_be_visible()
    expect_profile(importing.comfy, importing.node, "set", importing.sets.all()["set"])
    held[0].continue_()


def test_pictures_that_arrived_before_the_stop_are_counted(comfy: ComfyPage) -> None:
    grid = PoolGrid(comfy.load(pool_flow(fresh_id())))
    held: list[Route] = []

    def lose_the_second_answer(route: Route) -> None:
        held.append(route)
        if len(held) == 1:
            route.continue_()
        else:
            route.fetch()  # the server has added them

    comfy.page.route("**/grid_pool/add", lose_the_second_answer)
    grid.upload(thumbs(20))
    comfy.wait(lambda: len(grid.server_names()) == 16, "two requests that the server has taken")
    grid.bar.get_by_role("button", name="Stop").click()
    expect(grid.bar).to_contain_text("16 added, 4 not sent")
    grid.expect_count(16)
    comfy.page.unroute("**/grid_pool/add")
    grid.bar.get_by_role("button", name="Continue").click()
    grid.expect_count(20)
    expect(grid.bar).to_be_hidden()
    assert view(comfy.server, grid.pool_id)["count"] == 20
