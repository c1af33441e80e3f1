"""Nodes that change pictures: scale, crop, invert, batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
from PIL import Image

from datasete.errors import InvalidInput

if TYPE_CHECKING:
    import torch

LARGEST: Final = 16384
METHODS: Final = ["nearest-exact", "bilinear", "area", "bicubic", "lanczos"]


def _size(default: int, smallest: int) -> tuple[str, dict[str, int]]:
    return ("INT", {"default": default, "min": smallest, "max": LARGEST, "step": 1})


class ImageScale:
    """Scales to a width and a height; where one is 0, it follows from the other."""

    CATEGORY = "image/upscaling"
    ESSENTIALS_CATEGORY = "Image Tools"
    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "upscale"
    SEARCH_ALIASES: ClassVar[list[str]] = ["resize", "resize image", "scale image", "image resize", "change size"]

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """The picture, how, and to which size in pixels."""
        return {
            "required": {
                "image": ("IMAGE",),
                "upscale_method": (METHODS,),
                "width": _size(512, 0),
                "height": _size(512, 0),
                "crop": (["disabled", "center"],),
            }
        }

    def upscale(
        self, image: torch.Tensor, upscale_method: str, width: int, height: int, crop: str
    ) -> tuple[torch.Tensor]:
        """Images [B,height,width,C]."""
        if not width and not height:
            return (image,)
        width = width or max(1, round(image.shape[2] * height / image.shape[1]))
        height = height or max(1, round(image.shape[1] * width / image.shape[2]))
        return (resize(image, width, height, upscale_method, crop=crop == "center"),)


class ImageScaleBy:
    """Scales by a factor."""

    CATEGORY = "image/upscaling"
    ESSENTIALS_CATEGORY = "Image Tools"
    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "upscale"

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """The picture, how, and by which factor."""
        factor = ("FLOAT", {"default": 1.0, "min": 0.01, "max": 8.0, "step": 0.01})
        return {"required": {"image": ("IMAGE",), "upscale_method": (METHODS,), "scale_by": factor}}

    def upscale(self, image: torch.Tensor, upscale_method: str, scale_by: float) -> tuple[torch.Tensor]:
        """Images [B,H,W,C], at least one pixel in each direction."""
        height, width = (max(1, round(length * scale_by)) for length in image.shape[1:3])
        return (resize(image, width, height, upscale_method),)


class ImageCrop:
    """Cuts out a rectangle; what lies outside the picture is left out."""

    CATEGORY = "image/transform"
    ESSENTIALS_CATEGORY = "Image Tools"
    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "execute"
    DEPRECATED = True
    SEARCH_ALIASES: ClassVar[list[str]] = ["trim"]

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """The picture and the rectangle, in pixels."""
        rectangle = {"width": _size(512, 1), "height": _size(512, 1), "x": _size(0, 0), "y": _size(0, 0)}
        return {"required": {"image": ("IMAGE", {}), **rectangle}}

    def execute(self, image: torch.Tensor, width: int, height: int, x: int, y: int) -> tuple[torch.Tensor]:
        """Images of at most [B,height,width,C]."""
        x, y = min(x, image.shape[2] - 1), min(y, image.shape[1] - 1)
        return (image[:, y : y + height, x : x + width],)


class ImageInvert:
    """Inverts the colours."""

    CATEGORY = "image/color"
    ESSENTIALS_CATEGORY = "Image Tools"
    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "invert"
    SEARCH_ALIASES: ClassVar[list[str]] = ["reverse colors"]

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """The picture."""
        return {"required": {"image": ("IMAGE",)}}

    def invert(self, image: torch.Tensor) -> tuple[torch.Tensor]:
        """1 - image."""
        return (1.0 - image,)


class ImageBatch:
    """Joins two batches; the second is scaled to the size of the first."""

    CATEGORY = "image/batch"
    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "batch"
    DEPRECATED = True
    SEARCH_ALIASES: ClassVar[list[str]] = ["combine images", "merge images", "stack images"]

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """The two batches."""
        return {"required": {"image1": ("IMAGE",), "image2": ("IMAGE",)}}

    def batch(self, image1: torch.Tensor, image2: torch.Tensor) -> tuple[torch.Tensor]:
        """Images [B1+B2,H,W,C], with an opaque alpha where only one of the two has one.

        Raises:
            InvalidInput: one has colours and the other has none.
        """
        import torch

        fewest, channels = sorted((image1.shape[-1], image2.shape[-1]))
        if channels > fewest + 1:
            raise InvalidInput(
                f"Pictures of {fewest} and of {channels} channels cannot be joined.",
                hint="Nothing was changed. Make both colour pictures first.",
            )
        image1, image2 = (
            torch.nn.functional.pad(image, (0, channels - image.shape[-1]), value=1.0) for image in (image1, image2)
        )
        if image1.shape[1:] != image2.shape[1:]:
            image2 = resize(image2, image1.shape[2], image1.shape[1], "bilinear", crop=True)
        return (torch.cat((image1, image2)),)


def resize(image: torch.Tensor, width: int, height: int, method: str, *, crop: bool = False) -> torch.Tensor:
    """Scale images [B,H,W,C] to [B,height,width,C]; with `crop`, the middle is cut to the new shape first."""
    import torch

    if crop:
        image = _middle(image, width / height)
    if method == "lanczos":
        return torch.stack([_lanczos(frame, width, height) for frame in image])
    scaled = torch.nn.functional.interpolate(image.movedim(-1, 1), size=(height, width), mode=method)
    return scaled.movedim(1, -1)


def _middle(image: torch.Tensor, aspect: float) -> torch.Tensor:
    height, width = image.shape[1:3]
    x = round((width - width * aspect / (width / height)) / 2) if width / height > aspect else 0
    y = round((height - height * (width / height) / aspect) / 2) if width / height < aspect else 0
    return image[:, y : height - y, x : width - x]


def _lanczos(frame: torch.Tensor, width: int, height: int) -> torch.Tensor:
    import torch

    # By way of Pillow and 8 bits, as in ComfyUI: torch has no Lanczos filter, and results should be equal.
    pixels = np.squeeze((frame.clamp(0, 1) * 255).round().byte().cpu().numpy())
    scaled = Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS)
    return torch.from_numpy(np.asarray(scaled).astype(np.float32) / 255.0).reshape(height, width, frame.shape[-1])


NODES: Final = {
    "nodes": {
        "ImageScale": (ImageScale, "Upscale Image"),
        "ImageScaleBy": (ImageScaleBy, "Upscale Image By"),
        "ImageInvert": (ImageInvert, "Invert Image Colors"),
        "ImageBatch": (ImageBatch, "Batch Images (DEPRECATED)"),
    },
    "comfy_extras.nodes_images": {"ImageCrop": (ImageCrop, "Crop Image (DEPRECATED)")},
}
