"""The pack's nodes, one file each, under the names that workflows know them by."""

from __future__ import annotations

from typing import Final

from datasete.nodes.image_gate import ImageGate

NODE_CLASS_MAPPINGS: Final[dict[str, type]] = {
    "ImageGate": ImageGate,
}

NODE_DISPLAY_NAME_MAPPINGS: Final[dict[str, str]] = {
    "ImageGate": "Image Gate (Manual Router)",
}

__all__ = ["NODE_CLASS_MAPPINGS", "NODE_DISPLAY_NAME_MAPPINGS"]
