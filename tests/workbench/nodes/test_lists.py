"""The node that turns a batch into a list."""

from __future__ import annotations

import torch

from datasete.workbench.nodes.lists import RebatchImages


def test_frames_are_dealt_into_batches_of_the_wanted_length() -> None:
    frames = torch.rand(5, 4, 3, 3)
    (batches,) = RebatchImages().rebatch([frames[:2], frames[2:]], [2])
    assert [len(batch) for batch in batches] == [2, 2, 1]
    assert torch.equal(torch.cat(batches), frames)
