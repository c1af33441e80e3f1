"""LoadImage and LoadImageMask."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
from PIL import Image, ImageOps, ImageSequence

from datasete.errors import DataseteError

if TYPE_CHECKING:
    import torch

    from datasete.workbench.folders import Folders


class LoadImage:
    """A picture of the input folder and its mask (1 - alpha; zeros [frames, 64, 64] where it has no alpha)."""

    folders: ClassVar[Folders]
    CATEGORY = "image"
    ESSENTIALS_CATEGORY = "Basics"
    RETURN_TYPES: ClassVar[tuple[str, ...]] = ("IMAGE", "MASK")
    FUNCTION = "load_image"
    SEARCH_ALIASES: ClassVar[list[str]] = [
        "load image",
        "open image",
        "import image",
        "image input",
        "upload image",
        "read image",
        "image loader",
    ]

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """The pictures at the top of the input folder."""
        return {"required": {"image": (cls.folders.pictures(), {"image_upload": True})}}

    @classmethod
    def IS_CHANGED(cls, image: str) -> str:
        """A digest of the file."""
        return hashlib.sha256(cls.folders.existing(image).read_bytes()).hexdigest()

    @classmethod
    def VALIDATE_INPUTS(cls, image: str) -> bool | str:
        """Whether the file is there."""
        try:
            cls.folders.existing(image)
        except DataseteError:
            return f"Invalid image file: {image}"
        return True

    def load_image(self, image: str) -> tuple[torch.Tensor, torch.Tensor]:
        """Read all frames: images [B,H,W,3] and masks [B,H,W], 0..1."""
        import torch

        with Image.open(self.folders.existing(image)) as picture:
            frames = [ImageOps.exif_transpose(frame) for frame in ImageSequence.Iterator(picture)]
            frames = [frame for frame in frames if frame.size == frames[0].size]
            images = torch.stack([_tensor(frame.convert("RGB")) for frame in frames])
            return images, torch.stack([_mask(frame) for frame in frames])


class LoadImageMask(LoadImage):
    """One channel of a picture, as a mask."""

    ESSENTIALS_CATEGORY = "Image Tools"
    RETURN_TYPES: ClassVar[tuple[str, ...]] = ("MASK",)
    FUNCTION = "load_image_mask"
    SEARCH_ALIASES: ClassVar[list[str]] = ["import mask", "alpha mask", "channel mask"]

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """The picture, and which of its channels."""
        return {"required": {**super().INPUT_TYPES()["required"], "channel": (["alpha", "red", "green", "blue"],)}}

    @classmethod
    def IS_CHANGED(cls, image: str, channel: str) -> str:  # type: ignore[override]
        """A digest of the file."""
        del channel
        return super().IS_CHANGED(image)

    def load_image_mask(self, image: str, channel: str) -> tuple[torch.Tensor]:
        """Masks [B,H,W], 0..1; for alpha, 1 - alpha."""
        images, masks = self.load_image(image)
        if channel == "alpha":
            return (masks,)
        return (images[..., ["red", "green", "blue"].index(channel)].clone(),)


def _tensor(picture: Image.Image) -> torch.Tensor:
    import torch

    return torch.from_numpy(np.asarray(picture).astype(np.float32) / 255.0)


def _mask(frame: Image.Image) -> torch.Tensor:
    import torch

    if "transparency" in frame.info and "A" not in frame.getbands():
        frame = frame.convert("RGBA")
    return 1.0 - _tensor(frame.getchannel("A")) if "A" in frame.getbands() else torch.zeros(64, 64)


NODES: Final = {
    "nodes": {
        "LoadImage": (LoadImage, "Load Image"),
        "LoadImageMask": (LoadImageMask, "Load Image (as Mask)"),
    }
}
