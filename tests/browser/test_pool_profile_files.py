"""Profiles leave as files and come back, here and elsewhere; and what a fresh workbench or a broken one shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser_host import Host, Server
from browser_page import ComfyPage
from browser_profiles import (
    PRIVATE,
    Sets,
    Wired,
    expect_pool,
    expect_profile,
    fresh,
    known,
    panel,
    png,
    press,
    profiles_of,
)
from playwright.sync_api import Browser, expect


@pytest.fixture
def sets(server: Server) -> Iterator[Sets]:
    yield from profiles_of(server)


def save_as(comfy: ComfyPage, node: int, form: str, folder: Path) -> Path:
    press(comfy, node, "export")
    with comfy.page.expect_download() as download:
        comfy.page.get_by_role("menuitem", name=form).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def bring(comfy: ComfyPage, node: int, path: Path) -> None:
    with comfy.page.expect_file_chooser() as chooser:
        press(comfy, node, "import")
    chooser.value.set_files(path)


def test_a_profile_travels_to_another_machine(
    comfy: ComfyPage, sets: Sets, own_host: Host, browser: Browser, renderer: str, tmp_path: Path
) -> None:
    from browser_context import new_context

    name, flow = fresh("Größe"), Wired()
    profile = sets.make(name, 3)
    node = flow.profile(name, profile)
    pool = flow.pool(PRIVATE, node)
    comfy.load(flow)
    expect_pool(comfy, pool, profile)
    packed = save_as(comfy, node, "Datasete profile (zip)", tmp_path)
    assert packed.name == f"{name}.zip"
    context = new_context(browser)
    there = ComfyPage(context.new_page(), Server(own_host.url), renderer).open()
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


def test_what_plugins_offer_is_in_the_menu_and_comes_back(comfy: ComfyPage, sets: Sets, tmp_path: Path) -> None:
    flow, name = Wired(), fresh()
    profile = sets.make(name, 2)
    node = flow.profile(name, profile)
    comfy.load(flow)
    expect(panel(comfy, node)).to_contain_text("2 pictures")
    press(comfy, node, "export")
    formats = comfy.server.json("/grid_pool/profiles/list")["formats"]
    expect(comfy.page.get_by_role("menuitem")).to_have_text([form["label"] for form in formats if form["pack"]])
    comfy.page.keyboard.press("Escape")
    expect(comfy.page.get_by_role("menu")).to_have_count(0)
    packed = save_as(comfy, node, "Training set: pictures, captions, masks (zip)", tmp_path)
    bring(comfy, node, packed)
    copy = known(comfy, sets, f"{name} (2)")
    expect_profile(comfy, node, f"{name} (2)", copy)
    assert [slot["label"] for slot in sets.slots(copy)] == [f"{name} 0", f"{name} 1"]


def test_a_file_that_is_refused_says_why_and_changes_nothing(comfy: ComfyPage, sets: Sets, tmp_path: Path) -> None:
    flow, name = Wired(), fresh()
    profile = sets.make(name, 1)
    node = flow.profile(name, profile)
    comfy.load(flow)
    expect(panel(comfy, node)).to_contain_text("1 picture ·")
    bad = tmp_path / "holiday.zip"
    bad.write_bytes(png())
    before = sets.all()
    bring(comfy, node, bad)
    expect(comfy.toast(re.compile("not a zip file"))).to_be_visible()
    expect(comfy.toast(re.compile("Nothing was imported"))).to_be_visible()
    expect_profile(comfy, node, name, profile)
    assert sets.all() == before
    expect(panel(comfy, node).locator(".ds-profile-work")).to_be_hidden()


def test_a_picture_that_is_gone_is_told_before_an_export_begins(
    own_host: Host, browser: Browser, renderer: str
) -> None:
    from browser_context import new_context

    context = new_context(browser)
    comfy = ComfyPage(context.new_page(), Server(own_host.url), renderer).open()
    sets, flow = Sets(comfy.server), Wired()
    profile = sets.make("holed", 2)
    node = flow.profile("holed", profile)
    comfy.load(flow)
    expect(panel(comfy, node)).to_contain_text("2 pictures")
    [file] = own_host.data.glob(f"**/{profile}/img_0002.png")
    file.unlink()
    press(comfy, node, "export")
    comfy.page.get_by_role("menuitem").first.click()
    expect(comfy.toast(re.compile("img_0002.png.*missing"))).to_be_visible()
    context.close()


def test_a_list_that_cannot_be_read_is_rebuilt(own_host: Host, browser: Browser, renderer: str) -> None:
    from browser_context import new_context

    context = new_context(browser)
    comfy = ComfyPage(context.new_page(), Server(own_host.url), renderer).open()
    sets, flow = Sets(comfy.server), Wired()
    profile = sets.make("kept", 1)
    node = flow.profile("kept", profile)
    pool = flow.pool(PRIVATE, node)
    [registry] = own_host.data.glob("**/profiles.json")
    registry.write_text("{")
    comfy.reload().load(flow)
    trouble = panel(comfy, node).locator(".ds-profile-trouble")
    expect(trouble).to_contain_text("list of profiles cannot be read")
    expect(trouble).to_contain_text("unharmed")
    expect_pool(comfy, pool, PRIVATE)
    expect(panel(comfy, node).locator("[data-task='create']")).to_be_disabled()
    trouble.get_by_role("button", name="Rebuild the list").click()
    expect(panel(comfy, node)).to_contain_text("1 picture · shown in 1 pool")
    expect_pool(comfy, pool, profile)
    assert sets.all()["kept"] == profile
    assert list(registry.parent.glob("profiles-corrupt-*.json"))
    context.close()


def test_the_example_works_from_the_samples_of_a_fresh_workbench(
    own_host: Host, browser: Browser, renderer: str
) -> None:
    from browser_context import new_context, use_renderer

    context = new_context(browser)
    comfy = ComfyPage(context.new_page(), Server(own_host.url), renderer).open()
    use_renderer(comfy, renderer)
    comfy.page.goto(f"{own_host.url}/?template=5-work-from-a-set&source=datasete")
    comfy.settle()
    comfy.until("() => app.graph.nodes.length === 5")
    node, pool, gate, save = 2, 3, 4, 5
    expect(panel(comfy, node)).to_contain_text("5 pictures · shown in 1 pool")
    expect(comfy.page.locator("img[src*='grid_pool/thumb']")).to_have_count(5)
    run = comfy.queue()
    comfy.choose(1, gate)
    [saved] = comfy.finished(run)["outputs"][str(save)]["images"]
    assert comfy.server.picture(saved).size == (512, 512)
    assert comfy.evaluate("id => app.graph.getNodeById(id).widgets[0].value", pool) == -1
    assert comfy.faults == []
    context.close()
