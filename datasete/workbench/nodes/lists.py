"""Nodes that make lists of batches: the nodes behind them run once for each item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

if TYPE_CHECKING:
    import torch


class RebatchImages:
    """Divides all frames of all batches into batches of another length."""

    CATEGORY = "image/batch"
    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "rebatch"
    INPUT_IS_LIST = True
    OUTPUT_IS_LIST: ClassVar[tuple[bool, ...]] = (True,)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """The batches, and how long each should be."""
        return {"required": {"images": ("IMAGE",), "batch_size": ("INT", {"default": 1, "min": 1, "max": 4096})}}

    def rebatch(self, images: list[torch.Tensor], batch_size: list[int]) -> tuple[list[torch.Tensor]]:
        """A list of images [B,H,W,C] with B `batch_size`, but for the last; frames of one batch have one size."""
        import torch

        frames = [frame for batch in images for frame in batch]
        starts = range(0, len(frames), batch_size[0])
        return ([torch.stack(frames[start : start + batch_size[0]]) for start in starts],)


NODES: Final = {"comfy_extras.nodes_rebatch": {"RebatchImages": (RebatchImages, "Rebatch Images")}}
