"""The pack's nodes, one file each, under the ids that workflows store."""

from __future__ import annotations

from typing import Final

from datasete.nodes.batch_image_loader import BatchImageLoader
from datasete.nodes.batch_image_saver import BatchImageSaver
from datasete.nodes.batch_progress import BatchProgressFormatter
from datasete.nodes.folder_image_loader import FolderImageLoader
from datasete.nodes.grid_image_pool import GridImagePool
from datasete.nodes.image_gate import ImageGate
from datasete.nodes.pool_profile import PoolProfile

NODE_CLASS_MAPPINGS: Final[dict[str, type]] = {
    "ImageGate": ImageGate,
    "GridImagePool": GridImagePool,
    "PoolProfile": PoolProfile,
    "BatchImageLoader": BatchImageLoader,
    "BatchImageSaver": BatchImageSaver,
    "BatchProgressFormatter": BatchProgressFormatter,
    "FolderImageLoader": FolderImageLoader,
}

NODE_DISPLAY_NAME_MAPPINGS: Final[dict[str, str]] = {
    "ImageGate": "Image Gate (Manual Router)",
    "GridImagePool": "Image Pool (Grid)",
    "PoolProfile": "Pool Profile",
    "BatchImageLoader": "Batch Image Loader",
    "BatchImageSaver": "Batch Image Saver",
    "BatchProgressFormatter": "Batch Progress",
    "FolderImageLoader": "Folder Image Loader",
}

__all__ = ["NODE_CLASS_MAPPINGS", "NODE_DISPLAY_NAME_MAPPINGS"]
