"""Who meets whom: the scenarios that the explorer exhausts."""

from __future__ import annotations

from functools import cache

from slot_explorer import Found, Violation, actor, explore, solo
from slot_programs import LOCAL, TAKES_ANYTHING, deleter, image_editor, mask_editor, network, pruner, publisher, reader
from slot_removal import remover
from slot_world import World, check_world, fresh_world, write_side

NONE = frozenset()
ANY_ORDER = ("im", "mi")


def cast(*names: str, faults: frozenset = NONE, order: tuple = ("im",)) -> list[tuple]:
    """The actors by name."""
    parts = {
        "publisher a": lambda: actor(publisher, "a", faults, False, order),
        "publisher b": lambda: actor(publisher, "b", faults, False, order),
        "publisher a, answer lost": lambda: actor(publisher, "a", faults, True, order),
        "reader": lambda: actor(reader, faults, order),
        "reader of frames": lambda: actor(reader, faults, order, True),
        "mask editor": lambda: actor(mask_editor),
        "busy mask editor": lambda: actor(mask_editor, 2),
        "image editor": lambda: actor(image_editor, "keep", "drop"),
        "late image editor": lambda: actor(image_editor, "keep", "drop", "stale"),
        "deleter": lambda: actor(deleter, faults),
        "remover": lambda: actor(remover, faults),
        "pruner": lambda: actor(pruner, 1, faults),
        "stern pruner": lambda: actor(pruner, 0, faults),
        "network": lambda: actor(network),
    }
    return [parts[name]() for name in names]


SMALL = {
    "two publishers and a reader": ("publisher a", "publisher b", "reader"),
    "and frames": ("publisher a", "publisher b", "reader of frames"),
    "and a mask editor": ("publisher a", "publisher b", "reader", "mask editor"),
    "and an image editor": ("publisher a", "publisher b", "reader", "late image editor"),
    "and a deleter": ("publisher a", "publisher b", "reader", "deleter"),
    "one publisher, a mask editor and a deleter": ("publisher a", "reader", "deleter", "mask editor"),
    "and a remover": ("publisher a", "publisher b", "reader", "remover"),
    "one publisher, a mask editor and a remover": ("publisher a", "reader", "remover", "mask editor"),
    "and a pruner": ("publisher a", "publisher b", "reader", "pruner"),
    "a lost answer": ("publisher a, answer lost", "publisher b", "network", "reader"),
    "a lost answer and an image editor": ("publisher a, answer lost", "publisher b", "image editor"),
    "a lost answer and a stern pruner": ("publisher a, answer lost", "publisher b", "stern pruner"),
}

LARGE = {
    "both editors and a reader": ("publisher a", "reader", "mask editor", "image editor"),
    "both editors and two publishers": ("publisher a", "publisher b", "mask editor", "image editor"),
    "a busy mask editor and an image editor": ("publisher a", "reader", "busy mask editor", "image editor"),
    "a mask editor and a deleter": ("publisher a", "publisher b", "mask editor", "deleter"),
    "an image editor and a deleter": ("publisher a", "reader", "image editor", "deleter"),
    "a mask editor and a remover": ("publisher a", "publisher b", "mask editor", "remover"),
    "an image editor and a remover": ("publisher a", "reader", "image editor", "remover"),
    "two removers and a mask editor": ("publisher a", "remover", "remover", "mask editor"),
    "a remover and a pruner": ("publisher a", "publisher b", "remover", "pruner"),
    "a deleter and a pruner": ("publisher a", "publisher b", "deleter", "pruner"),
    "a late image editor and a pruner": ("publisher a", "publisher b", "late image editor", "pruner"),
    "a late image editor and a stern pruner": ("publisher a", "publisher b", "late image editor", "stern pruner"),
    "a mask editor and a pruner": ("publisher a", "publisher b", "mask editor", "pruner"),
    "a lost answer and a mask editor": ("publisher a, answer lost", "publisher b", "network", "mask editor"),
    "a lost answer and a deleter": ("publisher a, answer lost", "publisher b", "network", "deleter"),
    "a lost answer and a remover": ("publisher a, answer lost", "publisher b", "network", "remover"),
    "a lost answer, an editor, a pruner": ("publisher a, answer lost", "publisher b", "image editor", "stern pruner"),
}
"""What takes minutes."""


def exhaust(names: tuple[str, ...], *, faults: frozenset = NONE, world: World | None = None, order=("im",)) -> Found:
    """Explore one scenario completely, from a slot that has been published to once.

    `order` is in which the two visible files are read: image and then mask, or (`ANY_ORDER`) also the other way round.
    """
    start = fresh_world() if world is None else world
    local = LOCAL - {write_side} if faults & TAKES_ANYTHING else LOCAL
    return explore(start, cast(*names, faults=faults, order=order), check_for(faults, order), local=local)


def check_for(faults: frozenset, order: tuple):
    """The check of each state: what is there, a newcomer on its own, and the end.

    In the end the visible mask fits the image; unless masks were looked at before images, which may leave that to the
    next reader.
    """

    @cache
    def newcomers(world: World) -> None:
        for name, newcomer in (("reader", actor(reader, faults)), ("publisher", actor(publisher, "z", faults))):
            if not solo(world, newcomer):
                raise Violation(f"a {name} on its own never ends")

    def check(world: World, actors: tuple) -> None:
        check_world(world)
        newcomers(world._replace(seen=None))
        if order == ("im",) and not any(actors):
            _check_end(world)

    return check


def _check_end(world: World) -> None:
    image, mask = world.image, world.mask
    if image and image.sealed and (mask is None or (mask.sealed and mask.token != image.token)):
        raise Violation(f"everybody is done, and {mask} is shown beside {image}")


PLAIN = ("publisher a", "publisher b", "reader")
PAINTED = ("publisher a", "publisher b", "reader", "mask editor")
EDITED = ("publisher a", "publisher b", "reader", "late image editor")
DELETED = ("publisher a", "reader", "deleter", "mask editor")
REMOVED = ("publisher a", "remover", "mask editor")
PRUNED = ("publisher a", "publisher b", "reader", "pruner")
LOST = ("publisher a, answer lost", "publisher b", "network", "reader")

FAULTS = {
    "side file missing": PLAIN,
    "side file late": PLAIN,
    "commit unconditional": PLAIN,
    "mask refresh unconditional": PAINTED,
    "sup missing": PAINTED,
    "sup not renewed after a refusal": PAINTED,
    "hand-edit path not read twice": PAINTED,
    "hand-edit path rereads only the image": ("publisher a", "reader", "busy mask editor", "image editor"),
    "side-file path not reread": ("publisher a", "publisher b", "reader", "late image editor", "stern pruner"),
    "mask of any token": PLAIN,
    "history copy unconditional": EDITED,
    "edit archived under its stale token": EDITED,
    "prune reads the image before it lists": PRUNED,
    "prune takes tokens in flight": PRUNED,
    "delete wipes all versions": DELETED,
    "delete removes the mask first": DELETED,
    "delete removes the versions first": DELETED,
    "removal archives nothing": REMOVED,
    "removal unconditional": REMOVED,
    "removal takes any mask": REMOVED,
    "mask refreshed before the commit": PLAIN,
    "acknowledged before commit": PLAIN,
    "refusal taken for success": PLAIN,
    "seal not checked against the pixels": PAINTED,
    "lost answer not recognized": LOST,
    "mask refresh not retried": DELETED,
    "mask refresh reads the image first": PAINTED,
    "mask refresh not checked after a lost answer": LOST,
    "archived edits not checked": ("publisher a, answer lost", "publisher b", "image editor"),
    "history in the order of clocks": PRUNED,
    "number not raised": PLAIN,
    "place of an edit believed": EDITED,
    "places of an edit read too early": EDITED,
    "place noted after the copy": PLAIN,
    "place given to what was replaced": LOST,
    "same token after a lost answer": ("publisher a, answer lost", "publisher b", "stern pruner"),
}
"""Each way to get it wrong, with a scenario that shows it."""

ORDERS = {"hand-edit path rereads only the image": ANY_ORDER}
"""Faults that harm only where a store may read the mask before the image."""
