"""Loads pictures for the folder nodes, with their alpha as a mask and the caption beside them."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from datasete.batch.folder.sources import Location, read_file, shown
from datasete.errors import DataseteError

if TYPE_CHECKING:
    from datasete.application import Application

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class LoadedPicture:
    """A loaded file.

    Attributes:
        image: float32 [B,H,W,3] in 0..1.
        mask: float32 [B,H,W], 1 − alpha; zeros without an alpha channel.
        text: what its caption says, or "".
        frames: says which frames these are, such as “frame 1 of 10”; "" when the file has one.
        trouble: a sentence when it has a caption that cannot be read.
    """

    image: torch.Tensor
    mask: torch.Tensor
    text: str
    frames: str = ""
    trouble: str = ""


def load_picture(app: Application, location: Location, name: str, *, is_all: bool = False) -> LoadedPicture:
    """Load the file `name`, a path below `location`: its first frame, or all of them.

    Raises:
        InvalidInput: it is not a picture, or broken, or too large.
        NotFound: the file is gone.
        StoreDenied: the file, or the folder, may not be read.
        StoreUnavailable: the whole folder is gone, or its store does not answer; the file is not to blame.
    """
    from datasete.imaging.frames import decode_frames  # with the first picture, so that the host starts quickly

    limits = app.settings.limits
    data = read_file(app.storage, location, name, limits)
    found = decode_frames(data, limits, is_all=is_all)
    image, mask = zip(*map(_split, found.pixels), strict=True)
    about = _about_frames(len(image), found.count)
    # A caption is an extra: one that cannot be read must not stop a batch.
    caption = app.batches.captions.read(location, name, limits)
    if caption.trouble:
        logger.warning("“%s”: %s", shown(name), caption.trouble)
    return LoadedPicture(_joined(image), _joined(mask), caption.text, about, caption.trouble)


def fingerprint(app: Application, location: Location, name: str) -> str:
    """Return a text that is the same while the file and its caption say the same.

    From the content, as LoadImage does it: size and time stay when a file is replaced by a program that keeps its time.

    Raises:
        DataseteError: the file cannot be read.
    """
    digest = hashlib.sha256(read_file(app.storage, location, name, app.settings.limits))
    digest.update(
        b"\0" + app.batches.captions.read(location, name, app.settings.limits).text.encode("utf-8", "surrogateescape")
    )
    return digest.hexdigest()


def picture_error(name: str, error: Exception) -> str:
    """Return a sentence that names a file and says why it could not be loaded."""
    reason = error.message if isinstance(error, DataseteError) else f"{type(error).__name__}: {error}"
    return f"“{shown(name)}” cannot be loaded: {reason}"


def _about_frames(loaded: int, count: int) -> str:
    if count < 2:
        return ""
    if loaded == 1:
        return f"frame 1 of {count}"
    return f"{count} frames" if loaded == count else f"{loaded} of {count} frames, which have one size"


def _joined(tensors: Sequence[torch.Tensor]) -> torch.Tensor:
    return tensors[0] if len(tensors) == 1 else torch.cat(list(tensors))


def _split(pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    height, width, channels = pixels.shape
    color = pixels.expand(height, width, 3) if channels == 1 else pixels[..., :3]
    mask = 1.0 - pixels[..., 3] if channels == 4 else torch.zeros(height, width)
    return color.contiguous().unsqueeze(0), mask.unsqueeze(0)
