"""Asks ComfyUI's registry tool whether the pack can be published, and takes a warning for a refusal.

``make lint`` runs it: the tool itself succeeds with warnings, and then publishes without what it warned about.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def validate(comfy: str) -> tuple[bool, str]:
    """Whether the tool found nothing to say, and what it said."""
    with tempfile.TemporaryDirectory() as home:  # it writes its settings there
        done = subprocess.run(
            [Path(comfy).resolve(), "--skip-prompt", "node", "validate"],
            cwd=ROOT,
            env=os.environ | {"HOME": home, "USERPROFILE": home, "COMFY_NO_TELEMETRY": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    said = done.stdout + done.stderr
    return done.returncode == 0 and "warning" not in said.lower(), said


if __name__ == "__main__":
    clean, said = validate(sys.argv[1])
    print("The registry's tool has no objections." if clean else said)
    sys.exit(not clean)
