"""The protocol, actor by actor, as programs for the explorer; and the ways to get it wrong that it must find.

``docs/publication.md`` describes the steps; its last section lists the faults by the same names.
"""

from __future__ import annotations

from slot_world import (
    Image,
    Mask,
    acknowledge,
    archive_image,
    archive_mask,
    arrive,
    begin_reading,
    choose,
    commit,
    copy_image,
    delete_image,
    delete_mask,
    hand_out,
    hand_out_orphan,
    is_there,
    list_by_clock,
    list_everything,
    list_notes,
    list_versions,
    note,
    prune_versions,
    read_image,
    read_mask,
    read_side,
    refresh_mask,
    remove_versions,
    save_image,
    save_mask,
    trace_of,
    write_side,
)

LOCAL = frozenset({acknowledge, choose, write_side})
"""Steps that no other actor notices, as long as none touches the side files of publishes in flight."""

TAKES_ANYTHING = frozenset({"delete wipes all versions", "prune takes tokens in flight"})
"""Faults under which one does."""


def snapshot(order: tuple = ("im",)):
    """Read both visible files, in whichever order the store does; with the number of mask edits before the first."""
    chosen = (yield (choose, order)) if len(order) > 1 else order[0]
    if chosen == "im":
        image, before = yield (read_image,)
        mask, _ = yield (read_mask,)
    else:
        mask, before = yield (read_mask,)
        image, _ = yield (read_image,)
    return image, mask, before


# --- publish ----------------------------------------------------------------------------------------------------------


def publisher(token, faults=frozenset(), lossy=False, order=("im",), doubtful=()):
    """Step 1, under a fresh token; a lost answer leads here again, under the capital letter."""
    if not faults & {"side file missing", "side file late"}:
        yield (write_side, token)
    if "acknowledged before commit" in faults:
        yield (acknowledge, (token,))
    return attempt, token, faults, lossy, order, doubtful, None


def attempt(token, faults, lossy, order, doubtful, remembered):
    """Steps 2 to 4, once. At the first, the places are read beside the snapshot: here before it, which is harder."""
    again = (attempt, token, faults, lossy, order, doubtful)
    notes = (yield (list_notes,)) if remembered is None and not doubtful else None
    image, mask, before = yield from snapshot(order)
    if doubtful and "lost answer not recognized" not in faults:
        named = image is not None and image.token in doubtful
        if named or (yield (trace_of, doubtful, "archived edits not checked" not in faults)):
            found = (image.token, image.number) if named else (doubtful[0], 0)
            return recognized, *found, faults, mask, (*doubtful, token)
    superseded = mask if mask and not _sealed(mask, faults) else None
    if "sup missing" in faults:
        superseded = None
    if "sup not renewed after a refusal" in faults and remembered is not None:
        superseded = remembered[0]
    place = yield from archive(image, mask, faults, notes)
    if place is None:
        return *again, (superseded,)
    number = place if "number not raised" in faults else place + 1
    if "mask refreshed before the commit" in faults:
        yield (refresh_mask, token, mask, True)
    answer = yield (commit, token, superseded, number, image, before, lossy, "commit unconditional" in faults)
    if answer == "lost":
        if "same token after a lost answer" in faults:
            return attempt, token, faults, False, order, (*doubtful, token), None
        return publisher, token.upper(), faults, False, order, (*doubtful, token)
    if answer == "refused" and "refusal taken for success" not in faults:
        return *again, (superseded,)
    if "side file late" in faults:
        yield (write_side, token)
    return followed, token, number, faults, mask, (*doubtful, token)


def archive(image, mask, faults, notes=None):
    """Step 3; the highest place in the history, or None if something was no longer as it was looked at."""
    conditional = "history copy unconditional" not in faults
    if image is not None and _sealed(image, faults):
        place = yield from _archive_sealed(image, faults, notes, conditional)
        if place is None:
            return None
    else:
        early = notes is not None and "places of an edit read too early" in faults
        latest = max((number for _, number in (notes if early else (yield (list_notes,)))), default=0)
        claimed = image.number if image is not None else 0
        place = claimed if image is not None and "place of an edit believed" in faults else max(latest, claimed)
    if image is not None and not _sealed(image, faults):
        if "edit archived under its stale token" in faults and image.token:
            yield (copy_image, image.token, image, conditional)
        elif not (yield (archive_image, image, conditional)):
            return None
    superseded = image.superseded if image is not None else None
    if mask is not None and not _sealed(mask, faults) and mask != superseded:
        return place if (yield (archive_mask, mask, conditional)) else None
    return place


def _archive_sealed(image, faults, notes, conditional):
    """Note the place of a sealed image, and keep it; a place that nobody knows, only if it is still there."""
    places = _places(notes if notes is not None else (yield (list_notes,)))
    place = _known_place(image, places)
    if not place:
        places = _places((yield (list_notes,)))
        place = _known_place(image, places) or max(places.values()) + 1
        if "place given to what was replaced" not in faults and not (yield (is_there, image)):
            return None
    if "place noted after the copy" not in faults and places.get(image.token) != place:
        yield (note, image.token, place)
    if not (yield (copy_image, image.token, image, conditional)):
        return None
    if "place noted after the copy" in faults:
        yield (note, image.token, place)
    return place


def _places(notes):
    return dict(sorted(notes, key=lambda one: one[1]))


def _known_place(image, places):
    latest = max(places.values(), default=0)
    known = image.number > latest or places.get(image.token) == latest
    return max(image.number, latest) if known else 0


def followed(token, number, faults, mask, tokens):
    """The acknowledgement, then step 5."""
    yield (acknowledge, tokens)
    return refreshing, token, number, faults, mask


def recognized(token, number, faults, mask, tokens):
    """A lost answer was found to have been a commit; others may have published since."""
    yield (acknowledge, tokens)
    if "mask refresh not checked after a lost answer" in faults:
        return refreshing, token, number, faults, mask
    return reconciling, token, number, faults


def refreshing(token, number, faults, mask):
    if (yield (refresh_mask, token, mask, "mask refresh unconditional" not in faults)):
        return copying, token, number, faults
    return None if "mask refresh not retried" in faults else (reconciling, token, number, faults)


def reconciling(token, number, faults):
    """Refused: the mask is looked at before the image, so that it is none of a later publish."""
    image, mask, _ = yield from snapshot(("im",) if "mask refresh reads the image first" in faults else ("mi",))
    if image is None or image.token != token:
        return None
    if mask and ((not mask.sealed and mask != image.superseded) or (mask.sealed and mask.token == token)):
        return None
    return refreshing, token, number, faults, mask


def copying(token, number, faults):
    """Step 6, where copies are cheap; a publisher's, which knows its number."""
    if not number:
        return
    if "place noted after the copy" not in faults:
        yield (note, token, number)
    image, _ = yield (read_image,)
    if image is not None and image.sealed and image.token == token:
        yield (copy_image, token, image, True)


# --- read -------------------------------------------------------------------------------------------------------------


def reader(faults=frozenset(), order=("im",), many=False):
    """The reader's rule; `many` when publishes have further frames."""
    again = (reader, faults, order, many)
    yield (begin_reading,)
    image, mask, _ = yield from snapshot(order)
    if image is None:
        yield (hand_out, None, None, None)
        return None
    by_hand = mask is not None and not _sealed(mask, faults) and mask != image.superseded
    if image.token is None or by_hand:
        side = True if image.token is None or not many else (yield (read_side, image.token))
        if not side or not (yield from _unchanged(image, mask, faults, order)):
            return again
        yield (hand_out, image, mask, image.token)
        return None
    fresh = mask is not None and _sealed(mask, faults) and (mask.token == image.token or "mask of any token" in faults)
    if fresh and not many:
        yield (hand_out, image, mask, image.token)
        return None
    return (yield from _from_side(image, mask, fresh, faults, order, again))


def _unchanged(image, mask, faults, order):
    if "hand-edit path not read twice" in faults:
        return True
    now, mask_now, _ = yield from snapshot(order)
    return now == image and (mask_now == mask or "hand-edit path rereads only the image" in faults)


def _from_side(image, mask, fresh, faults, order, again):
    if not (yield (read_side, image.token)):
        if image.sealed or not (yield from _confirmed(image, mask, faults, order)):
            return again
        yield (hand_out_orphan, image, mask)
        return None
    if not fresh and "side-file path not reread" not in faults:
        now, _ = yield (read_image,)
        if now != image:
            return again
    yield (hand_out, image, mask if fresh else Mask(image.token), image.token)
    return None if fresh else (refreshing, image.token, 0, faults, mask)


def _confirmed(image, mask, faults, order):
    if "side-file path not reread" in faults:
        return True
    return (yield from _unchanged(image, mask, frozenset(), order))


# --- the others -------------------------------------------------------------------------------------------------------


def image_editor(*kinds):
    """Opens the picture and saves it: ``keep`` the chunk, ``drop`` it, or save a ``stale`` one much later."""
    kind = yield (choose, kinds)
    image, _ = yield (read_image,)
    if image is None:
        return None
    return image_saver, kind, image


def image_saver(kind, image):
    if kind == "stale":
        yield (save_image, image.token, image.superseded, image.number)
        return
    now, _ = yield (read_image,)
    if now is not None and now == image:
        kept = (image.token, image.superseded, image.number) if kind == "keep" else (None, None, 0)
        yield (save_image, *kept)


def mask_editor(times=1):
    """Paints on whatever mask is there."""
    mask, _ = yield (read_mask,)
    if mask is not None:
        yield (save_mask, mask.token)
    return (mask_editor, times - 1) if times > 1 else None


def deleter(faults=frozenset()):
    """List, look, delete the image, the mask, then what no publish in flight needs."""
    copies, _ = yield (list_versions,)
    image, mask, _ = yield from snapshot()
    if image is None:
        return None
    if "delete removes the mask first" in faults:
        yield (delete_mask, mask)
    doomed = frozenset(copies) | {image.token}
    if "delete removes the versions first" in faults:
        yield (remove_versions, doomed)
    if not (yield (delete_image, image)):
        return deleter, faults
    if "delete wipes all versions" in faults:
        doomed = yield (list_everything,)
    yield (delete_mask, mask)
    yield (remove_versions, doomed)
    return None


def pruner(history=1, faults=frozenset()):
    """List, then look, then delete."""
    early = (yield (read_image,))[0] if "prune reads the image before it lists" in faults else None
    copies, notes = yield (list_versions,)
    everything = (yield (list_everything,)) if "prune takes tokens in flight" in faults else frozenset()
    image = early or (yield (read_image,))[0]
    if image is None or not image.sealed:
        return
    if "history in the order of clocks" in faults:
        order = yield (list_by_clock,)
    else:
        order = [token for token, _ in sorted(_places(notes).items(), key=lambda one: one[1]) if token in copies]
    replaced = [token for token in order if token != image.token]
    doomed = frozenset(replaced[: max(len(replaced) - history, 0)])
    yield (prune_versions, doomed | (everything - frozenset(copies) - {image.token}), history)


def network():
    """Delivers a commit that was held back, at any time."""
    yield (arrive,)


def _sealed(content: Image | Mask, faults: frozenset) -> bool:
    return content.sealed or ("seal not checked against the pixels" in faults and content.token is not None)
