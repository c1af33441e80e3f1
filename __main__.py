"""The command line of a clone: ``python path/to/clone doctor``.

It works under any folder name, and needs nothing but what ``requirements.txt`` installs and ComfyUI's torch.
"""

import sys
from pathlib import Path

# Python puts the clone's own folder first on the path; the bundled plugins lie one folder deeper.
sys.path.insert(1, str(Path(__file__).resolve().parent / "plugins"))

from datasete.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
