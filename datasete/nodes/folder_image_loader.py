"""The folder loader: loads one picture of a folder by its index."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any, ClassVar

import torch

from datasete.application import application
from datasete.batch.folder.sources import shown
from datasete.batch.views import Source
from datasete.errors import DataseteError, InvalidInput
from datasete.nodes.change import never_equal
from datasete.nodes.pictures import fingerprint, load_picture


class FolderImageLoader:
    """Loads the picture at an index of a folder, in natural order."""

    DESCRIPTION = "Loads one picture of a folder by its number. The number goes up by one with every run by default."
    CATEGORY = "Datasete Gates/Batch"
    FUNCTION = "run"
    RETURN_TYPES: ClassVar = ("IMAGE", "STRING", "MASK", "STRING", "INT")
    RETURN_NAMES: ClassVar = ("image", "text", "mask", "filename", "index")
    OUTPUT_TOOLTIPS: ClassVar = (
        "The picture.",
        "The text in the text file of the same name.",
        "1 − alpha; zeros where there is none.",
        "The file's name without its extension.",
        "The index of the picture.",
    )

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, dict[str, Any]]:  # noqa: N802 - ComfyUI's name for it
        """Ports and widgets."""
        index = {"default": 0, "min": 0, "max": 2**31 - 1, "control_after_generate": "increment"}
        depth = {"default": 0, "min": -1, "max": 64, "tooltip": "How many levels of subfolders; −1 for all."}
        return {
            "required": {
                "folder": ("STRING", {"default": "", "tooltip": "Like the batch loader's directory."}),
                "index": ("INT", index | {"tooltip": "The place in natural order, from 0."}),
                "depth": ("INT", depth),
            }
        }

    @classmethod
    def IS_CHANGED(cls, folder: str | None = None, index: int | None = None, depth: int | None = None) -> str:  # noqa: N802
        """Return the file's name and a digest of its content; a unique text when something is wired, and so unknown."""
        if folder is None or index is None or depth is None:
            return never_equal()
        try:
            source, name = _find(folder, index, depth)
            content = fingerprint(application(), source.location, name)
        except DataseteError:
            return never_equal()  # the run says what is wrong
        return f"{source.key}:{index}:{name!a}:{content}"

    def run(self, folder: str, index: int, depth: int) -> tuple[torch.Tensor, str, torch.Tensor, str, int]:
        """Load a picture.

        Args:
            folder: the folder, as the batch loader takes it.
            index: the 0-based place in natural order.
            depth: how many levels of folders below count, −1 for all.

        Returns:
            Picture float32 [1,H,W,3], caption, mask float32 [1,H,W], stem, index.

        Raises:
            InvalidInput: the index is past the end, or the file is not a usable picture.
            NotFound: the folder does not exist.
        """
        source, name = _find(folder, index, depth)
        picture = load_picture(application(), source.location, name)
        return picture.image, picture.text, picture.mask, PurePosixPath(name).stem, index


def _find(folder: str, index: int, depth: int) -> tuple[Source, str]:
    loaders = application().batches.loaders
    source = loaders.source(folder, depth=depth)
    names = loaders.names(source)
    if not 0 <= index < len(names):
        raise InvalidInput(
            f"Index {index} is past the end of “{shown(source.location.label)}”, which has {len(names)} pictures.",
            hint="Nothing was loaded. The first one has index 0.",
        )
    return source, names[index]
