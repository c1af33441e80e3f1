"""What opening the pack adds to a Python that has torch already: the door, and the application behind it.

Counted in seconds of processor time, which other programs on the machine do not lengthen.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from verdict import Figure, conclude

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 9

OPEN = """
import importlib.util, sys, tempfile, time
from pathlib import Path
import torch
{before}
started = time.process_time()
door = r"{root}"
spec = importlib.util.spec_from_file_location(door.replace(".", "_x_"), door + "/__init__.py")
module = importlib.util.module_from_spec(spec)
sys.modules[spec.name] = module
spec.loader.exec_module(module)
assert "ImageGate" in module.NODE_CLASS_MAPPINGS
from datasete.application import build_application
from datasete.host.api import BareHost
folder = Path(tempfile.gettempdir())
build_application(BareHost(folder, folder, folder))
print(1000 * (time.process_time() - started))
"""


def measure(before: str) -> float:
    """Milliseconds in a fresh process, the best of some."""
    program = OPEN.format(root=ROOT, before=before)
    runs = [subprocess.run([sys.executable, "-c", program], check=True, capture_output=True) for _ in range(ROUNDS)]
    return min(float(run.stdout) for run in runs)


def main() -> int:
    """Measure with torch alone, and in ComfyUI's company, where aiohttp, numpy and Pillow are there as well."""
    return conclude(
        Figure("opening the pack in a Python that has torch", measure(""), 250, "ms"),
        Figure(
            "… that has aiohttp, numpy and Pillow too, as ComfyUI's",
            measure("import aiohttp.web, numpy, PIL.Image"),
            250,
            "ms",
        ),
    )


if __name__ == "__main__":
    sys.exit(main())
