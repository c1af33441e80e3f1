"""Nodes for masks: preview, conversion, inversion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

from datasete.workbench.nodes.saving import HIDDEN, metadata, save, temp_prefix

if TYPE_CHECKING:
    import torch

    from datasete.workbench.folders import Folders

CHANNELS: Final = ["red", "green", "blue", "alpha"]


class MaskToImage:
    """Turns a mask into a grey picture."""

    CATEGORY = "image/mask"
    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "execute"
    SEARCH_ALIASES: ClassVar[list[str]] = ["convert mask"]

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """The mask."""
        return {"required": {"mask": ("MASK", {})}}

    def execute(self, mask: torch.Tensor) -> tuple[torch.Tensor]:
        """Images [B,H,W,3] from masks [B,H,W] or [H,W]."""
        return (_as_images(mask),)


class ImageToMask:
    """Takes one channel of a picture as a mask."""

    CATEGORY = "image/mask"
    RETURN_TYPES = ("MASK",)
    FUNCTION = "execute"
    SEARCH_ALIASES: ClassVar[list[str]] = ["extract channel", "channel to mask"]

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """The picture, and which of its channels."""
        channel = ("COMBO", {"multiselect": False, "options": CHANNELS})
        return {"required": {"image": ("IMAGE", {}), "channel": channel}}

    def execute(self, image: torch.Tensor, channel: str) -> tuple[torch.Tensor]:
        """Masks [B,H,W].

        Raises:
            ValueError: the picture has no such channel.
        """
        index = CHANNELS.index(channel)
        if index >= image.shape[-1]:
            raise ValueError(f"This picture has {image.shape[-1]} channels, and {channel} is not among them.")
        return (image[..., index],)


class InvertMask:
    """Inverts a mask."""

    CATEGORY = "image/mask"
    RETURN_TYPES = ("MASK",)
    FUNCTION = "execute"
    SEARCH_ALIASES: ClassVar[list[str]] = ["reverse mask", "flip mask"]

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """The mask."""
        return {"required": {"mask": ("MASK", {})}}

    def execute(self, mask: torch.Tensor) -> tuple[torch.Tensor]:
        """1 - mask."""
        return (1.0 - mask,)


class MaskPreview:
    """Shows masks in the node."""

    folders: ClassVar[Folders]
    CATEGORY = "image/mask"
    RETURN_TYPES = ("MASK",)
    RETURN_NAMES = ("mask",)
    FUNCTION = "execute"
    OUTPUT_NODE = True
    DESCRIPTION = "Preview the masks without saving them to the ComfyUI output directory."
    SEARCH_ALIASES: ClassVar[list[str]] = ["show mask", "view mask", "inspect mask", "debug mask"]

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """The mask."""
        return {"required": {"mask": ("MASK", {})}, "hidden": dict(HIDDEN)}

    def execute(
        self, mask: torch.Tensor, prompt: object = None, extra_pnginfo: Mapping[str, object] | None = None
    ) -> dict[str, Any]:
        """Write masks [B,H,W] as grey pictures to the temp folder."""
        texts = metadata(prompt, extra_pnginfo)
        saved = save(self.folders.temp, "temp", temp_prefix(), _as_images(mask), texts)
        return {"ui": {"images": saved, "animated": (False,)}, "result": (mask,)}


def _as_images(mask: torch.Tensor) -> torch.Tensor:
    return mask.reshape(-1, mask.shape[-2], mask.shape[-1], 1).expand(-1, -1, -1, 3)


NODES: Final = {
    "comfy_extras.nodes_mask": {
        "MaskToImage": (MaskToImage, "Convert Mask to Image"),
        "ImageToMask": (ImageToMask, "Convert Image to Mask"),
        "InvertMask": (InvertMask, "Invert Mask"),
        "MaskPreview": (MaskPreview, "Preview Mask"),
    }
}
