"""The gate: shows a picture, waits for a person, and sends it where the person says."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

import torch

from datasete.application import Application, application
from datasete.config import BUS
from datasete.errors import ConfigError, Conflict, DataseteError, InvalidInput, InvalidName, StoreError
from datasete.gates import Answer, GateView, PaintedMasks, PublishFailure, SeenNode, find_seen_node
from datasete.host.api import Run
from datasete.ids import new_id, validate_name
from datasete.imaging.masks import empty_mask
from datasete.nodes.change import never_equal
from datasete.plugin import Gate
from datasete.tasks.workers import LEDGER, RENDERING

if TYPE_CHECKING:
    from datasete.nodes.gate_pipeline import GatePicture

logger = logging.getLogger(__name__)

RETRY_HINT: Final = "Your choice, the picture and its masks are kept here: try again, or stop the run."

TRANSIENT_ERRORS: Final = (StoreError, Conflict, ConfigError)
"""What may have changed by the time a publish is tried again at once."""

STOPPED: Final = "Stopped at a gate."
"""Why a batch stands still after Stop."""

MAX_ROUTES: Final = 10
MAX_WORKFLOW_ID: Final = 64


class ImageGate:
    """Pauses the workflow at a picture until a person chooses its route."""

    DESCRIPTION = (
        "Pauses the workflow and shows the picture. You choose the route it takes, or stop the run. "
        "With send_id it is published to that slot of the bus; with get_id and no picture wired, it comes from there."
    )
    CATEGORY = "Datasete Gates"
    FUNCTION = "run"
    RETURN_TYPES: ClassVar = ("MASK", *["IMAGE"] * MAX_ROUTES)
    RETURN_NAMES: ClassVar = ("mask", *[f"route_{number}" for number in range(1, MAX_ROUTES + 1)])
    OUTPUT_TOOLTIPS: ClassVar = (
        "What was painted at the gate, else the slot's mask, else zeros.",
        *["The picture, when this route is chosen."] * MAX_ROUTES,
    )

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, dict[str, Any]]:  # noqa: N802 - ComfyUI's name for it
        """Ports and widgets."""
        slot = {"default": "", "multiline": False}
        return {
            "required": {
                "routes": ("INT", {"default": 2, "min": 1, "max": MAX_ROUTES, "tooltip": "How many routes to offer."}),
            },
            "optional": {
                "image": ("IMAGE", {"tooltip": "The picture to decide about. When wired, the bus is not read."}),
                "send_id": ("STRING", slot | {"tooltip": "Publish what passes to this slot of the bus."}),
                "get_id": ("STRING", slot | {"tooltip": "With no picture wired, take it from this slot of the bus."}),
            },
            "hidden": {
                "unique_id": "UNIQUE_ID",
                "prompt": "PROMPT",
                "extra_pnginfo": "EXTRA_PNGINFO",
                "dynprompt": "DYNPROMPT",
            },
        }

    @classmethod
    def IS_CHANGED(cls, **inputs: object) -> str:  # noqa: N802 - ComfyUI's name for it
        """Return a text that equals no other: a gate always asks again."""
        del inputs
        return never_equal()

    @classmethod
    def VALIDATE_INPUTS(cls, send_id: str | None = "", get_id: str | None = "") -> bool | str:  # noqa: N802
        """Refuse unusable slot names before anything runs; a wired one is not known yet and is None."""
        for widget, name in (("send_id", send_id), ("get_id", get_id)):
            try:
                _slot_name(name or "")
            except InvalidName as error:
                return f"{widget}: {error}"  # ComfyUI puts the reason beside both widgets
        return True

    async def run(
        self,
        routes: int,
        image: torch.Tensor | None = None,
        send_id: str = "",
        get_id: str = "",
        unique_id: str = "",
        extra_pnginfo: object = None,
        dynprompt: object = None,
        **hidden: object,
    ) -> tuple[object, ...]:
        """Ask where the picture goes, and send it there.

        Args:
            routes: how many routes are offered, 1..10.
            image: float32 [B,H,W,C] in 0..1, C 1, 3 or 4.
            send_id: the slot to publish to when the picture passes; "" for none.
            get_id: the slot to take the picture from when `image` is not wired; "" for none.
            unique_id: the node's id in the run.
            extra_pnginfo: what the browser sent along, the workflow among it.
            dynprompt: which node stands for one that a loop copied.
            hidden: ComfyUI's other hidden inputs; not used.

        Returns:
            The mask, float32 [B,H,W], then one value for each of the ten routes: the picture, or the host's blocker.

        Raises:
            InvalidInput: a name or a number that cannot be used.
            StoreError: a slot could not be reached, read or written.
        """
        del hidden
        app = application()
        run = app.host.run() or Run(prompt_id=new_id(), node_id=unique_id)
        workflow = extra_pnginfo.get("workflow") if isinstance(extra_pnginfo, dict) else None
        seen = find_seen_node(workflow, run.node_id, dynprompt)
        try:
            slots = _slot_name(send_id), _slot_name(get_id)
            return await _run_gate(app, run, _Request(_routes(routes), image, *slots, _workflow_id(workflow), seen))
        except Exception as error:
            # Items of a list run side by side, and the host shows no error before all of them have ended.
            app.gates.abandon(run.prompt_id, run.node_id, error)
            if isinstance(error, DataseteError):
                app.gates.unasked(seen.node_id or run.node_id, _workflow_id(workflow), error.message, error.hint)
            raise


@dataclass(frozen=True)
class _Request:
    routes: int
    image: torch.Tensor | None
    send_id: str
    get_id: str
    workflow: str
    seen: SeenNode


async def _run_gate(app: Application, run: Run, request: _Request) -> tuple[object, ...]:
    from datasete.nodes import gate_pipeline  # with the first picture, so that the host starts quickly

    # A picture that is wired needs no bus, and must not wait for one that hangs.
    from_bus = request.image is None and request.get_id
    workers = app.workers.space(BUS) if from_bus else app.workers.of(RENDERING)
    finding = asyncio.ensure_future(
        workers.run(gate_pipeline.find_picture, app, request.image, request.get_id, request.send_id)
    )
    # The pictures of a list are found side by side, and its gates open one after the other.
    try:
        async with app.gates.turns.of(run.prompt_id, run.node_id):
            picture = await finding
            opened = await _open_gate(app, run, request, picture) if picture else None
    finally:
        finding.cancel()  # only where the run ended first
    if picture is None or opened is None:
        app.gates.unasked(request.seen.node_id or run.node_id, request.workflow, _nothing(request.get_id))
        return _outputs(empty_mask(1, 1, 1), None, 0, app.host.blocked())
    answer, mask = await _ask_and_publish(app, request, picture, *opened)
    return _outputs(mask, picture.image, answer.route or 0, app.host.blocked())


async def _ask_and_publish(
    app: Application, request: _Request, picture: GatePicture, gate: Gate, view: GateView
) -> tuple[Answer, torch.Tensor]:
    """Ask until the choice is carried out. The picture, the choice and the masks are kept meanwhile."""
    failure = None
    while True:
        answer = await app.gates.ask(gate, view, app.host.interrupted, failure)
        if answer.route is None:
            if not app.host.interrupted():
                app.batches.note_stop(gate.prompt_id, STOPPED)
            raise app.host.interruption()
        # In threads, as gates of other items and runs are answered on this loop meanwhile.
        workers = app.workers.space(BUS) if request.send_id else app.workers.of(RENDERING)
        try:
            return answer, await workers.run(_carry_out, app, request.send_id, picture, answer)
        except Exception as error:
            # Whatever it is, the picture and the choice exist here alone. Only a person can mend what is wrong and then
            # press again; a policy would fail for ever.
            if answer.automatic:
                raise
            failure = _failure(error, answer.route, answer.mask)


def _carry_out(app: Application, slot: str, picture: GatePicture, answer: Answer) -> torch.Tensor:
    """Make the mask that leaves the gate, publish if there is a slot to publish to, and return the mask."""
    from datasete.nodes import gate_pipeline

    mask = gate_pipeline.final_mask(picture, answer.mask, app.settings.limits)
    if slot:
        _publish(app, slot, picture, mask, again=answer.automatic)
    return mask


def _failure(error: Exception, route: int, painted: PaintedMasks) -> PublishFailure:
    if isinstance(error, DataseteError):
        return PublishFailure(error.message, f"{error.hint} {RETRY_HINT}".strip(), route, painted)
    logger.error("A choice at a gate could not be carried out.", exc_info=error)
    reason = str(error) or type(error).__name__
    return PublishFailure(f"Your choice could not be carried out: {reason}", RETRY_HINT, route, painted)


def _publish(app: Application, slot: str, picture: GatePicture, mask: torch.Tensor, *, again: bool) -> None:
    """Publish; with `again`, try twice, since after an automatic choice nobody can try again."""
    from datasete.nodes import gate_pipeline

    try:
        gate_pipeline.publish(app, slot, picture.image, mask)
    except TRANSIENT_ERRORS as error:
        logger.warning("A picture that passed could not be published to “%s”: %s", slot, error.message)
        if not again:
            raise
        gate_pipeline.publish(app, slot, picture.image, mask)


async def _open_gate(app: Application, run: Run, request: _Request, picture: GatePicture) -> tuple[Gate, GateView]:
    from datasete.imaging.previews import render_preview
    from datasete.nodes.gate_pipeline import full_frame as encode_frame

    frames, height, width = picture.image.shape[:3]

    def preview(frame: int, size: int) -> tuple[bytes, str]:
        return render_preview(picture.image[frame], size)

    def full_frame(frame: int, painted: bytes | None) -> tuple[bytes, bytes | None]:
        return encode_frame(picture, frame, painted, app.settings.limits)

    gate = Gate(run.prompt_id, run.node_id, run.list_index, request.routes, frames, width, height, picture.slot)
    file = await app.workers.of(LEDGER).run(app.file_at, run.prompt_id, request.seen.node_id)
    view = GateView(
        preview, run.client_id, request.workflow, picture.modified, picture.slot_masks, full_frame, file, request.seen
    )
    return gate, view


def _nothing(slot: str) -> str:
    return f"“{slot}” holds nothing: nothing passed." if slot else "No picture arrived: nothing passed."


def _outputs(mask: torch.Tensor, image: torch.Tensor | None, route: int, blocked: object) -> tuple[object, ...]:
    return (mask, *(image if number == route else blocked for number in range(1, MAX_ROUTES + 1)))


def _routes(routes: object) -> int:
    if not isinstance(routes, int) or not 1 <= routes <= MAX_ROUTES:
        raise InvalidInput(
            f"A gate has 1 to {MAX_ROUTES} routes, not {routes}.",
            hint="Nothing ran behind the gate. Set routes to a number in that range.",
        )
    return routes


def _slot_name(name: str) -> str:
    return validate_name(name) if name else ""


def _workflow_id(workflow: object) -> str:
    """Return the id of the workflow on the canvas, so that no other canvas claims the gate; "" when none was sent."""
    found = workflow.get("id") if isinstance(workflow, dict) else None
    return found if isinstance(found, str) and len(found) <= MAX_WORKFLOW_ID else ""
