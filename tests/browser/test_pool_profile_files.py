"""Profiles leave as files and come back, here and elsewhere; and what a fresh workbench or a broken one shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser_desk import Desk
from browser_host import Host, Server
from playwright.sync_api import Browser, expect
from profile_kit import PRIVATE, Sets, Wired, expect_pool, expect_profile, fresh, known, panel, png, press, profiles_of


@pytest.fixture
def sets(server: Server) -> Iterator[Sets]:
    yield from profiles_of(server)


def save_as(desk: Desk, node: int, form: str, folder: Path) -> Path:
    press(desk, node, "export")
    with desk.page.expect_download() as download:
        desk.page.get_by_role("menuitem", name=form).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def bring(desk: Desk, node: int, path: Path) -> None:
    with desk.page.expect_file_chooser() as chooser:
        press(desk, node, "import")
    chooser.value.set_files(path)


def test_a_profile_travels_to_another_machine(
    desk: Desk, sets: Sets, own_host: Host, browser: Browser, renderer: str, tmp_path: Path
) -> None:
    from conftest import new_context

    name, flow = fresh("Größe"), Wired()
    profile = sets.make(name, 3)
    node = flow.profile(name, profile)
    pool = flow.pool(PRIVATE, node)
    desk.load(flow)
    expect_pool(desk, pool, profile)
    packed = save_as(desk, node, "Datasete profile (zip)", tmp_path)
    assert packed.name == f"{name}.zip"
    context = new_context(browser)
    there = Desk(context.new_page(), Server(own_host.url), renderer).open()
    there.load(flow)
    expect(panel(there, node)).to_contain_text(f"“{name}” is not on this machine.")
    bring(there, node, packed)
    elsewhere = Sets(there.server)
    copy = known(there, elsewhere, name)
    assert copy != profile
    expect_profile(there, node, name, copy)
    expect_pool(there, pool, copy)
    assert elsewhere.slots(copy) == sets.slots(profile)
    assert elsewhere.files(copy) == sets.files(profile)
    assert there.faults == []
    context.close()


def test_what_plugins_offer_is_in_the_menu_and_comes_back(desk: Desk, sets: Sets, tmp_path: Path) -> None:
    flow, name = Wired(), fresh()
    profile = sets.make(name, 2)
    node = flow.profile(name, profile)
    desk.load(flow)
    expect(panel(desk, node)).to_contain_text("2 pictures")
    press(desk, node, "export")
    formats = desk.server.json("/grid_pool/profiles/list")["formats"]
    expect(desk.page.get_by_role("menuitem")).to_have_text([form["label"] for form in formats if form["pack"]])
    desk.page.keyboard.press("Escape")
    expect(desk.page.get_by_role("menu")).to_have_count(0)
    packed = save_as(desk, node, "Training set: pictures, captions, masks (zip)", tmp_path)
    bring(desk, node, packed)
    copy = known(desk, sets, f"{name} (2)")
    expect_profile(desk, node, f"{name} (2)", copy)
    assert [slot["label"] for slot in sets.slots(copy)] == [f"{name} 0", f"{name} 1"]


def test_a_file_that_is_refused_says_why_and_changes_nothing(desk: Desk, sets: Sets, tmp_path: Path) -> None:
    flow, name = Wired(), fresh()
    profile = sets.make(name, 1)
    node = flow.profile(name, profile)
    desk.load(flow)
    expect(panel(desk, node)).to_contain_text("1 picture ·")
    bad = tmp_path / "holiday.zip"
    bad.write_bytes(png())
    before = sets.all()
    bring(desk, node, bad)
    expect(desk.toast(re.compile("no zip file"))).to_be_visible()
    expect(desk.toast(re.compile("Nothing was imported"))).to_be_visible()
    expect_profile(desk, node, name, profile)
    assert sets.all() == before
    expect(panel(desk, node).locator(".ds-profile-work")).to_be_hidden()


def test_a_picture_that_is_gone_is_told_before_an_export_begins(
    own_host: Host, browser: Browser, renderer: str
) -> None:
    from conftest import new_context

    context = new_context(browser)
    desk = Desk(context.new_page(), Server(own_host.url), renderer).open()
    sets, flow = Sets(desk.server), Wired()
    profile = sets.make("holed", 2)
    node = flow.profile("holed", profile)
    desk.load(flow)
    expect(panel(desk, node)).to_contain_text("2 pictures")
    [file] = own_host.data.glob(f"**/{profile}/img_0002.png")
    file.unlink()
    press(desk, node, "export")
    desk.page.get_by_role("menuitem").first.click()
    expect(desk.toast(re.compile("img_0002.png.*missing"))).to_be_visible()
    context.close()


def test_a_list_that_cannot_be_read_is_rebuilt(own_host: Host, browser: Browser, renderer: str) -> None:
    from conftest import new_context

    context = new_context(browser)
    desk = Desk(context.new_page(), Server(own_host.url), renderer).open()
    sets, flow = Sets(desk.server), Wired()
    profile = sets.make("kept", 1)
    node = flow.profile("kept", profile)
    pool = flow.pool(PRIVATE, node)
    [registry] = own_host.data.glob("**/profiles.json")
    registry.write_text("{")
    desk.reload().load(flow)
    trouble = panel(desk, node).locator(".ds-profile-trouble")
    expect(trouble).to_contain_text("list of profiles cannot be read")
    expect(trouble).to_contain_text("unharmed")
    expect_pool(desk, pool, PRIVATE)
    expect(panel(desk, node).locator("[data-task='create']")).to_be_disabled()
    trouble.get_by_role("button", name="Rebuild the list").click()
    expect(panel(desk, node)).to_contain_text("1 picture · shown in 1 pool")
    expect_pool(desk, pool, profile)
    assert sets.all()["kept"] == profile
    assert list(registry.parent.glob("profiles-corrupt-*.json"))
    context.close()


def test_the_example_works_from_the_samples_of_a_fresh_workbench(
    own_host: Host, browser: Browser, renderer: str
) -> None:
    from conftest import new_context, use_renderer

    context = new_context(browser)
    desk = Desk(context.new_page(), Server(own_host.url), renderer).open()
    use_renderer(desk, renderer)
    desk.page.goto(f"{own_host.url}/?template=5-work-from-a-set&source=datasete")
    desk.settle()
    desk.until("() => app.graph.nodes.length === 5")
    node, pool, gate, save = 2, 3, 4, 5
    expect(panel(desk, node)).to_contain_text("5 pictures · shown in 1 pool")
    expect(desk.page.locator("img[src*='grid_pool/thumb']")).to_have_count(5)
    run = desk.queue()
    desk.choose(1, gate)
    [saved] = desk.finished(run)["outputs"][str(save)]["images"]
    assert desk.server.picture(saved).size == (512, 512)
    assert desk.evaluate("id => app.graph.getNodeById(id).widgets[0].value", pool) == -1
    assert desk.faults == []
    context.close()
