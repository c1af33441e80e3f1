"""The nodes SaveImage and PreviewImage."""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from datasete.errors import InvalidInput
from datasete.workbench.folders import inside, write_file

if TYPE_CHECKING:
    import torch

    from datasete.errors import InvalidInput
from datasete.workbench.folders import Folders

HIDDEN: Final = {"prompt": "PROMPT", "extra_pnginfo": "EXTRA_PNGINFO"}


class SaveImage:
    """Writes every picture of a batch to the output folder, with the workflow inside."""

    folders: ClassVar[Folders]
    kind: ClassVar[str] = "output"
    RETURN_TYPES = ("IMAGE",)
    RETURN_NAMES = ("images",)
    FUNCTION = "save_images"
    OUTPUT_NODE = True
    CATEGORY = "image"
    ESSENTIALS_CATEGORY = "Basics"
    DESCRIPTION = "Saves the input images to your ComfyUI output directory."
    SEARCH_ALIASES: ClassVar[list[str]] = [
        "save",
        "save image",
        "export image",
        "output image",
        "write image",
        "download",
    ]

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """The pictures, and how their files begin."""
        tip = (
            "The prefix for the file to save. This may include formatting information such as %date:yyyy-MM-dd% or "
            "%Empty Latent Image.width% to include values from nodes."
        )
        required = {
            "images": ("IMAGE", {"tooltip": "The images to save."}),
            "filename_prefix": ("STRING", {"default": "ComfyUI", "tooltip": tip}),
        }
        return {"required": required, "hidden": dict(HIDDEN)}

    def save_images(
        self,
        images: torch.Tensor,
        filename_prefix: str = "ComfyUI",
        prompt: object = None,
        extra_pnginfo: Mapping[str, object] | None = None,
    ) -> dict[str, Any]:
        """Write images [B,H,W,C] as PNG; return where they are, for the browser, and the images."""
        saved = save(self.folders.of(self.kind), self.kind, filename_prefix, images, metadata(prompt, extra_pnginfo))
        return {"ui": {"images": saved}, "result": (images,)}


class PreviewImage(SaveImage):
    """Shows pictures in the node; the next start deletes them."""

    kind = "temp"
    DESCRIPTION = "Preview the images without saving them to the ComfyUI output directory."
    SEARCH_ALIASES: ClassVar[list[str]] = [
        "preview",
        "preview image",
        "show image",
        "view image",
        "display image",
        "image viewer",
    ]

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """The pictures."""
        return {"required": {"images": ("IMAGE",)}, "hidden": dict(HIDDEN)}

    def save_images(
        self,
        images: torch.Tensor,
        filename_prefix: str = "ComfyUI",
        prompt: object = None,
        extra_pnginfo: Mapping[str, object] | None = None,
    ) -> dict[str, Any]:
        """Write images [B,H,W,C] to the temp folder under a fresh name."""
        return super().save_images(images, temp_prefix(filename_prefix), prompt, extra_pnginfo)


def temp_prefix(prefix: str = "ComfyUI") -> str:
    """Return a file name prefix that no other preview has."""
    return f"{prefix}_temp_{secrets.token_hex(4)}"


def metadata(prompt: object, extra: Mapping[str, object] | None) -> dict[str, str]:
    """Return the text chunks from which the frontend restores a workflow."""
    chunks = {} if prompt is None else {"prompt": prompt}
    return {key: json.dumps(value) for key, value in (chunks | dict(extra or {})).items()}


def save(folder: Path, kind: str, prefix: str, images: torch.Tensor, texts: Mapping[str, str]) -> list[dict[str, str]]:
    """Write images [B,H,W,C] as ``<prefix>_00001_.png`` and so on, after the highest number in use.

    Raises:
        InvalidInput: the prefix leaves the folder, or the pictures have one channel; nothing was written.
    """
    from datasete.imaging.png import encode_image

    if images.ndim == 4 and images.shape[3] == 1:
        # Written as grey they would look right here, and fail in ComfyUI.
        raise InvalidInput(
            "These pictures have one channel, and ComfyUI saves and shows pictures of three or four.",
            hint="Nothing was written. Have the node before this one give three channels.",
        )
    first = inside(folder, _filled(prefix, images))
    first.parent.mkdir(parents=True, exist_ok=True)
    subfolder = first.parent.relative_to(folder).as_posix().removeprefix(".")
    number = _next_number(first)
    saved = []
    for index, image in enumerate(images):
        name = f"{first.name.replace('%batch_num%', str(index))}_{number + index:05}_.png"
        write_file(first.parent / name, encode_image(image, texts=texts), durable=kind != "temp")
        saved.append({"filename": name, "subfolder": subfolder, "type": kind})
    return saved


def _filled(prefix: str, images: torch.Tensor) -> str:
    """Return the prefix with its %variables% filled in."""
    sizes = {"%width%": str(images.shape[2]), "%height%": str(images.shape[1])}
    parts = dict(zip(("%year%", "%month%", "%day%", "%hour%", "%minute%", "%second%"), time.localtime(), strict=False))
    for name, value in (sizes | {key: f"{part:02}" for key, part in parts.items()}).items():
        prefix = prefix.replace(name, value)
    return prefix


def _next_number(first: Path) -> int:
    pattern = re.compile(re.escape(first.name) + r"_(\d+)_?\.", re.IGNORECASE)
    # The highest number and not the count, as files in between may have been deleted.
    matches = (pattern.match(path.name) for path in first.parent.iterdir())
    return max((int(match[1]) for match in matches if match), default=0) + 1


NODES: Final = {
    "nodes": {
        "SaveImage": (SaveImage, "Save Image"),
        "PreviewImage": (PreviewImage, "Preview Image"),
    }
}
