"""The parts of a slot, and every single step that an actor can take on it, for the explorer.

Contents stand for bytes: equal contents have the same version, as on a store whose versions are hashes. The world also
holds what only the checks need: the order in which publishes were committed, and how many hand edits of the mask there
were when each of them took its last snapshot.
"""

from __future__ import annotations

from itertools import permutations
from typing import NamedTuple

from slot_explorer import Violation


class Image(NamedTuple):
    """``image.png``: the token its chunk names (None: no chunk), the mask it supersedes, its hand edit (0: none).

    `number` is its place in the history, as its chunk has it.
    """

    token: str | None
    superseded: Mask | None = None
    edit: int = 0
    number: int = 0

    @property
    def sealed(self) -> bool:
        return self.edit == 0


class Mask(NamedTuple):
    """``mask.png``: the token its chunk names, and the hand edit it is (0: none)."""

    token: str | None
    edit: int = 0

    @property
    def sealed(self) -> bool:
        return self.edit == 0


class Commit(NamedTuple):
    """A commit that took place; `looked` counts the hand edits of the mask made before its publisher's last look."""

    token: str
    looked: int


class World(NamedTuple):
    """A slot.

    `side` are the tokens whose mask and frames exist, `copies` those whose image copy exists; `notes` are pairs of a
    token and its number in the history; `archived` are the hand edits in the history. `late` is a commit that is still
    on the network. `seen` are the pairs of image and mask, one of them edited by hand, that have existed together since
    the reader began.
    """

    image: Image | None
    mask: Mask | None
    side: frozenset = frozenset()
    copies: frozenset = frozenset()
    notes: frozenset = frozenset()
    archived: frozenset = frozenset()
    commits: tuple = ()
    image_edits: int = 0
    mask_edits: int = 0
    late: tuple | None = None
    seen: frozenset | None = None

    def change(self, **fields) -> World:
        """The world with other fields; what lies there together now is remembered for the reader."""
        new = self._replace(**fields)
        pair = (new.image, new.mask)
        if new.seen is None or pair == (self.image, self.mask) or not _by_hand(*pair):
            return new
        return new._replace(seen=new.seen | {pair})


def fresh_world(edited_mask: bool = False) -> World:
    """A slot that was published to once, as ``x``; perhaps its mask was edited by hand since."""
    mask = Mask("x", 1) if edited_mask else Mask("x")
    return World(
        Image("x", number=1),
        mask,
        side=frozenset("x"),
        copies=frozenset("x"),
        notes=frozenset({("x", 1)}),
        commits=(Commit("x", 0),),
        mask_edits=int(edited_mask),
    )


def sealed_token(world: World) -> str | None:
    """The token of the current publish, if it was not edited."""
    return world.image.token if world.image and world.image.sealed else None


# --- steps anybody may take -------------------------------------------------------------------------------------------


def read_image(world: World):
    return [((world.image, world.mask_edits), world)]


def read_mask(world: World):
    return [((world.mask, world.mask_edits), world)]


def choose(world: World, options: tuple):
    """Something that this model leaves open."""
    return [(option, world) for option in options]


# --- the publisher's --------------------------------------------------------------------------------------------------


def write_side(world: World, token: str):
    return [(None, world.change(side=world.side | {token}))]


def copy_image(world: World, token: str, seen: Image, conditional: bool):
    """Keep a sealed image under its own token, if it is not there yet."""
    if token in world.copies:
        return [(True, world)]
    if world.image is None or (conditional and world.image != seen):
        return [(False, world)]
    if world.image != seen:
        raise Violation(f"{world.image} went into the history as {token}")
    if not any(noted == token for noted, _ in world.notes):
        raise Violation(f"{token} is in the history and has no place there")
    return [(True, world.change(copies=world.copies | {token}))]


def list_notes(world: World):
    """The places in the history, as far as they were noted."""
    return [(world.notes, world)]


def is_there(world: World, image: Image):
    """What the store answers to a conditional copy."""
    return [(world.image == image, world)]


def note(world: World, token: str, number: int):
    return [(None, world.change(notes=world.notes | {(token, number)}))]


def archive_image(world: World, seen: Image, conditional: bool):
    return _archive(world, world.image, seen, conditional)


def archive_mask(world: World, seen: Mask, conditional: bool):
    return _archive(world, world.mask, seen, conditional)


def trace_of(world: World, tokens: tuple, edits: bool):
    """After a lost answer: whether one of these tokens has a copy, or (`edits`) is named by a kept hand edit."""
    return [(_traced(world if edits else world._replace(archived=frozenset()), tokens), world)]


def commit(
    world: World,
    token: str,
    superseded: Mask | None,
    number: int,
    when: Image | None,
    looked: int,
    lossy: bool,
    blind: bool,
):
    """The conditional write of ``image.png``: done, refused, or (lossy) without an answer, done now, later or never."""
    holds = blind or world.image == when
    outcomes = [("done", _committed(world, token, superseded, number, looked))] if holds else [("refused", world)]
    if not lossy:
        return outcomes
    never = ("lost", world)
    later = ("lost", world.change(late=(token, superseded, number, when, looked)))
    return [*outcomes, *([("lost", outcomes[0][1])] if holds else []), never, later]


def arrive(world: World):
    """A commit that the network held back reaches the store."""
    if world.late is None:
        return [(None, world)]
    token, superseded, number, when, looked = world.late
    world = world.change(late=None)
    return [(None, _committed(world, token, superseded, number, looked) if world.image == when else world)]


def acknowledge(world: World, tokens: tuple):
    if not any(done.token in tokens for done in world.commits):
        raise Violation(f"{tokens} was acknowledged and never committed")
    return [(None, world)]


def refresh_mask(world: World, token: str, when: Mask | None, conditional: bool):
    """The conditional write of ``mask.png``."""
    if conditional and world.mask != when:
        return [(False, world)]
    if world.mask and not world.mask.sealed and ("mask", world.mask.edit) not in world.archived:
        raise Violation(f"a hand-edited mask was overwritten and is not in the history: {world.mask}")
    if not any(done.token == token for done in world.commits):
        raise Violation(f"the mask of {token} is visible and its image never was")
    return [(True, world.change(mask=Mask(token)))]


# --- the editor's -----------------------------------------------------------------------------------------------------


def save_image(world: World, chunk: str | None, superseded: Mask | None, place: int):
    """Save an edited picture over whatever is there; `chunk` is the token of the picture that was opened, if kept."""
    number = world.image_edits + 1
    return [(None, world.change(image=Image(chunk, superseded, number, place), image_edits=number))]


def save_mask(world: World, chunk: str | None):
    number = world.mask_edits + 1
    return [(None, world.change(mask=Mask(chunk, number), mask_edits=number))]


# --- the deleter's and the pruner's -----------------------------------------------------------------------------------


def list_versions(world: World):
    """The tokens that have an image copy, and all places."""
    return [((world.copies, world.notes), world)]


def list_by_clock(world: World):
    """The tokens that have an image copy, in the order of clocks: any order, because clocks lie."""
    return [(order, world) for order in permutations(sorted(world.copies))]


def list_everything(world: World):
    """The tokens that have a side file or a copy: more than a careful actor looks at."""
    return [(world.side | world.copies, world)]


def delete_image(world: World, seen: Image):
    if world.image != seen:
        return [(False, world)]
    return [(True, world.change(image=None))]


def delete_mask(world: World, seen: Mask | None):
    if world.mask is None or world.mask != seen:
        return [(None, world)]
    if world.image is not None and not seen.sealed and world.image.token == seen.token:
        raise Violation("a hand-edited mask was deleted while its slot was still there")
    return [(None, world.change(mask=None))]


def remove_versions(world: World, tokens: frozenset):
    """Delete these folders, the image copy and what lies beside it."""
    notes = frozenset(one for one in world.notes if one[0] not in tokens)
    return [(None, world.change(side=world.side - tokens, copies=world.copies - tokens, notes=notes))]


def prune_versions(world: World, tokens: frozenset, history: int):
    replaced = [done.token for done in world.commits if not world.image or done.token != world.image.token]
    lost = set(replaced[len(replaced) - history :]) & tokens & world.copies
    if lost:
        raise Violation(f"{lost} was among the last {history} replaced, and was pruned")
    return remove_versions(world, tokens)


# --- the reader's -----------------------------------------------------------------------------------------------------


def begin_reading(world: World):
    pair = (world.image, world.mask)
    return [(None, world._replace(seen=frozenset({pair}) if _by_hand(*pair) else frozenset()))]


def read_side(world: World, token: str):
    return [(token in world.side, world)]


def hand_out(world: World, image: Image | None, mask: Mask | None, frames: str | None):
    """The reader's result; `mask` may come from a side file, `frames` is the token they come from."""
    if image is not None:
        _check_result(world, image, mask)
        if frames != image.token:
            raise Violation(f"frames of {frames} were handed out with {image}")
    return [(None, world._replace(seen=None))]


def hand_out_orphan(world: World, image: Image, mask: Mask | None):
    """A hand edit whose publish is gone, with the mask beside it: right when both lay there together."""
    if (image, mask) not in world.seen:
        raise Violation(f"{image} and {mask} were handed out together and never lay there together")
    return [(None, world._replace(seen=None))]


# --- checks -----------------------------------------------------------------------------------------------------------


def _check_result(world: World, image: Image, mask: Mask | None) -> None:
    if (image.token is None or (mask and not mask.sealed)) and (image, mask) not in world.seen:
        raise Violation(f"{image} and {mask} were handed out together and never lay there together")
    if image.token is None:
        return
    done = next((done for done in world.commits if done.token == image.token), None)
    if done is None:
        raise Violation(f"{image} was handed out and never committed")
    if mask is None or (mask.sealed and mask.token != image.token):
        raise Violation(f"{image} was handed out with {mask}")
    if not mask.sealed and mask.edit <= done.looked:
        raise Violation(f"{image} was handed out with {mask}, which it had replaced")


def check_world(world: World) -> None:
    """What holds in every state."""
    image = world.image
    if image and image.sealed and image.token not in world.side:
        raise Violation(f"{image} is visible and its mask and frames are nowhere")
    places = dict(sorted(world.notes, key=lambda one: one[1]))
    history = [places[done.token] for done in world.commits if done.token in world.copies]
    if sorted(set(history)) != history:
        raise Violation(f"the history is in the wrong order: {sorted(world.notes)} after {world.commits}")


def _committed(world: World, token: str, superseded: Mask | None, number: int, looked: int) -> World:
    family = token.lower()
    earlier = tuple(done.token for done in world.commits if done.token.lower() == family)
    traced = _traced(world, earlier) or (world.image is not None and world.image.token in earlier)
    if earlier and traced:
        raise Violation(f"{token} was committed although {earlier} had been, and could be seen")
    check_archived(world, superseded)
    if token not in world.side:
        raise Violation(f"{token} was committed before its mask was there")
    return world.change(image=Image(token, superseded, number=number), commits=(*world.commits, Commit(token, looked)))


def check_archived(world: World, superseded: Mask | None = None) -> None:
    """What is about to be replaced or removed can be had back."""
    image = world.image
    if image and image.sealed and image.token not in world.copies:
        raise Violation(f"{image} was replaced and is not in the history")
    if image and not image.sealed and ("image", image.edit) not in world.archived:
        raise Violation(f"the hand edit {image} was replaced and is not in the history")
    if superseded and ("mask", superseded.edit) not in world.archived:
        raise Violation(f"the hand edit {superseded} was replaced and is not in the history")


def _archive(world: World, there: Image | Mask | None, seen: Image | Mask, conditional: bool):
    if there is None or (conditional and there != seen):
        return [(False, world)]
    new = {("image", there.edit), ("names", there.token)} if isinstance(there, Image) else {("mask", there.edit)}
    return [(True, world.change(archived=world.archived | new))]


def _traced(world: World, tokens: tuple) -> bool:
    return any(token in world.copies or ("names", token) in world.archived for token in tokens)


def _by_hand(image: Image | None, mask: Mask | None) -> bool:
    return bool((image and not image.sealed) or (mask and not mask.sealed))
