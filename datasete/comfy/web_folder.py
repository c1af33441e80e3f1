"""Has ComfyUI serve the page's modules whatever the pack's folder is called."""

from __future__ import annotations

import logging
import re
import sys
from pathlib import Path
from typing import Final

logger = logging.getLogger(__name__)

PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9._~-]+")
"""Folder names that are the same in an address. ComfyUI's static routes find no other folder."""

ALIAS: Final = "datasete"
WEB: Final = "./web"


def web_directory(folder: str, web: Path) -> str | None:
    """Return what ComfyUI reads as ``WEB_DIRECTORY``; None when the modules are registered under an address of our own.

    Args:
        folder: the name of the pack's folder in ``custom_nodes``.
        web: the folder of the modules.
    """
    served = getattr(sys.modules.get("nodes"), "EXTENSION_WEB_DIRS", None)
    if PLAIN_NAME.fullmatch(folder) or not isinstance(served, dict):
        return WEB
    served[ALIAS] = str(web)
    logger.warning(
        "ComfyUI cannot serve pages from a folder called “%s”. Datasete's are served as /extensions/%s instead; only "
        "the help pages of its nodes are missing. To have these, rename the folder: letters, digits, - and _.",
        folder,
        ALIAS,
    )
    return None
