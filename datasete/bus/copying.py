"""Copies slots with their history to another space, such as after a change of its URL."""

from __future__ import annotations

from datasete.bus.layout import IMAGE, image_key, mask_key, versions_prefix
from datasete.copying import ATTEMPTS, Copied, check_written, copy_file, copy_files
from datasete.errors import Conflict
from datasete.plugin import ABSENT
from datasete.storage import Storage


def copy_slot(source: Storage, target: Storage, slot: str) -> Copied | None:
    """Copy one slot; None if it is gone. The image comes last: until then the target has no such slot.

    Raises:
        Conflict: it was published to again and again meanwhile; run it once more.
        CorruptData: the target does not hold what was written there.
    """
    for _ in range(ATTEMPTS):
        image = source.get(image_key(slot))
        if image is None:
            return None
        there = target.get(image_key(slot))
        if there is not None:
            return Copied(slot, "there" if there.data == image.data else "kept")
        copy_files(source, target, _versions(source, slot))
        mask = copy_file(source, target, mask_key(slot))
        now = source.read(image_key(slot), mask_key(slot))
        seen = {image_key(slot): image, mask_key(slot): mask}
        if any((blob and blob.version) != ((key in now and now[key].version) or None) for key, blob in seen.items()):
            continue
        try:
            target.write(image_key(slot), image.data, ABSENT)
        except Conflict:
            continue  # somebody published there just now
        check_written(target, image_key(slot), image)
        return Copied(slot, "copied")
    raise Conflict(f"The slot “{slot}” is being published to.", hint="It was not copied. Run the command again.")


def _versions(source: Storage, slot: str) -> list[str]:
    # a folder with an image counts as a version, so its image comes behind its other files
    keys = [entry.key for entry in source.entries(versions_prefix(slot))]
    return sorted(keys, key=lambda key: key.endswith("/" + IMAGE))
