"""The arguments and answers of hooks about gates and batches. Re-exported by `datasete.plugin`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pluggy

PROJECT: Final = "datasete"

hookimpl: Final = pluggy.HookimplMarker(PROJECT)
"""Marks a function as an implementation of the hook of the same name."""


@dataclass(frozen=True)
class Gate:
    """A gate that waits for a person, as observers and policies see it.

    Attributes:
        prompt_id: the run that waits.
        node_id: the gate's node id in that run.
        list_index: which item of a list input it shows.
        routes: how many routes may be chosen, 1..10.
        frames: how many pictures the batch has.
        width: of a picture, in pixels.
        height: of a picture, in pixels.
        slot: the bus slot that the picture was loaded from, or "" when it came through a link.
    """

    prompt_id: str
    node_id: str
    list_index: int
    routes: int
    frames: int
    width: int
    height: int
    slot: str = ""


@dataclass(frozen=True)
class QueueJob:
    """One more run of a prompt, wanted by a batch.

    Attributes:
        ticket: a UUID. Two jobs with the same ticket are the same run, requested again: it must happen once.
        batches: keys of the batches that want the run.
        trigger: the trigger that the configuration names; ``auto`` leaves the choice to the plugins.
        url: the ComfyUI that the trigger ``http`` posts to, from the configuration.
        prompt: the nodes of the last run, in ComfyUI's API format, with its widgets. Do not change it.
        extra_data: what the last run carried: the workflow under ``extra_pnginfo``, the ticket. Without secrets. Do not
            change it.
        client_id: the browser tab that queued the last run, or None.
        steps: by how many runs to advance widgets that have a control setting; 0 repeats the last run.
        node_inputs: returns the ``INPUT_TYPES()`` of a node class by its name; empty for an unknown class.
        send: sends a websocket message (event, data, client id or None for all).
        enqueue: puts (prompt, extra data) on the host's own queue, after its own validation, and returns the run's id,
            which is the ticket; it adds secrets itself. None without a server.
    """

    ticket: str
    batches: tuple[str, ...]
    trigger: str
    url: str
    prompt: Mapping[str, Any]
    extra_data: Mapping[str, Any]
    client_id: str | None
    steps: int
    node_inputs: Callable[[str], Mapping[str, Any]] = field(repr=False)
    send: Callable[[str, Mapping[str, object], str | None], None] = field(repr=False)
    enqueue: Callable[[Mapping[str, Any], Mapping[str, Any]], str] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Ticket:
    """A trigger's answer.

    Attributes:
        trigger: its name, for people.
        run: the id of the run on this host's own queue; empty when another program queues it.
        carried: whether the run carries the ticket in its extra data. If not, the next queued run counts as it.
    """

    trigger: str
    run: str = ""
    carried: bool = True


@dataclass(frozen=True)
class BatchProgress:
    """How far a batch is.

    Attributes:
        key: the batch's id.
        folder: its folder's own name, for people.
        index: the 0-based position of the current file, or of the last one.
        total: how many files are listed.
        done: how many files of this pass are done.
        skipped: how many files were skipped.
        status: a line for people.
    """

    key: str
    folder: str
    index: int
    total: int
    done: int
    skipped: int
    status: str
