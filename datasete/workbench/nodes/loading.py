"""The nodes LoadImage and LoadImageMask."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, ClassVar, Final

from datasete.config import LimitSettings
from datasete.errors import DataseteError

if TYPE_CHECKING:
    import torch

    from datasete.workbench.folders import Folders


class LoadImage:
    """Loads a picture of the input folder and its mask (1 - alpha; zeros [frames, 64, 64] where it has no alpha)."""

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
        from datasete.imaging.frames import decode_frames

        data = self.folders.existing(image).read_bytes()
        limits = LimitSettings().model_copy(
            update={"color_profiles": "ignore"}
        )  # as ComfyUI's node, which knows no profiles
        return _joined(decode_frames(data, limits, is_all=True).pixels)


class LoadImageMask(LoadImage):
    """Loads one channel of a picture, as a mask."""

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


def _joined(frames: list[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """Join frames [H,W,C] of one size, and empty the list: each frees its memory when it has been copied."""
    import torch

    frames.reverse()
    count, shape = len(frames), frames[-1].shape[:2]
    images, masks = torch.empty(count, *shape, 3), torch.zeros(count, 64, 64)
    for number in range(count):
        frame = frames.pop()
        images[number] = frame[..., :3]  # a grey one fills all three
        if frame.shape[2] == 4:
            masks = masks if masks.shape[1:] == shape else torch.zeros(count, *shape)
            masks[number] = 1.0 - frame[..., 3]
    return images, masks


NODES: Final = {
    "nodes": {
        "LoadImage": (LoadImage, "Load Image"),
        "LoadImageMask": (LoadImageMask, "Load Image (as Mask)"),
    }
}
