"""What the browser tests of profiles share: profiles on the server, workflows with profiles and pools, and the node."""

from __future__ import annotations

import io
import json
import urllib.request
import uuid
from collections.abc import Iterator
from urllib.parse import urlencode

from browser_flows import Flow
from browser_host import Server
from browser_page import ComfyPage
from PIL import Image
from playwright.sync_api import Locator, expect

PRIVATE = "4b5e2f8a-1111-4222-8333-444455556666"


def png(number: int = 0) -> bytes:
    file = io.BytesIO()
    Image.effect_noise((48 + number, 40), 20 + number).save(file, "PNG")
    return file.getvalue()


class Sets:
    """Pools and profiles on a server, past the page."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def post(self, path: str, **body: object) -> dict:
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.server.url + path, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)

    def fill(self, pool: str, count: int, label: str = "") -> None:
        border = uuid.uuid4().hex
        parts = [("pool_id", None, pool.encode()), *[("label", None, f"{label} {n}".encode()) for n in range(count)]]
        parts += [("image", f"{n}.png", png(n)) for n in range(count)]
        body = b"".join(
            f'--{border}\r\nContent-Disposition: form-data; name="{name}"'.encode()
            + (f'; filename="{file}"' if file else "").encode()
            + b"\r\n\r\n%b\r\n" % data
            for name, file, data in parts
        )
        headers = {"Content-Type": f"multipart/form-data; boundary={border}"}
        url = f"{self.server.url}/grid_pool/add"
        with urllib.request.urlopen(urllib.request.Request(url, body + f"--{border}--\r\n".encode(), headers)):
            pass

    def make(self, name: str, pictures: int = 0) -> str:
        made = self.post("/grid_pool/profiles/create", name=name)["id"]
        if pictures:
            self.fill(made, pictures, name)
        return made

    def all(self) -> dict[str, str]:
        """The profiles' ids by name."""
        listed = self.server.json("/grid_pool/profiles/list")["profiles"]
        return {profile["name"]: profile["id"] for profile in listed}

    def slots(self, pool: str) -> list[dict]:
        return self.server.json(f"/grid_pool/list?{urlencode({'pool_id': pool})}")["slots"]

    def files(self, pool: str) -> dict[str, bytes]:
        """Every file of a pool's pictures, by name."""
        names = [name for slot in self.slots(pool) for name in (slot["image"], slot["mask"]) if name]
        return {
            name: self.server.get(f"/grid_pool/file?{urlencode({'pool_id': pool, 'image': name})}") for name in names
        }


def profiles_of(server: Server) -> Iterator[Sets]:
    """For a fixture: whatever a test makes on the shared server goes afterwards."""
    made = Sets(server)
    before = set(made.all().values())
    yield made
    for profile in set(made.all().values()) - before:
        made.post("/grid_pool/profiles/delete", id=profile)


def fresh(what: str = "set") -> str:
    return f"{what} {uuid.uuid4().hex[:8]}"


class Wired(Flow):
    """Workflows with profiles and pools."""

    def profile(self, name: str = "", profile_id: str = "", at: tuple[int, int] = (20, 60)) -> int:
        node = self.add("PoolProfile", name, profile_id, at=at)
        self.nodes[node - 1]["outputs"] = [{"name": "profile", "type": "POOL_PROFILE", "links": []}]
        return node

    def pool(self, pool_id: str = PRIVATE, source: int | None = None, at: tuple[int, int] = (420, 60)) -> int:
        node = self.add("GridImagePool", -1, pool_id, at=at)
        of = [("image", "IMAGE"), ("mask", "MASK"), ("index", "INT"), ("count", "INT"), ("label", "STRING")]
        self.nodes[node - 1]["outputs"] = [{"name": name, "type": kind, "links": []} for name, kind in of]
        if source:
            self.link(source, 0, node, "profile")
        return node


def panel(comfy: ComfyPage, node: int) -> Locator:
    """What a profile node shows below its dropdown."""
    comfy.evaluate(
        """id => {
             const find = ({ type }) => type === "datasete-profile";
             app.graph.getNodeById(id).widgets.find(find).element.dataset.node = id;
           }""",
        node,
    )
    return comfy.page.locator(f".ds-profile-profile[data-node='{node}']")


def press(comfy: ComfyPage, node: int, task: str) -> None:
    panel(comfy, node).locator(f".ds-profile-buttons [data-task='{task}']").click()


def expect_pool(comfy: ComfyPage, node: int, pool_id: str) -> None:
    """Waits until a pool node shows this pool."""
    script = "([id, wanted]) => app.graph.getNodeById(id).widgets.find((w) => w.name === 'pool_id').value === wanted"
    comfy.until(script, [node, pool_id])


def expect_profile(comfy: ComfyPage, node: int, name: str, profile_id: str) -> None:
    script = """([id, ...wanted]) => ['profile', 'profile_id'].every((name, place) =>
                  app.graph.getNodeById(id).widgets.find((w) => w.name === name).value === wanted[place])"""
    comfy.until(script, [node, name, profile_id])


def pick(comfy: ComfyPage, node: int, text: str) -> None:
    """Chooses a profile in the node's dropdown, as a person does."""
    if comfy.renderer == "vue":
        comfy.page.locator(f"[data-node-id='{node}']").get_by_role("combobox", name="profile").click()
    else:
        x, y = comfy.evaluate(
            """id => {
                 const node = app.graph.getNodeById(id);
                 const { scale, offset } = app.canvas.ds;
                 const { left, top } = app.canvas.canvas.getBoundingClientRect();
                 const at = [node.pos[0] + node.size[0] / 2, node.pos[1] + node.widgets[0].last_y + 10];
                 return [left + (at[0] + offset[0]) * scale, top + (at[1] + offset[1]) * scale];
               }""",
            node,
        )
        comfy.page.mouse.click(x, y)
    comfy.page.get_by_text(text, exact=True).last.click()


def answer(comfy: ComfyPage, text: str) -> None:
    """Types a name into ComfyUI's own dialog, and confirms."""
    box = comfy.page.get_by_role("dialog").get_by_role("textbox")
    expect(box).to_be_visible()
    box.fill(text)
    box.press("Enter")


def known(comfy: ComfyPage, sets: Sets, name: str) -> str:
    """The id of a profile, once there is one of this name."""
    comfy.wait(lambda: name in sets.all(), f"a profile named {name}")
    return sets.all()[name]


def no_dialog(comfy: ComfyPage) -> None:
    expect(comfy.page.get_by_role("dialog")).to_have_count(0)
