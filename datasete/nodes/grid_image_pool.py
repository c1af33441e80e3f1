"""The pool node: outputs one picture of a curated set."""

from __future__ import annotations

import hashlib
import json
import logging
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

import torch

from datasete.application import Application, application
from datasete.config import POOLS
from datasete.errors import CorruptData, DataseteError, InvalidInput, InvalidName
from datasete.imaging.masks import empty_mask, fit_mask
from datasete.nodes.change import never_equal

if TYPE_CHECKING:
    from datasete.pools import PoolPicture

logger = logging.getLogger(__name__)

NOT_WIRED: Final = ""
MAX_INDEX: Final = 2**31 - 1


class GridImagePool:
    """Outputs the active picture of a pool, or the one at an index."""

    DESCRIPTION = (
        "A named set of pictures with labels and masks that outlives the workflow. It outputs the active picture, or "
        "the one at index. With a profile wired, it shows and uses that profile's pictures."
    )
    CATEGORY = "Datasete Gates"
    FUNCTION = "run"
    RETURN_TYPES: ClassVar = ("IMAGE", "MASK", "INT", "INT", "STRING")
    RETURN_NAMES: ClassVar = ("image", "mask", "index", "count", "label")
    OUTPUT_TOOLTIPS: ClassVar = (
        "The picture; 1×1 and black when the pool is empty.",
        "Its mask, or zeros.",
        "Its position in the pool, from 0.",
        "How many pictures the pool has.",
        "Its label.",
    )

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, dict[str, Any]]:  # noqa: N802 - ComfyUI's name for it
        """Ports and widgets."""
        index = {"default": -1, "min": -1, "max": MAX_INDEX}
        return {
            "required": {
                "index": ("INT", index | {"tooltip": "Which picture; −1 for the active one. Clamped to the range."}),
                "pool_id": ("STRING", {"default": "default", "tooltip": "The pool. Created once for each node."}),
            },
            "optional": {
                "profile": ("POOL_PROFILE", {"tooltip": "A profile's pool, used instead of the node's own."}),
            },
        }

    @classmethod
    async def IS_CHANGED(  # noqa: N802 - ComfyUI's name for it
        cls, index: int | None = None, pool_id: str | None = None, profile: str | None = NOT_WIRED
    ) -> str:
        """Return what the outputs depend on, as one text; one that equals no other when it cannot be known.

        ComfyUI hands over None for what is wired. The frontend sends a wired profile's id as `pool_id`.
        """
        if index is None or pool_id is None:
            return never_equal()
        try:
            app = application()
            fingerprint = partial(_fingerprint, app, pool_id, index, wired=profile is None)
            return await app.workers.space(POOLS).run(fingerprint)
        except DataseteError:
            logger.debug("The pool %s cannot be read; its node will say so.", pool_id, exc_info=True)
            return never_equal()

    @classmethod
    def VALIDATE_INPUTS(cls, pool_id: str | None = None) -> bool | str:  # noqa: N802
        """Refuse an unusable id before anything runs; a wired one is not known yet and is None."""
        from datasete.pools.layout import check_pool_id

        try:
            if pool_id is not None:
                check_pool_id(pool_id)
        except InvalidName as error:
            return str(error)
        return True

    async def run(
        self, index: int, pool_id: str, profile: str | None = None
    ) -> tuple[torch.Tensor, torch.Tensor, int, int, str]:
        """Load one picture.

        Args:
            index: which; −1 for the active one, otherwise brought into range.
            pool_id: the pool, unless there is a profile.
            profile: the id of a profile's pool.

        Returns:
            The picture, float32 [1,H,W,C] in 0..1, C 3, or 4 with transparency; its mask, float32 [1,H,W]; its index;
            how many there are; its label.

        Raises:
            InvalidInput: an id or an index that cannot be used.
            CorruptData: the pool or the picture cannot be read.
            StoreError: the store cannot be reached.
        """
        if not isinstance(index, int):
            raise InvalidInput(f"An index is a whole number, not {index!r:.40}.", hint="Nothing ran behind the pool.")
        app = application()
        return await app.workers.space(POOLS).run(_load_picture, app, profile or pool_id, index)


def _load_picture(app: Application, pool_id: str, index: int) -> tuple[torch.Tensor, torch.Tensor, int, int, str]:
    picture = app.pools.picture(pool_id, index)
    if picture is None:
        return torch.zeros(1, 1, 1, 3), empty_mask(1, 1, 1), 0, 0, ""
    try:
        image, mask = _decode(picture, app)
    except InvalidInput as error:
        raise CorruptData(
            f"The picture “{picture.record.image}” in the pool “{pool_id}” cannot be used: {error.message}",
            hint="It was left as it is. Remove it from the pool, or put a sound file in its place.",
        ) from error
    return image, mask, picture.index, picture.count, picture.record.label


def _decode(picture: PoolPicture, app: Application) -> tuple[torch.Tensor, torch.Tensor]:
    from datasete.imaging.batches import decode_batch  # with the first picture: the host starts quickly

    painted = [] if picture.mask is None else [picture.mask]
    (image,), masks = decode_batch([picture.image], painted, app.settings.limits)
    height, width, _ = image.shape
    mask = fit_mask(masks[0].unsqueeze(0), 1, height, width) if masks else empty_mask(1, height, width)
    return image.unsqueeze(0), mask


def _fingerprint(app: Application, pool_id: str, index: int, *, wired: bool) -> str:
    # The node's own pool may have been sent before the browser knew the wired profile: only a profile counts.
    if wired and not app.profiles.is_profile(pool_id):
        return never_equal()
    manifest = app.pools.manifest(pool_id)
    place = manifest.choose(index)
    # Only what the outputs can show: any more would run everything behind the node again for nothing.
    shown: list[object] = [pool_id]
    if place is not None:
        picture = manifest.pictures[place]
        shown += [place, len(manifest.pictures), picture.image, picture.mask, picture.label]
    return hashlib.sha256(json.dumps(shown).encode()).hexdigest()
