"""Pictures with their masks, several at once."""

from __future__ import annotations

import threading

import pytest
import torch

from datasete.config import LimitSettings
from datasete.errors import InvalidInput, UnreadableImage
from datasete.imaging.batches import decode_batch, encode_batch
from datasete.imaging.png import decode_image, decode_mask, encode_image, encode_mask


def batch(frames: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures that differ, and a mask for each."""
    noise = torch.Generator().manual_seed(frames)
    return torch.rand(frames, 40, 30, 3, generator=noise), torch.rand(frames, 40, 30, generator=noise)


def test_a_batch_is_encoded_as_its_frames_alone_are_and_in_their_order():
    image, mask = batch(7)
    assert encode_batch(image, mask) == ([*map(encode_image, image)], [*map(encode_mask, mask)])


@pytest.mark.parametrize(("frames", "masks"), [(1, 0), (1, 1), (5, 2), (0, 3)])
def test_pictures_and_masks_are_decoded_as_alone_whatever_their_numbers(frames: int, masks: int, limits: LimitSettings):
    pictures, painted = encode_batch(*batch(5))
    decoded = decode_batch(pictures[:frames], painted[:masks], limits)
    for found, files, alone in zip(
        decoded, (pictures[:frames], painted[:masks]), (decode_image, decode_mask), strict=True
    ):
        assert len(found) == len(files)
        assert all(torch.equal(one, alone(data, limits)) for one, data in zip(found, files, strict=True))


def test_the_first_that_cannot_be_read_is_told_and_no_thread_stays(limits: LimitSettings):
    pictures, painted = encode_batch(*batch(3))
    with pytest.raises(UnreadableImage, match="it is not a PNG"):
        decode_batch([pictures[0], b"no picture at all", pictures[2]], [painted[0][:60]], limits)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("datasete-imaging")]


def test_what_is_no_batch_is_refused():
    image, mask = batch(2)
    with pytest.raises(InvalidInput, match="A picture must be"):
        encode_batch(image[0], mask)
