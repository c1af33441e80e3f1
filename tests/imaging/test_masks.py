"""Masks to the size and number of their pictures."""

from __future__ import annotations

import pytest
import torch

from datasete.errors import InvalidInput
from datasete.imaging.masks import empty_mask, fit_mask


def test_a_mask_that_fits_is_left_alone():
    mask = torch.rand(3, 4, 5)
    assert torch.equal(fit_mask(mask, 3, 4, 5), mask)


def test_one_mask_serves_the_whole_batch_with_memory_of_its_own():
    mask = torch.rand(1, 4, 5)
    fitted = fit_mask(mask, 3, 4, 5)
    assert torch.equal(fitted, mask.repeat(3, 1, 1))
    fitted[0] = 7
    assert torch.equal(fitted[1:], mask.repeat(2, 1, 1))


def test_the_last_mask_is_repeated():
    first, last = torch.rand(4, 5), torch.rand(4, 5)
    assert torch.equal(fit_mask(torch.stack((first, last)), 4, 4, 5), torch.stack((first, last, last, last)))


def test_masks_beyond_the_batch_are_cut():
    mask = torch.rand(5, 4, 5)
    assert torch.equal(fit_mask(mask, 2, 4, 5), mask[:2])


def test_a_single_mask_without_a_batch_is_taken():
    mask = torch.rand(4, 5)
    assert torch.equal(fit_mask(mask, 2, 4, 5), torch.stack((mask, mask)))


def test_sizes_are_fitted_bilinearly():
    mask = torch.tensor([[[0.0, 1.0]]])
    assert fit_mask(mask, 1, 2, 4).tolist() == [[[0, 0.25, 0.75, 1]] * 2]


@pytest.mark.parametrize("shape", [(64, 64), (1, 1), (37, 91)])
def test_whole_and_empty_masks_stay_so_at_any_size(shape):
    assert not fit_mask(torch.zeros(1, *shape), 2, 50, 33).any()
    whole = fit_mask(torch.ones(1, *shape), 2, 50, 33)
    assert whole.max() <= 1
    assert whole.min() > 1 - 1e-6


def test_values_and_types_are_those_of_a_mask():
    fitted = fit_mask(torch.tensor([[[-1.0, 2.0]]], dtype=torch.float64), 1, 1, 2)
    assert fitted.dtype == torch.float32
    assert fitted.tolist() == [[[0, 1]]]


@pytest.mark.parametrize("shape", [(4,), (1, 1, 4, 4), (0, 4, 4), (1, 0, 4)])
def test_what_is_no_mask_is_refused(shape):
    with pytest.raises(InvalidInput, match="A mask must be"):
        fit_mask(torch.zeros(shape), 1, 4, 4)


def test_nothing_painted():
    assert empty_mask().tolist() == [[[0]]]
    assert empty_mask(2, 3, 4).shape == (2, 3, 4)
    assert empty_mask(2, 3, 4).dtype == torch.float32
