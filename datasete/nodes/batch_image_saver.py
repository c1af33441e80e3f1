"""The batch saver: writes pictures, atomically, under names that the loader outputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import torch

from datasete.application import Application, application
from datasete.batch.saving.claims import Claims, Wanted
from datasete.batch.saving.destinations import Places, find_destination
from datasete.batch.saving.names import check_typed_name, split_name, written_name
from datasete.batch.saving.output import OVERWRITE, RENAME, SKIP, DiskTarget, Target, check_mode, open_target, save
from datasete.batch.saving.tokens import Tokens, without_tokens
from datasete.errors import DataseteError, InvalidInput

DEFAULT_NAME = "image"
TOKENS_TIP = "May hold tokens such as %date:yyyy-MM-dd% and %KSampler.seed%; a slash makes a folder."


class BatchImageSaver:
    """Saves every picture of a batch."""

    DESCRIPTION = (
        "Saves pictures under the output folder. Wire the loader's BASENAME and EXTENSION to keep the names of the "
        "sources, and SUBFOLDER to keep their folders. Two sources never share a file. "
        "WebP at quality 100 is lossless. Files are written atomically."
    )
    CATEGORY = "Datasete Gates/Batch"
    FUNCTION = "run"
    OUTPUT_NODE = True
    RETURN_TYPES: ClassVar = ("IMAGE", "STRING", "STRING")
    RETURN_NAMES: ClassVar = ("OUTPUT_IMAGE", "SAVED_FILENAME", "SAVED_PATH")
    OUTPUT_TOOLTIPS: ClassVar = (
        "The pictures, unchanged.",
        "The file's name; one per line when there are several.",
        "Where the file is; one per line when there are several.",
    )

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, dict[str, Any]]:  # noqa: N802 - ComfyUI's name for it
        """Ports and widgets."""
        folder = "Under the output folder; “name:sub/path” in a configured space; empty for the output folder itself."
        return {
            "required": {
                "image": ("IMAGE",),
                "quality": ("INT", {"default": 100, "min": 1, "max": 100, "tooltip": "For JPEG and WebP."}),
                "overwrite_mode": ([OVERWRITE, SKIP, RENAME], {"default": OVERWRITE}),
            },
            "optional": {
                "output_directory": ("STRING", {"default": "", "tooltip": folder}),
                "output_base_name": ("STRING", {"default": "", "tooltip": f"Empty for “{DEFAULT_NAME}”. {TOKENS_TIP}"}),
                "output_file_type": ("STRING", {"default": "png", "tooltip": "png, jpg, jpeg or webp."}),
                "filename_prefix": ("STRING", {"default": ""}),
                "filename_suffix": ("STRING", {"default": ""}),
                "embed_workflow": ("BOOLEAN", {"default": True, "tooltip": "Write the workflow into the file."}),
                "caption": (
                    "STRING",
                    {"default": "", "forceInput": True, "tooltip": "Written to a text file of the same name."},
                ),
                "subfolder": ("STRING", {"default": "", "tooltip": "Below output_directory. Wire SUBFOLDER."}),
            },
            "hidden": {"prompt": "PROMPT", "extra_pnginfo": "EXTRA_PNGINFO"},
        }

    @classmethod
    def VALIDATE_INPUTS(  # noqa: N802 - ComfyUI's name for it
        cls,
        output_directory: str | None = "",
        output_base_name: str | None = "",
        filename_prefix: str | None = "",
        filename_suffix: str | None = "",
        subfolder: str | None = "",
    ) -> bool | str:
        """Refuse folders and names that cannot be used before anything runs; what is wired is None."""
        app = application()
        prefix, base, suffix, folder, below = (
            None if text is None else without_tokens(text)
            for text in (filename_prefix, output_base_name, filename_suffix, output_directory, subfolder)
        )
        widget = "output_directory"  # named in the answer, as ComfyUI puts it beside all of them
        try:
            if folder is not None:
                find_destination(folder, below or "", _places(app))
            widget = "output_base_name, filename_prefix, filename_suffix"
            if app.settings.paths.names == "portable":
                check_typed_name(prefix, base if base is None else base or DEFAULT_NAME, suffix)
        except DataseteError as error:
            return f"{widget}: {error}"
        return True

    def run(
        self,
        image: torch.Tensor,
        quality: int,
        overwrite_mode: str,
        output_directory: str = "",
        output_base_name: str = "",
        output_file_type: str = "png",
        filename_prefix: str = "",
        filename_suffix: str = "",
        embed_workflow: bool = True,  # noqa: FBT001, FBT002 - ComfyUI calls by name
        caption: str = "",
        subfolder: str = "",
        prompt: object = None,
        extra_pnginfo: Mapping[str, Any] | None = None,
    ) -> dict[str, object]:
        """Save the pictures.

        Args:
            image: float32 [B,H,W,C] in 0..1, C 1, 3 or 4. With several, each name ends with its number.
            quality: 1..100.
            overwrite_mode: what happens when the file is there.
            output_directory: where to.
            output_base_name: the name between prefix and suffix.
            output_file_type: the type, with or without a dot.
            filename_prefix: put before the name.
            filename_suffix: put behind it.
            embed_workflow: write prompt and workflow into the file.
            caption: written beside each file that is written, when not empty.
            subfolder: a folder below `output_directory`.
            prompt: what ComfyUI runs.
            extra_pnginfo: what the browser sent along.

        Returns:
            The outputs, and the files for the browser when they are in the output folder.

        Raises:
            Forbidden: a folder that may not be written to.
            InvalidInput: a name, type or quality that cannot be used.
            StoreError: full, read-only or unreachable; what was there before is unharmed.
        """
        # With the first picture, so that the host starts quickly.
        from datasete.nodes.encoding import check_fits, encode

        app = application()
        _check_shape(image)
        kind = _kind(app, output_file_type or "png")
        check_fits(kind, *image.shape[1:3])
        check_mode(overwrite_mode)
        tokens = Tokens(prompt, (extra_pnginfo or {}).get("workflow"), (image.shape[2], image.shape[1]))
        name = f"{filename_prefix}{output_base_name or DEFAULT_NAME}{filename_suffix}"
        target, stem = _place(app, tokens, output_directory or "", subfolder or "", name)
        stem = written_name(stem, f".{kind}", portable=app.settings.paths.names == "portable")
        texts = _metadata(prompt, extra_pnginfo) if embed_workflow and app.host.metadata else {}
        wanted = Wanted(stem, f".{kind}", len(image), bool(caption))
        claims = app.batches.claims()
        names = []
        for numbered, frame in zip(_stems(claims, target, wanted, overwrite_mode), image, strict=True):
            data = encode(frame, kind, quality, texts)
            free = _free_stems(claims, target, wanted, numbered)
            name, written = save(target, numbered, wanted.suffix, data, overwrite_mode, free)
            # After the picture: should that fail, no caption is left without one.
            if caption and written:
                target.put(name.removesuffix(f".{kind}") + ".txt", _caption(caption), replace=True)
            names.append(name)
        paths = [target.path(name) for name in names]
        return {"ui": _previews(app, target, names), "result": (image, "\n".join(names), "\n".join(paths))}


def _check_shape(image: torch.Tensor) -> None:
    if image.ndim != 4 or not len(image):
        raise InvalidInput(
            f"A picture must be [count, height, width, channels], not {list(image.shape)}.",
            hint="Nothing was written. Wire an IMAGE.",
        )


def _place(app: Application, tokens: Tokens, directory: str, subfolder: str, name: str) -> tuple[Target, str]:
    """Return the folder to write to, and the name without its ending; a name may bring folders of its own."""
    inner, stem = split_name(tokens.fill(name))
    below = "/".join(filter(None, (tokens.fill(subfolder), inner)))
    return open_target(find_destination(tokens.fill(directory), below, _places(app)), app.storage), stem


def _kind(app: Application, text: str) -> str:
    """Return the type to write. A type that is wired comes from a source; one that is not written has a fallback."""
    from datasete.nodes.encoding import file_type, plain_type

    fallback = app.settings.batch.fallback_type if app.batches.is_wired("output_file_type") else ""
    kind = file_type(text, fallback)
    if kind != plain_type(text):
        app.batches.note_saved_as(plain_type(text), kind)
    return kind


def _places(app: Application) -> Places:
    paths = app.settings.paths
    return Places(
        output=app.host.output_dir,
        allowed=paths.allow_write,
        spaces=app.spaces(),
        follow_links="output" in paths.follow_links,
        portable=paths.names == "portable",
    )


def _stems(claims: Claims | None, target: Target, wanted: Wanted, mode: str) -> list[str]:
    """Return a stem for each picture. All of them have one claim, but for ``Rename``, where each finds its own name."""
    stem = wanted.stem if claims is None or mode == RENAME else claims.reserve(target, wanted)
    return wanted.pictures(stem)


def _free_stems(claims: Claims | None, target: Target, wanted: Wanted, stem: str) -> Iterator[str] | None:
    return claims.free_stems(target, replace(wanted, stem=stem, frames=1)) if claims else None


def _metadata(prompt: object, extra_pnginfo: Mapping[str, Any] | None) -> dict[str, Any]:
    own = {"prompt": prompt} if prompt is not None else {}
    return {**own, **(extra_pnginfo or {})}


def _caption(text: str) -> bytes:
    # A file name that is not valid UTF-8 may be wired as the caption; it is written back as the bytes it was.
    return text.encode("utf-8", "surrogateescape")


def _previews(app: Application, target: Target, names: list[str]) -> dict[str, list[dict[str, str]]]:
    """Return the previews under the node: of files in the output folder, as the host serves no others."""
    if not isinstance(target, DiskTarget):
        return {}
    try:
        folder = target.folder.relative_to(Path(app.host.output_dir).resolve())
    except ValueError:
        return {}
    where = "" if folder == Path() else folder.as_posix()
    return {"images": [{"filename": name, "subfolder": where, "type": "output"} for name in names]}
