"""A person at the page: loads workflows, presses buttons, and looks at what nodes show."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from browser_host import Server
from playwright.sync_api import Locator, Page, expect

# A tab with nothing to restore opens on the templates, whenever it gets round to it.
CLOSE_TEMPLATES = """
    setInterval(() => {
      const templates = document.querySelector("[data-testid='template-filter-bar']")?.closest("[role='dialog']");
      templates?.querySelector("button[aria-label='Close dialog']")?.click();
      if (templates) window.templatesWereThere = true;
      else if (window.templatesWereThere) window.templatesAreGone = true;
    }, 50);
"""
READY = "() => window.app?.extensionManager && window.app.isGraphReady !== false && window.app.canvas?.graph"
STILL = """board => new Promise((done) => {
    const place = () => JSON.stringify(board.getBoundingClientRect());
    const fits = () => board.getBoundingClientRect().right < innerWidth && board.width > 300;
    const before = place();
    setTimeout(() => done(fits() && before === place()), 250);
})"""
OUTPUTS = "id => app.graph.getNodeById(id).outputs.map(({ label, name }) => label || name)"
VUE = "Comfy.VueNodes.Enabled"
APART = 310  # milliseconds
OPENING = 60_000  # a page may take long to open on a busy machine


class ComfyPage:
    """Drives one page of the genuine frontend."""

    def __init__(self, page: Page, server: Server, renderer: str) -> None:
        self.page, self.server, self.renderer = page, server, renderer
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda message: self._note(message.type, message.text))

    def _note(self, kind: str, text: str) -> None:
        if kind == "error" and "[Datasete]" in text:
            self.faults.append(text)

    # The page

    def open(self) -> ComfyPage:
        self.page.goto(self.server.url)
        self.settle()
        self.until(
            "() => window.templatesAreGone || app.extensionManager.setting.get('Comfy.TutorialCompleted')"
            " || app.graph.nodes.length",
            timeout=OPENING,
        )
        return self

    def reload(self) -> ComfyPage:
        self.page.reload()
        return self.settle()

    def settle(self) -> ComfyPage:
        self.until(READY, timeout=OPENING)
        # Setup of all extensions is done when our command can be found.
        self.until(
            "() => window.app.extensionManager.command.commands.some(({ id }) => id === 'Datasete.ShowWaitingGate')"
            " && app.extensionManager.workflow.activeWorkflow",
            timeout=OPENING,
        )
        return self

    def evaluate(self, script: str, argument: object = None) -> Any:
        return self.page.evaluate(script, argument)

    def until(self, script: str, argument: object = None, timeout: float | None = None) -> None:
        # by the clock: a page that is not in front paints no frames to poll by
        self.page.wait_for_function(script, arg=argument, timeout=timeout, polling=100)

    def wait(self, true: Callable[[], object], what: str) -> None:
        """Waits for something that the server says, while the page goes on working."""
        for _ in range(1200):
            if true():
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"did not happen: {what}")

    def wait_until_saved(self) -> None:
        """Waits until the frontend has put the workflow as it is now where a reload finds it."""
        self.evaluate("() => app.extensionManager.workflow.activeWorkflow.changeTracker.checkState?.()")
        self.until(
            """() => {
                 const line = ({ id, properties }) => [id, properties.routeLabels];
                 const digest = (nodes) => JSON.stringify(nodes?.map(line));
                 const now = digest(app.graph.serialize().nodes);
                 return Object.values(localStorage).some((text) => {
                   try {
                     return digest(JSON.parse(JSON.parse(text)?.data ?? text).nodes) === now;
                   } catch { return false; }
                 });
               }"""
        )

    # Workflows

    def load(self, workflow: object) -> ComfyPage:
        workflow = workflow.json() if hasattr(workflow, "json") else workflow
        self.evaluate("workflow => app.loadGraphData(workflow)", workflow)
        self.until("count => app.graph.nodes.length === count", len(workflow["nodes"]))
        return self

    def queue(self) -> str:
        """Queues the workflow; returns the prompt id."""
        with self.page.expect_response(re.compile(r"/prompt$")) as answer:
            self.evaluate("() => void app.queuePrompt(0, 1)")
        body = answer.value.json()
        assert "prompt_id" in body, body
        return body["prompt_id"]

    def finished(self, prompt_id: str) -> dict:
        """The history of a run, once it has ended."""
        self.wait(lambda: self.server.history(prompt_id).get("status"), f"the end of run {prompt_id}")
        return self.server.history(prompt_id)

    def ran(self, prompt_id: str) -> set[int]:
        """Which nodes showed something in a run."""
        return {int(node) for node in self.finished(prompt_id)["outputs"]}

    def value(self, node: int, widget: str) -> Any:
        script = "([id, name]) => app.graph.getNodeById(id).widgets.find((widget) => widget.name === name).value"
        return self.evaluate(script, [node, widget])

    def set(self, node: int, widget: str, value: object) -> None:
        """Sets a widget the way both renderers do when a person changes it."""
        self.evaluate(
            """([id, name, value]) => {
                 const node = app.graph.getNodeById(id);
                 const widget = node.widgets.find((candidate) => candidate.name === name);
                 widget.value = value;
                 widget.callback?.(value, app.canvas, node);
               }""",
            [node, widget, value],
        )

    def outputs(self, node: int) -> list[str]:
        """What the outputs of a node are called, as the graph has it."""
        return self.evaluate(OUTPUTS, node)

    def expect_outputs(self, node: int, *labels: str) -> None:
        """Waits until a node shows these outputs; in Vue nodes, on the page as well."""
        self.until(f"([id, wanted]) => ({OUTPUTS})(id).join('|') === wanted", [node, "|".join(labels)])
        if self.renderer == "vue":
            shown = self.page.locator(f"[data-node-id='{node}'] .lg-slot--output")
            expect(shown).to_have_text(list(labels))

    # Gates

    def gate(self, node: int | None = None) -> Locator:
        """The gate of a node, or the only one that waits."""
        if node is None:
            return self.page.locator(".ds-gate-gate.ds-gate-open")
        handle = self.evaluate(
            """id => {
                 const widget = app.graph.getNodeById(id).widgets.find(({ type }) => type === "datasete-gate");
                 widget.element.dataset.node = id;
               }""",
            node,
        )
        assert handle is None
        return self.page.locator(f".ds-gate-gate[data-node='{node}']")

    def waiting(self, node: int | None = None) -> Locator:
        """The gate, once it waits and its picture is there."""
        gate = self.gate(node)
        expect(gate).to_have_class(re.compile("ds-gate-open"))
        picture = gate.locator("img.ds-gate-picture")
        self.page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=picture.element_handle())
        return gate

    def choose(self, route: int, node: int | None = None) -> None:
        gate = self.waiting(node)
        self.look()
        gate.locator(f"button[data-route='{route}']").click()

    def look(self) -> None:
        """Takes the time that a person takes to look at a picture: sooner, the same answer is a double press."""
        self.page.wait_for_timeout(APART)

    @contextmanager
    def in_one_moment(self) -> Iterator[None]:
        """Has the page's clock stand still, so that presses follow each other at once, however slow the machine."""
        self.evaluate("() => { const now = performance.now(); performance.now = () => now; }")
        try:
            yield
        finally:
            self.evaluate("() => { delete performance.now; }")

    def idle(self, node: int) -> Locator:
        gate = self.gate(node)
        expect(gate).not_to_have_class(re.compile("ds-gate-open"))
        return gate

    # Dialogs

    def toast(self, text: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_text(text).first

    def edit_mask(self, node: int | None = None) -> Locator:
        """Opens ComfyUI's MaskEditor on a gate; returns its window once the picture is there."""
        self.waiting(node).get_by_role("button", name="Edit mask").click()
        editor = self.page.get_by_role("dialog").filter(has_text="Mask Editor")
        board = editor.locator("canvas").first
        expect(board).to_be_visible()
        self.wait(lambda: board.evaluate(STILL), "a picture that fits into the editor and lies still")
        return editor

    def save_mask(self, editor: Locator) -> None:
        editor.get_by_role("button", name="Save").first.click()
        expect(editor).to_be_hidden(timeout=OPENING)  # it encodes four pictures

    def paint(self, node: int | None = None) -> None:
        """Paints a stroke from the middle to the lower right in ComfyUI's MaskEditor, and saves."""
        editor = self.edit_mask(node)
        box = editor.locator("canvas").first.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        for step in range(1, 9):
            self.page.mouse.move(x + 6 * step, y + 3 * step)
        self.page.mouse.up()
        self.save_mask(editor)
