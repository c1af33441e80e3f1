"""The profile node: what it chooses is what pools show and runs use, and its buttons look after the names."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from browser_host import Server
from browser_page import ComfyPage
from browser_profiles import (
    PRIVATE,
    Sets,
    Wired,
    answer,
    expect_pool,
    expect_profile,
    fresh,
    known,
    no_dialog,
    panel,
    pick,
    press,
    profiles_of,
)
from playwright.sync_api import expect

OTHER = "7d3b9a10-1111-4222-8333-444455556666"
MISSING = "deadbeef-1111-4222-8333-444455556666"


@pytest.fixture
def sets(server: Server) -> Iterator[Sets]:
    yield from profiles_of(server)


def test_a_profile_is_made_and_every_pool_shows_it(comfy: ComfyPage, sets: Sets) -> None:
    flow, name, taken = Wired(), fresh(), fresh("taken")
    sets.make(taken)
    node = flow.profile()
    pools = [flow.pool(PRIVATE, node), flow.pool(OTHER, node, at=(800, 60))]
    comfy.load(flow)
    expect(panel(comfy, node)).to_contain_text("None chosen.")
    for pool, own in zip(pools, (PRIVATE, OTHER), strict=True):
        expect_pool(comfy, pool, own)  # nothing chosen changes nothing
    press(comfy, node, "create")
    answer(comfy, taken.upper())
    expect(comfy.page.get_by_role("dialog")).to_contain_text(f"already a profile named “{taken}”")
    answer(comfy, name)
    made = known(comfy, sets, name)
    expect_profile(comfy, node, name, made)
    for pool in pools:
        expect_pool(comfy, pool, made)
    expect(panel(comfy, node)).to_contain_text("Empty · shown in 2 pools")


def test_the_dropdown_chooses_among_names(comfy: ComfyPage, sets: Sets) -> None:
    flow, one, two = Wired(), fresh("one"), fresh("two")
    ids = sets.make(one, 3), sets.make(two)
    node = flow.profile(one, ids[0])
    pool = flow.pool(PRIVATE, node)
    comfy.load(flow)
    expect_pool(comfy, pool, ids[0])
    expect(panel(comfy, node)).to_contain_text("3 pictures · shown in 1 pool")
    values = comfy.evaluate("id => app.graph.getNodeById(id).widgets[0].options.values()", node)
    assert len(values) == len(set(values))
    assert {"", one, two} <= set(values)
    pick(comfy, node, two)
    expect_profile(comfy, node, two, ids[1])
    expect_pool(comfy, pool, ids[1])
    pick(comfy, node, "none")
    expect_profile(comfy, node, "", "")
    expect_pool(comfy, pool, ids[1])  # keeps what it had
    shown = comfy.evaluate("() => app.graph.serialize().nodes[0].widgets_values")
    assert shown == ["", ""]


def test_a_wire_brings_the_profile_and_cutting_it_leaves_it(comfy: ComfyPage, sets: Sets) -> None:
    flow, name = Wired(), fresh()
    profile = sets.make(name, 2)
    node, pool = flow.profile(name, profile), flow.pool()
    comfy.load(flow)
    expect(panel(comfy, node)).to_contain_text("2 pictures · not wired to a pool")
    expect_pool(comfy, pool, PRIVATE)
    connect = "([from, to]) => void app.graph.getNodeById(from).connect(0, app.graph.getNodeById(to), 'profile')"
    comfy.evaluate(connect, [node, pool])
    expect_pool(comfy, pool, profile)
    expect(panel(comfy, node)).to_contain_text("shown in 1 pool")
    expect(comfy.page.locator(f"img[src*='grid_pool/thumb'][src*='{profile}']")).to_have_count(2)  # at once
    disconnect = "id => void app.graph.getNodeById(id).disconnectInput('profile')"
    comfy.evaluate(disconnect, pool)
    expect(panel(comfy, node)).to_contain_text("not wired to a pool")
    expect_pool(comfy, pool, profile)


def test_profiles_reach_through_reroutes_and_into_and_out_of_subgraphs(comfy: ComfyPage, sets: Sets) -> None:
    flow, name, other = Wired(), fresh("one"), fresh("two")
    ids = sets.make(name), sets.make(other)
    node = flow.profile(name, ids[0])
    pools = [flow.pool(PRIVATE, node, at=(420, 60)), flow.pool(OTHER, node, at=(800, 60))]
    comfy.load(flow)
    comfy.evaluate(
        """([profile, pool, wrapped]) => {
             const [from, to, inner] = [profile, pool, wrapped].map((id) => app.graph.getNodeById(id));
             const reroute = LiteGraph.createNode("Reroute");
             reroute.pos = [300, 400];
             app.graph.add(reroute);
             from.connect(0, reroute, 0);
             reroute.connect(0, to, "profile");
             app.graph.convertToSubgraph(new Set([inner]));
           }""",
        [node, *pools],
    )
    shown = """() => {
        const found = [];
        const visit = (graph) => graph.nodes.forEach((node) => {
          if (node.comfyClass === "GridImagePool") found.push(node.widgets.find((w) => w.name === "pool_id").value);
          if (node.subgraph) visit(node.subgraph);
        });
        visit(app.rootGraph ?? app.graph);
        return found.join();
    }"""
    expect(panel(comfy, node)).to_contain_text("shown in 2 pools")
    pick(comfy, node, other)
    comfy.until(f"wanted => ({shown})() === wanted", ",".join([ids[1]] * 2))
    # and the other way round: the profile moves into a subgraph, its pools stay outside
    comfy.evaluate("id => void app.graph.convertToSubgraph(new Set([app.graph.getNodeById(id)]))", node)
    comfy.evaluate(
        """([name, id]) => {
             const one = (node) => (node.comfyClass === "PoolProfile" ? [node] : []);
             const find = ({ nodes }) => nodes.flatMap((node) => (node.subgraph ? find(node.subgraph) : one(node)));
             const [node] = find(app.rootGraph ?? app.graph);
             node.widgets[0].value = name;
             node.widgets[0].callback(name, app.canvas, node);
           }""",
        [name, ids[0]],
    )
    comfy.until(f"wanted => ({shown})() === wanted", ",".join([ids[0]] * 2))


def test_a_profile_is_renamed_duplicated_and_deleted(comfy: ComfyPage, sets: Sets) -> None:
    flow, name, later = Wired(), fresh(), fresh("later")
    profile = sets.make(name, 2)
    node = flow.profile(name, profile)
    pool = flow.pool(PRIVATE, node)
    comfy.load(flow)
    press(comfy, node, "rename")
    answer(comfy, later)
    expect_profile(comfy, node, later, profile)
    press(comfy, node, "duplicate")
    answer(comfy, f"{later} (2)")
    copy = known(comfy, sets, f"{later} (2)")
    expect_profile(comfy, node, f"{later} (2)", copy)
    expect_pool(comfy, pool, copy)
    assert sets.files(copy) == sets.files(profile)
    press(comfy, node, "remove")
    dialog = comfy.page.get_by_role("dialog")
    expect(dialog).to_contain_text("its 2 pictures")
    expect(dialog).to_contain_text("unharmed")
    dialog.get_by_role("button", name="Cancel").click()
    no_dialog(comfy)
    assert copy in sets.all().values()
    press(comfy, node, "remove")
    dialog.get_by_role("button", name="Delete").click()
    expect_profile(comfy, node, "", "")
    assert set(sets.all()) & {later, f"{later} (2)"} == {later}
    comfy.until(
        "([id, gone]) => app.graph.getNodeById(id).widgets.find((w) => w.name === 'pool_id').value !== gone",
        [pool, copy],
    )


def test_the_connected_pool_is_adopted(comfy: ComfyPage, sets: Sets) -> None:
    flow, name, own = Wired(), fresh(), str(uuid4())
    sets.fill(own, 2, "mine")
    node = flow.profile()
    pool = flow.pool(own, node)
    comfy.load(flow)
    expect(panel(comfy, node)).to_contain_text("adopt the connected pool")
    press(comfy, node, "adopt")
    expect(comfy.page.get_by_role("dialog")).to_contain_text("2 pictures are copied")
    answer(comfy, name)
    adopted = known(comfy, sets, name)
    expect_pool(comfy, pool, adopted)
    assert [slot["label"] for slot in sets.slots(adopted)] == ["mine 0", "mine 1"]
    assert len(sets.slots(own)) == 2


def test_a_run_uses_what_the_grid_shows(comfy: ComfyPage, sets: Sets) -> None:
    flow, name = Wired(), fresh()
    profile = sets.make(name, 2)
    node = flow.profile(name, profile)
    pool = flow.pool(PRIVATE, node)
    idle = flow.pool(OTHER, flow.profile(at=(20, 400)), at=(420, 400))
    previews = [flow.add("PreviewImage", at=(900, 60)), flow.add("PreviewImage", at=(900, 400))]
    for source, preview in zip((pool, idle), previews, strict=True):
        flow.link(source, 0, preview, "images")
    comfy.load(flow)
    expect_pool(comfy, pool, profile)
    comfy.evaluate("id => app.graph.getNodeById(id).widgets.find((w) => w.name === 'pool_id').value = 'stale'", pool)
    prompt = comfy.evaluate("async () => (await app.graphToPrompt()).output")
    assert prompt[str(pool)]["inputs"] == {"index": -1, "pool_id": profile, "profile": [str(node), 0]}
    assert prompt[str(idle)]["inputs"] == {"index": -1, "pool_id": OTHER}  # nothing chosen changes nothing
    run = comfy.queue()
    assert comfy.ran(run) >= set(previews)
    [shown] = comfy.finished(run)["outputs"][str(previews[0])]["images"]
    assert comfy.server.picture(shown).size == (48, 40)


def test_another_tab_and_a_run_elsewhere_show_at_once(comfy: ComfyPage, sets: Sets) -> None:
    flow, name, later = Wired(), fresh(), fresh("later")
    profile = sets.make(name, 1)
    node = flow.profile(name, profile)
    flow.pool(PRIVATE, node)
    comfy.load(flow)
    expect(panel(comfy, node)).to_contain_text("1 picture ·")
    sets.fill(profile, 2)
    expect(panel(comfy, node)).to_contain_text("3 pictures ·")
    sets.post("/grid_pool/profiles/rename", id=profile, name=later)
    expect_profile(comfy, node, later, profile)
    sets.post("/grid_pool/profiles/delete", id=profile)
    expect(panel(comfy, node)).to_contain_text(f"“{later}” is not on this machine.")


def test_a_missing_profile_is_named_and_another_of_its_name_offered(comfy: ComfyPage, sets: Sets) -> None:
    flow, name = Wired(), fresh()
    node = flow.profile(name, MISSING)
    pool = flow.pool(PRIVATE, node)
    preview = flow.add("PreviewImage", at=(900, 60))
    flow.link(pool, 0, preview, "images")
    comfy.load(flow)
    trouble = panel(comfy, node).locator(".ds-profile-trouble")
    expect(trouble).to_contain_text(f"“{name}” is not on this machine.")
    expect(trouble.get_by_role("button", name="Import…")).to_be_visible()
    expect_pool(comfy, pool, PRIVATE)
    run = comfy.queue()
    assert f"“{name}” is not on this machine" in str(comfy.finished(run)["status"])
    comfy.evaluate(
        "() => document.querySelectorAll('[role=dialog] button[aria-label^=Close]').forEach((b) => b.click())"
    )
    here = sets.make(name)
    trouble.get_by_role("button", name=f"Use “{name}”").click()
    expect_profile(comfy, node, name, here)
    expect_pool(comfy, pool, here)


def test_choosing_is_one_step_of_undo(comfy: ComfyPage, sets: Sets) -> None:
    flow, one, two = Wired(), fresh("one"), fresh("two")
    ids = sets.make(one), sets.make(two)
    node = flow.profile(one, ids[0])
    pool = flow.pool(PRIVATE, node)
    comfy.load(flow)
    expect_pool(comfy, pool, ids[0])
    comfy.evaluate("() => app.extensionManager.workflow.activeWorkflow.changeTracker.checkState?.()")
    pick(comfy, node, two)
    expect_pool(comfy, pool, ids[1])
    comfy.evaluate("() => app.extensionManager.workflow.activeWorkflow.changeTracker.checkState?.()")
    comfy.evaluate("() => app.extensionManager.workflow.activeWorkflow.changeTracker.undo()")
    expect_profile(comfy, node, one, ids[0])
    expect_pool(comfy, pool, ids[0])
