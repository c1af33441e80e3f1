"""The batch loader: each run loads the next file of a folder, and its success triggers the next run."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any, ClassVar, Final, TypeAlias

import torch

from datasete.application import Application, application
from datasete.batch.folder.listing import CUSTOM, PRESETS
from datasete.batch.folder.ordering import BY_PLACE, NAME, ORDERS, PAIRINGS, list_options
from datasete.batch.state import CONTINUE, RESET, SKIP, STOP
from datasete.batch.views import BatchItem, Held
from datasete.errors import DataseteError, InvalidInput, StoreUnavailable
from datasete.nodes.change import never_equal
from datasete.nodes.pictures import LoadedPicture, load_picture, picture_error

DEFAULT_PATTERN = "*.png,*.jpg,*.jpeg,*.webp"
FIRST: Final = "first"
ALL: Final = "all"

_TAILS: Final[dict[str, Any]] = {
    "order": (list(ORDERS), {"default": NAME, "tooltip": "Date and size: the oldest and the smallest file first."}),
    # Not advanced from run to run, as inputs of this name are by default: each number is an order of its own.
    "seed": (
        "INT",
        {
            "default": 0,
            "min": 0,
            "max": 2**64 - 1,
            "control_after_generate": False,
            "tooltip": "For the order “random”.",
        },
    ),
    "frames": (
        [FIRST, ALL],
        {"default": FIRST, "tooltip": "Of GIF, WebP, APNG, AVIF and TIFF: the first frame, or all as one batch."},
    ),
    "pairing": (
        list(PAIRINGS),
        {
            "default": BY_PLACE,
            "tooltip": "Beside another loader: advance together by place in the list, or by name with the files that "
            "both folders have.",
        },
    ),
    "skip_existing": (
        "STRING",
        {"default": "", "tooltip": "A folder of results: files that have theirs there already count as done."},
    ),
}


Outputs: TypeAlias = "tuple[object, ...] | dict[str, object]"
"""A node's outputs, or with what the host keeps in its history beside them."""


class BatchImageLoader:
    """Loads one picture of a folder in each run; one press of Queue goes through the whole folder."""

    DESCRIPTION = (
        "One press of Queue walks the whole folder: each run loads one picture in natural order and, when it has "
        "succeeded, the next run is queued. Continue resumes where the batch is; Reset starts it over."
    )
    CATEGORY = "Datasete Gates/Batch"
    FUNCTION = "run"
    RETURN_TYPES: ClassVar = (
        *("IMAGE", "INT", "INT", "INT", "STRING", "STRING", "STRING", "BOOLEAN"),
        *("MASK", "STRING", "STRING", "STRING", "STRING", "STRING"),
    )
    RETURN_NAMES: ClassVar = (
        *("IMAGE", "TOTAL_COUNT", "INDEX", "CURRENT_INDEX", "FILENAME", "BASENAME", "STATUS", "BATCH_COMPLETE"),
        *("MASK", "TEXT", "DIRECTORY", "EXTENSION", "SUBFOLDER", "SOURCE"),
    )
    OUTPUT_TOOLTIPS: ClassVar = (
        "The picture.",
        "How many files the batch has.",
        "The file's place in the list, from 0.",
        "How many files were done before it in this pass.",
        "The file's name.",
        "Its name without the extension.",
        "Such as “12 of 340 · 2 skipped · portraits”.",
        "True in the run of the last file only.",
        "1 − alpha; zeros where there is none.",
        "The text in the text file of the same name.",
        "The folder the file is in.",
        "The extension, without its dot.",
        "The file's folder below the one that is walked; empty at its top. Wire it to the saver's subfolder.",
        "The file's whole path, or “name:key” in a space.",
    )

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, dict[str, Any]]:  # noqa: N802 - ComfyUI's name for it
        """Ports and widgets."""
        directory = (
            "A folder: a full path, or one below input or output; “name:sub/path” in a configured space; "
            "“/**” for all below."
        )
        return {
            "required": {
                "directory": ("STRING", {"default": "", "tooltip": directory}),
                "filter_preset": ([*PRESETS, CUSTOM], {"default": "All Images"}),
                "iteration_mode": ([CONTINUE, RESET], {"default": CONTINUE}),
                "error_handling": ([STOP, SKIP], {"default": STOP}),
            },
            "optional": {
                "custom_pattern": ("STRING", {"default": DEFAULT_PATTERN, "tooltip": "For the filter “Custom”."}),
                "start_index": (
                    "INT",
                    {"default": 0, "min": 0, "max": 99999, "tooltip": "Where a new pass starts, from 0."},
                ),
                **_TAILS,
            },
        }

    @classmethod
    def IS_CHANGED(  # noqa: N802 - ComfyUI's name for it
        cls,
        directory: str | None = None,
        filter_preset: str | None = "All Images",
        iteration_mode: str | None = CONTINUE,
        error_handling: str | None = STOP,
        custom_pattern: str | None = DEFAULT_PATTERN,
        start_index: int | None = 0,
        order: str | None = NAME,
        seed: int | None = 0,
        frames: str | None = FIRST,
        pairing: str | None = BY_PLACE,
        skip_existing: str | None = "",
    ) -> str:
        """Return a text that holds the index and changes with every attempt; a unique one when something is wired."""
        widgets = (directory, filter_preset, iteration_mode, error_handling, custom_pattern, start_index)
        if any(value is None for value in (*widgets, order, seed, frames, pairing, skip_existing)):
            return never_equal()
        loaders = application().batches.loaders
        try:
            options = list_options(str(order), int(seed or 0), str(pairing), str(skip_existing))
            source = loaders.source(directory, str(filter_preset), str(custom_pattern), options=options)
            call = loaders.current_call(str(iteration_mode), str(error_handling), int(start_index or 0))
            return loaders.fingerprint(source, call)
        except DataseteError:
            return never_equal()  # the run says what is wrong

    def run(
        self,
        directory: str,
        filter_preset: str,
        iteration_mode: str,
        error_handling: str,
        custom_pattern: str = DEFAULT_PATTERN,
        start_index: int = 0,
        order: str = NAME,
        seed: int = 0,
        frames: str = FIRST,
        pairing: str = BY_PLACE,
        skip_existing: str = "",
    ) -> Outputs:
        """Load the file that this run is for.

        Args:
            directory: the folder.
            filter_preset: which of its files count.
            iteration_mode: ``Continue`` or ``Reset``.
            error_handling: ``Stop on error`` or ``Skip on error``.
            custom_pattern: shell patterns, separated by commas, for the filter ``Custom``.
            start_index: the 0-based place where a fresh pass begins.
            order: in which order the files come.
            seed: which random order.
            frames: ``first`` or ``all``.
            pairing: whether it advances beside other loaders ``by place`` or ``by name``.
            skip_existing: a folder of results; files that have theirs there count as done.

        Returns:
            Picture float32 [B,H,W,3], total, index, count, file name, stem, status line, whether it is the last one,
            mask float32 [B,H,W], caption, folder, extension, folder below `directory`, whole path. A run that comes too
            late gets blocked outputs, and a sentence for the history.

        Raises:
            DataseteError: the folder or the file cannot be used; the batch keeps its place.
        """
        app = application()
        loaders = app.batches.loaders
        is_all = _is_all(frames)
        options = list_options(order, seed, pairing, skip_existing)
        source = loaders.source(directory, filter_preset, custom_pattern, options=options)
        item = loaders.begin(source, loaders.current_call(iteration_mode, error_handling, start_index))
        if isinstance(item, Held):
            return _held_outputs(app, item, is_all=is_all)
        return _load(app, item, skip=error_handling == SKIP, is_all=is_all)


def _is_all(frames: str) -> bool:
    if frames not in (FIRST, ALL):
        raise InvalidInput(
            f"Frames “{frames}” cannot be loaded.", hint=f"The batch keeps its place. Choose from {FIRST}, {ALL}."
        )
    return frames == ALL


def _load(app: Application, item: BatchItem, *, skip: bool, is_all: bool) -> tuple[object, ...]:
    current: BatchItem | Held | None = item
    while isinstance(current, BatchItem):
        item = current
        try:
            picture = load_picture(app, item.source.location, item.name, is_all=is_all)
        except (StoreUnavailable, MemoryError) as error:
            # Never skipped: the file is not to blame, and all that follow would be skipped for the same reason.
            raise _stop_batch(app, item, error) from error
        except Exception as error:  # a decoder may raise anything for a broken file
            if not skip:
                raise _stop_batch(app, item, error) from error
            current = app.batches.loaders.skip(item, _reason(error))
        else:
            app.batches.loaded(item)
            return _outputs(item, picture)
    return _nothing_left(app, item) if current is None else _blocked(app)


def _reason(error: BaseException) -> str:
    return error.message if isinstance(error, DataseteError) else f"{type(error).__name__}: {error}"


def _stop_batch(app: Application, item: BatchItem, error: Exception) -> InvalidInput:
    sentence = picture_error(item.name, error)
    app.batches.loaders.stop(item, sentence)
    return InvalidInput(
        sentence, hint="The batch stopped and stays on this file. Mend or remove it, or choose “Skip on error”."
    )


def _nothing_left(app: Application, item: BatchItem) -> tuple[object, ...]:
    batch = app.batches.find(item.source.key).batch
    app.batches.loaded(item)
    if batch.progress.done == 0:
        raise InvalidInput(
            f"No file in “{item.source.location.label}” could be loaded: {batch.progress.skipped} skipped.",
            hint="The batch has ended. `datasete batch show` lists the files with their reasons.",
        )
    return _blocked(app)


def _blocked(app: Application) -> tuple[object, ...]:
    return (app.host.blocked(),) * len(BatchImageLoader.RETURN_TYPES)


def _why_held(held: Held) -> str:
    if held.run:
        return f"Nothing was loaded: every file has its result already. {held.status}"
    return (
        "Nothing was loaded: this run was queued before the walk ended, or within a second of its last press. Queue it "
        f"again to start another walk. {held.status}"
    )


def _held_outputs(app: Application, held: Held, *, is_all: bool) -> Outputs:
    if held.item is not None:
        return _outputs(held.item, load_picture(app, held.item.source.location, held.item.name, is_all=is_all))
    if held.run:
        app.batches.loaded(held)
    if held.alone:
        # A prompt that ends well with no word about the file that it did not load would look like success.
        return {"ui": {"text": [_why_held(held)]}, "result": _blocked(app)}
    raise app.host.interruption()


def _outputs(item: BatchItem, picture: LoadedPicture) -> tuple[object, ...]:
    path = PurePosixPath(item.name)
    location = item.source.location
    folder = str(PurePosixPath(location.path, path.parent)) if path.parent.parts else location.path
    where = f"{location.space}:{folder}" if location.space else folder
    about: tuple[torch.Tensor | str, ...] = (picture.mask, picture.text, where, path.suffix.lower().lstrip("."))
    numbers = (item.total, item.index, item.count)
    status = " · ".join(part for part in (item.status, picture.frames, picture.trouble) if part)
    names = (path.name, path.stem, status, item.last)
    return (picture.image, *numbers, *names, *about, item.subfolder, item.path)
