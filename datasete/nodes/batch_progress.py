"""The batch progress node: says how far a batch is, as a line of text."""

from __future__ import annotations

from typing import Any, ClassVar


class BatchProgressFormatter:
    """Writes ``3 of 10 (30%)``."""

    DESCRIPTION = "Writes how far a batch is, such as “3 of 10 (30%)”. Wire the loader's INDEX and TOTAL_COUNT."
    CATEGORY = "Datasete Gates/Batch"
    FUNCTION = "run"
    RETURN_TYPES: ClassVar = ("STRING",)
    RETURN_NAMES: ClassVar = ("progress",)
    OUTPUT_TOOLTIPS: ClassVar = ("Such as “3 of 10 (30%)”.",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, dict[str, Any]]:  # noqa: N802 - ComfyUI's name for it
        """Ports and widgets."""
        number = {"default": 0, "min": 0, "max": 2**31 - 1}
        return {
            "required": {
                "index": ("INT", number | {"tooltip": "The 0-based place: the loader's INDEX."}),
                "total_count": ("INT", number | {"tooltip": "The loader's TOTAL_COUNT."}),
            }
        }

    def run(self, index: int, total_count: int) -> tuple[str]:
        """Return the line; an index beyond the end counts as the last one."""
        at = min(index + 1, total_count)
        percent = 100 * at // total_count if total_count > 0 else 0
        return (f"{max(at, 0)} of {max(total_count, 0)} ({max(percent, 0)}%)",)
