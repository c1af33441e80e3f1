"""What was painted at a gate: one mask for all frames of a batch, or masks of single frames."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Painted:
    """Masks as PNGs, white is painted. True when there is any.

    Attributes:
        everywhere: for every frame that has none of its own; None when there is none.
        frames: those of single frames, by their number from 0.
    """

    everywhere: bytes | None = field(default=None, repr=False)
    frames: Mapping[int, bytes] = field(default_factory=dict, repr=False)

    def at(self, frame: int) -> bytes | None:
        """The mask of a frame, from 0; None when nothing was painted for it."""
        return self.frames.get(frame, self.everywhere)

    def with_mask(self, mask: bytes | None, frame: int | None = None) -> Painted:
        """The same with another mask: for one frame, or (None) for all, which replaces those of single frames.

        A `mask` of None takes it away again.
        """
        if frame is None:
            return Painted(mask)
        others = {number: data for number, data in self.frames.items() if number != frame}
        return replace(self, frames=others if mask is None else others | {frame: mask})

    @property
    def size(self) -> int:
        """Bytes of all of them."""
        return sum(map(len, self.frames.values())) + len(self.everywhere or b"")

    def __bool__(self) -> bool:
        return self.everywhere is not None or bool(self.frames)
