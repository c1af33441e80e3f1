"""What a gate refuses before it asks."""

from __future__ import annotations

import pytest
import torch

from datasete.config import LimitSettings
from datasete.errors import InvalidInput, TooLarge
from datasete.nodes.gate_checks import check_publishable, check_shown, check_values

FLOATS = [torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.float8_e4m3fn]


@pytest.mark.parametrize("shape", [(0, 4, 4, 3), (1, 0, 4, 3), (1, 4, 4, 0), (4, 4, 3), (4,), (1, 1, 4, 4, 3)], ids=str)
def test_what_is_empty_or_no_batch_is_refused_with_its_shape(shape: tuple[int, ...]) -> None:
    with pytest.raises(InvalidInput, match="batch of pictures") as refused:
        check_shown(torch.zeros(shape))
    assert str([*shape]) in refused.value.message


@pytest.mark.parametrize("wired", [None, "x", [1], {"samples": torch.zeros(1, 4, 8, 8)}], ids=str)
def test_what_is_no_tensor_is_refused(wired: object) -> None:
    with pytest.raises(InvalidInput, match="batch of pictures"):
        check_shown(wired)


@pytest.mark.parametrize("channels", [2, 5, 16])
def test_other_numbers_of_channels_are_refused_with_the_shape(channels: int) -> None:
    with pytest.raises(InvalidInput, match=rf"1, 3 or 4 channels, not {channels}.*\[1, 4, 6, {channels}\]"):
        check_shown(torch.zeros(1, 4, 6, channels))


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int64, torch.bool, torch.int16, torch.complex64], ids=str)
def test_other_types_than_floats_are_refused_with_type_and_shape(dtype: torch.dtype) -> None:
    name = str(dtype).removeprefix("torch.")
    with pytest.raises(InvalidInput, match=rf"not of {name}: .*\[1, 4, 6, 3\]"):
        check_shown(torch.zeros(1, 4, 6, 3, dtype=dtype))


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_floats_of_every_width_are_shown(dtype: torch.dtype, channels: int) -> None:
    image = torch.ones(2, 4, 6, channels).to(dtype)
    check_values(check_shown(image))


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_values_that_are_no_numbers_are_refused_with_their_count(dtype: torch.dtype) -> None:
    image = torch.zeros(3, 4, 6, 3)
    image[1, 0, 0] = torch.nan
    with pytest.raises(InvalidInput, match=r"3 values of picture 2 are NaN or infinite: .*\[3, 4, 6, 3\]"):
        check_values(image.to(dtype))


@pytest.mark.parametrize("value", [torch.inf, -torch.inf])
def test_infinity_is_refused(value: float) -> None:
    with pytest.raises(InvalidInput, match="infinite"):
        check_values(torch.full((1, 2, 2, 3), value))


def test_values_outside_the_range_are_shown_as_decoders_overshoot_a_little() -> None:
    check_values(torch.tensor([-0.1, 0.5, 1.2]).reshape(1, 1, 1, 3))


def test_more_pixels_than_a_slot_takes_are_refused_with_shape_and_limit() -> None:
    limits = LimitSettings(image_pixels=10_000_000)
    check_publishable(torch.zeros(1).expand(1, 2500, 4000, 3), limits)
    with pytest.raises(TooLarge, match=r"at most 10.0 megapixels, .* 10.0: the shape is \[1, 2501, 4000, 3\]"):
        check_publishable(torch.zeros(1).expand(1, 2501, 4000, 3), limits)


def test_more_frames_than_a_slot_takes_are_refused() -> None:
    check_publishable(torch.zeros(1).expand(9999, 1, 1, 3), LimitSettings())
    with pytest.raises(TooLarge, match=r"at most 9,999 pictures.*\[10000, 1, 1, 3\]"):
        check_publishable(torch.zeros(1).expand(10_000, 1, 1, 3), LimitSettings())
