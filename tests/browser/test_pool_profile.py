"""The profile node: what it chooses is what pools show and runs use, and its buttons look after the names."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from browser_desk import Desk
from browser_host import Server
from playwright.sync_api import expect
from profile_kit import (
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

OTHER = "7d3b9a10-1111-4222-8333-444455556666"
MISSING = "deadbeef-1111-4222-8333-444455556666"


@pytest.fixture
def sets(server: Server) -> Iterator[Sets]:
    yield from profiles_of(server)


def test_a_profile_is_made_and_every_pool_shows_it(desk: Desk, sets: Sets) -> None:
    flow, name, taken = Wired(), fresh(), fresh("taken")
    sets.make(taken)
    node = flow.profile()
    pools = [flow.pool(PRIVATE, node), flow.pool(OTHER, node, at=(800, 60))]
    desk.load(flow)
    expect(panel(desk, node)).to_contain_text("None chosen.")
    for pool, own in zip(pools, (PRIVATE, OTHER), strict=True):
        expect_pool(desk, pool, own)  # nothing chosen changes nothing
    press(desk, node, "create")
    answer(desk, taken.upper())
    expect(desk.page.get_by_role("dialog")).to_contain_text(f"already a profile named “{taken}”")
    answer(desk, name)
    made = known(desk, sets, name)
    expect_profile(desk, node, name, made)
    for pool in pools:
        expect_pool(desk, pool, made)
    expect(panel(desk, node)).to_contain_text("Empty · shown in 2 pools")


def test_the_dropdown_chooses_among_names(desk: Desk, sets: Sets) -> None:
    flow, one, two = Wired(), fresh("one"), fresh("two")
    ids = sets.make(one, 3), sets.make(two)
    node = flow.profile(one, ids[0])
    pool = flow.pool(PRIVATE, node)
    desk.load(flow)
    expect_pool(desk, pool, ids[0])
    expect(panel(desk, node)).to_contain_text("3 pictures · shown in 1 pool")
    values = desk.evaluate("id => app.graph.getNodeById(id).widgets[0].options.values()", node)
    assert len(values) == len(set(values))
    assert {"", one, two} <= set(values)
    pick(desk, node, two)
    expect_profile(desk, node, two, ids[1])
    expect_pool(desk, pool, ids[1])
    pick(desk, node, "none")
    expect_profile(desk, node, "", "")
    expect_pool(desk, pool, ids[1])  # keeps what it had
    shown = desk.evaluate("() => app.graph.serialize().nodes[0].widgets_values")
    assert shown == ["", ""]


def test_a_wire_brings_the_profile_and_cutting_it_leaves_it(desk: Desk, sets: Sets) -> None:
    flow, name = Wired(), fresh()
    profile = sets.make(name, 2)
    node, pool = flow.profile(name, profile), flow.pool()
    desk.load(flow)
    expect(panel(desk, node)).to_contain_text("2 pictures · not wired to a pool")
    expect_pool(desk, pool, PRIVATE)
    connect = "([from, to]) => void app.graph.getNodeById(from).connect(0, app.graph.getNodeById(to), 'profile')"
    desk.evaluate(connect, [node, pool])
    expect_pool(desk, pool, profile)
    expect(panel(desk, node)).to_contain_text("shown in 1 pool")
    expect(desk.page.locator(f"img[src*='grid_pool/thumb'][src*='{profile}']")).to_have_count(2)  # at once
    disconnect = "id => void app.graph.getNodeById(id).disconnectInput('profile')"
    desk.evaluate(disconnect, pool)
    expect(panel(desk, node)).to_contain_text("not wired to a pool")
    expect_pool(desk, pool, profile)


def test_profiles_reach_through_reroutes_and_into_and_out_of_subgraphs(desk: Desk, sets: Sets) -> None:
    flow, name, other = Wired(), fresh("one"), fresh("two")
    ids = sets.make(name), sets.make(other)
    node = flow.profile(name, ids[0])
    pools = [flow.pool(PRIVATE, node, at=(420, 60)), flow.pool(OTHER, node, at=(800, 60))]
    desk.load(flow)
    desk.evaluate(
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
    expect(panel(desk, node)).to_contain_text("shown in 2 pools")
    pick(desk, node, other)
    desk.until(f"wanted => ({shown})() === wanted", ",".join([ids[1]] * 2))
    # and the other way round: the profile moves into a subgraph, its pools stay outside
    desk.evaluate("id => void app.graph.convertToSubgraph(new Set([app.graph.getNodeById(id)]))", node)
    desk.evaluate(
        """([name, id]) => {
             const one = (node) => (node.comfyClass === "PoolProfile" ? [node] : []);
             const find = ({ nodes }) => nodes.flatMap((node) => (node.subgraph ? find(node.subgraph) : one(node)));
             const [node] = find(app.rootGraph ?? app.graph);
             node.widgets[0].value = name;
             node.widgets[0].callback(name, app.canvas, node);
           }""",
        [name, ids[0]],
    )
    desk.until(f"wanted => ({shown})() === wanted", ",".join([ids[0]] * 2))


def test_a_profile_is_renamed_duplicated_and_deleted(desk: Desk, sets: Sets) -> None:
    flow, name, later = Wired(), fresh(), fresh("later")
    profile = sets.make(name, 2)
    node = flow.profile(name, profile)
    pool = flow.pool(PRIVATE, node)
    desk.load(flow)
    press(desk, node, "rename")
    answer(desk, later)
    expect_profile(desk, node, later, profile)
    press(desk, node, "duplicate")
    answer(desk, f"{later} (2)")
    copy = known(desk, sets, f"{later} (2)")
    expect_profile(desk, node, f"{later} (2)", copy)
    expect_pool(desk, pool, copy)
    assert sets.files(copy) == sets.files(profile)
    press(desk, node, "remove")
    dialog = desk.page.get_by_role("dialog")
    expect(dialog).to_contain_text("its 2 pictures")
    expect(dialog).to_contain_text("unharmed")
    dialog.get_by_role("button", name="Cancel").click()
    no_dialog(desk)
    assert copy in sets.all().values()
    press(desk, node, "remove")
    dialog.get_by_role("button", name="Delete").click()
    expect_profile(desk, node, "", "")
    assert set(sets.all()) & {later, f"{later} (2)"} == {later}
    desk.until(
        "([id, gone]) => app.graph.getNodeById(id).widgets.find((w) => w.name === 'pool_id').value !== gone",
        [pool, copy],
    )


def test_the_connected_pool_is_adopted(desk: Desk, sets: Sets) -> None:
    flow, name, own = Wired(), fresh(), str(uuid4())
    sets.fill(own, 2, "mine")
    node = flow.profile()
    pool = flow.pool(own, node)
    desk.load(flow)
    expect(panel(desk, node)).to_contain_text("adopt the connected pool")
    press(desk, node, "adopt")
    expect(desk.page.get_by_role("dialog")).to_contain_text("2 pictures are copied")
    answer(desk, name)
    adopted = known(desk, sets, name)
    expect_pool(desk, pool, adopted)
    assert [slot["label"] for slot in sets.slots(adopted)] == ["mine 0", "mine 1"]
    assert len(sets.slots(own)) == 2


def test_a_run_uses_what_the_grid_shows(desk: Desk, sets: Sets) -> None:
    flow, name = Wired(), fresh()
    profile = sets.make(name, 2)
    node = flow.profile(name, profile)
    pool = flow.pool(PRIVATE, node)
    idle = flow.pool(OTHER, flow.profile(at=(20, 400)), at=(420, 400))
    previews = [flow.add("PreviewImage", at=(900, 60)), flow.add("PreviewImage", at=(900, 400))]
    for source, preview in zip((pool, idle), previews, strict=True):
        flow.link(source, 0, preview, "images")
    desk.load(flow)
    expect_pool(desk, pool, profile)
    desk.evaluate("id => app.graph.getNodeById(id).widgets.find((w) => w.name === 'pool_id').value = 'stale'", pool)
    prompt = desk.evaluate("async () => (await app.graphToPrompt()).output")
    assert prompt[str(pool)]["inputs"] == {"index": -1, "pool_id": profile, "profile": [str(node), 0]}
    assert prompt[str(idle)]["inputs"] == {"index": -1, "pool_id": OTHER}  # nothing chosen changes nothing
    run = desk.queue()
    assert desk.ran(run) >= set(previews)
    [shown] = desk.finished(run)["outputs"][str(previews[0])]["images"]
    assert desk.server.picture(shown).size == (48, 40)


def test_another_tab_and_a_run_elsewhere_show_at_once(desk: Desk, sets: Sets) -> None:
    flow, name, later = Wired(), fresh(), fresh("later")
    profile = sets.make(name, 1)
    node = flow.profile(name, profile)
    flow.pool(PRIVATE, node)
    desk.load(flow)
    expect(panel(desk, node)).to_contain_text("1 picture ·")
    sets.fill(profile, 2)
    expect(panel(desk, node)).to_contain_text("3 pictures ·")
    sets.post("/grid_pool/profiles/rename", id=profile, name=later)
    expect_profile(desk, node, later, profile)
    sets.post("/grid_pool/profiles/delete", id=profile)
    expect(panel(desk, node)).to_contain_text(f"“{later}” is not on this machine.")


def test_a_missing_profile_is_named_and_another_of_its_name_offered(desk: Desk, sets: Sets) -> None:
    flow, name = Wired(), fresh()
    node = flow.profile(name, MISSING)
    pool = flow.pool(PRIVATE, node)
    preview = flow.add("PreviewImage", at=(900, 60))
    flow.link(pool, 0, preview, "images")
    desk.load(flow)
    trouble = panel(desk, node).locator(".ds-profile-trouble")
    expect(trouble).to_contain_text(f"“{name}” is not on this machine.")
    expect(trouble.get_by_role("button", name="Import…")).to_be_visible()
    expect_pool(desk, pool, PRIVATE)
    run = desk.queue()
    assert f"“{name}” is not on this machine" in str(desk.finished(run)["status"])
    desk.evaluate(
        "() => document.querySelectorAll('[role=dialog] button[aria-label^=Close]').forEach((b) => b.click())"
    )
    here = sets.make(name)
    trouble.get_by_role("button", name=f"Use “{name}”").click()
    expect_profile(desk, node, name, here)
    expect_pool(desk, pool, here)


def test_choosing_is_one_step_of_undo(desk: Desk, sets: Sets) -> None:
    flow, one, two = Wired(), fresh("one"), fresh("two")
    ids = sets.make(one), sets.make(two)
    node = flow.profile(one, ids[0])
    pool = flow.pool(PRIVATE, node)
    desk.load(flow)
    expect_pool(desk, pool, ids[0])
    desk.evaluate("() => app.extensionManager.workflow.activeWorkflow.changeTracker.checkState?.()")
    pick(desk, node, two)
    expect_pool(desk, pool, ids[1])
    desk.evaluate("() => app.extensionManager.workflow.activeWorkflow.changeTracker.checkState?.()")
    desk.evaluate("() => app.extensionManager.workflow.activeWorkflow.changeTracker.undo()")
    expect_profile(desk, node, one, ids[0])
    expect_pool(desk, pool, ids[0])
