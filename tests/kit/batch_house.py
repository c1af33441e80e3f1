"""The batch nodes, wired as in a workflow, on a host with a queue in memory."""

from dataclasses import dataclass, field

from PIL import Image

from datasete.application import build_application, set_application
from datasete.config import Settings, SpaceSettings
from datasete.host.api import Run
from datasete.ids import same_name
from datasete.nodes.batch_image_loader import BatchImageLoader
from datasete.nodes.batch_image_saver import BatchImageSaver
from datasete.testing.runs import memory_host

STEP = 20
"""The distance between the grey levels of two sources, more than a JPEG changes them."""

WIRED = {
    "output_base_name": "BASENAME",
    "output_file_type": "EXTENSION",
    "subfolder": "SUBFOLDER",
    "caption": "FILENAME",
}


@dataclass
class Saver:
    """A saver with what is typed into it, the loader outputs that are wired to it, and the loader they come from."""

    mode: str = "Overwrite"
    folder: str = "out"
    wired: tuple[str, ...] = ("output_base_name", "subfolder")
    typed: dict = field(default_factory=dict)
    frames: int = 1
    loader: str = "loader0"


class BatchHouse:
    """Walks folders of one-pixel pictures, each of which has a grey level of its own."""

    def __init__(self, folder, spaces=()):
        self.root = folder
        self.spaces = {name: SpaceSettings(url=url) for name, url in dict(spaces).items()}
        self.levels = 0
        self.open()

    def open(self):
        self.host, self.runs = memory_host(self.root)
        self.app = build_application(self.host, Settings(spaces=self.spaces))
        set_application(self.app)

    def close(self):
        set_application(None)
        self.app.close()

    def restart(self):
        """The server is killed, with its queue and history, and is started again."""
        self.close()
        self.open()

    def fill(self, *names, folder="photos"):
        for name in names:
            path = self.host.input_dir / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("L", (1, 1), STEP * self.levels).save(path, "png")  # whatever its ending says
            self.levels += 1

    def walk(self, *savers, folders=("photos/**",), limit=1000, before_write=None, **loader):
        """Press Run once; return what the last loaders gave."""
        inputs = {"filter_preset": "All Images", "iteration_mode": "Continue", "error_handling": "Stop on error"}
        inputs |= loader
        graph = {
            f"loader{number}": {"class_type": "BatchImageLoader", "inputs": {"directory": folder, **inputs}}
            for number, folder in enumerate(folders)
        }
        for number, saver in enumerate(savers or (Saver(),)):
            wires = {"image": [saver.loader, 0]}
            wires |= {port: [saver.loader, BatchImageLoader.RETURN_NAMES.index(WIRED[port])] for port in saver.wired}
            graph[f"saver{number}"] = {"class_type": "BatchImageSaver", "inputs": wires}
        self.ends, self.given = [], {}

        def work(prompt):
            for node, loader in prompt.graph.items():
                if loader["class_type"] == "BatchImageLoader":
                    self.host.current = Run(prompt.prompt_id, node)
                    given = BatchImageLoader().run(**loader["inputs"])
                    given = given["result"] if isinstance(given, dict) else given
                    self.given[node] = dict(zip(BatchImageLoader.RETURN_NAMES, given, strict=True))
            for number, saver in enumerate(savers or (Saver(),)):
                self.host.current = Run(prompt.prompt_id, f"saver{number}")
                if before_write:
                    before_write()
                self._save(saver)

        self.runs.press(graph, client_id="tab")
        for _ in range(limit):
            if not self.runs.waiting:
                break
            self.ends.append(self.runs.run_next(work))
        return self.given

    def _save(self, saver):
        given = self.given[saver.loader]
        wired = {port: given[WIRED[port]] for port in saver.wired}
        image = given["IMAGE"].repeat(saver.frames, 1, 1, 1)
        BatchImageSaver().run(image, 100, saver.mode, output_directory=saver.folder, **wired, **saver.typed)

    @property
    def batch(self):
        return self.app.batches.describe_all()[0]

    def results(self, folder="out"):
        """The paths of all pictures below an output folder or a space, and what is in them."""
        space, colon, prefix = folder.partition(":")
        if colon:
            storage = self.app.storage(space)
            found = {
                entry.key: storage.get(entry.key).data for entry in storage.entries(f"{prefix}/" if prefix else "")
            }
            return {name.removeprefix(f"{prefix}/"): data for name, data in found.items()}
        root = self.host.output_dir / folder
        return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def pictures(results):
    return sorted(name for name in results if not name.endswith(".txt"))


def distinct(names):
    """The names that a share would keep apart."""
    return {same_name(name) for name in names}
