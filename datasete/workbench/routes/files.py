"""Routes of pictures: uploading and showing them."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from PIL import Image, PngImagePlugin

from datasete.config import LimitSettings
from datasete.errors import DataseteError, InvalidInput, NotFound, TooLarge, UnreadableImage
from datasete.imaging.formats import pillow_errors
from datasete.imaging.image_header import check_size, read_header
from datasete.imaging.upright import upright
from datasete.system import strict_json
from datasete.tasks.workers import RENDERING, UPLOADS
from datasete.workbench.folders import Folders, disk_errors, inside, write_file
from datasete.workbench.routes.base import MAX_UPLOAD_BYTES, Route, json_response
from datasete.workbench.workbench import Workbench

SAFE_TYPES: Final = ("image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp", "image/tiff", "image/avif")
"""Shown in the page; everything else is a download, since markup and scripts would run in the page's origin."""

TURNED_FORMATS: Final = frozenset({"PNG", "JPEG", "WEBP"})
TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def routes(workbench: Workbench) -> list[Route]:
    """``/upload/image``, ``/upload/mask`` and ``/view``."""
    folders = workbench.folders

    async def upload_image(request: web.Request) -> web.Response:
        form = await _form(request)
        return json_response(await workbench.workers.of(UPLOADS).run(_store, folders, form, None))

    async def upload_mask(request: web.Request) -> web.Response:
        form = await _form(request)
        original = _original(folders, str(form.get("original_ref", "")))
        return json_response(await workbench.workers.of(UPLOADS).run(_store, folders, form, original))

    async def view(request: web.Request) -> web.StreamResponse:
        path = _requested(folders, request.query)
        if not path.is_file():
            raise NotFound("The file does not exist.", hint="It may have been moved or deleted.")
        if "preview" in request.query or request.query.get("channel", "rgba") in ("rgb", "a"):
            return await workbench.workers.of(RENDERING).run(_converted, path, request.query)
        # Only pages ask for pictures in this way. Whoever downloads the file gets its own bytes.
        if request.headers.get("Accept", "").startswith("image/"):
            shown = await workbench.workers.of(RENDERING).run(_shown, path)
            if shown is not None:
                return shown
        return web.FileResponse(path, headers=_headers(path))

    return [
        ("POST", "/upload/image", upload_image),
        ("POST", "/upload/mask", upload_mask),
        ("GET", "/view", view),
    ]


async def _form(request: web.Request) -> Any:
    try:
        with disk_errors("the upload"):  # files wait in the system's temporary folder, which may be full as well
            return await request.post()
    except web.HTTPRequestEntityTooLarge as error:
        raise TooLarge(
            f"The upload has more than {MAX_UPLOAD_BYTES / 1e6:,.0f} MB.", hint="Nothing was written. Shrink it."
        ) from error
    except (DataseteError, web.HTTPException, ConnectionError):
        raise
    except Exception as error:  # aiohttp's parser raises a dozen kinds for broken input
        raise InvalidInput("The form cannot be read.", hint="Nothing was written. Send it again.") from error


def _requested(folders: Folders, query: Any) -> Path:
    """Return the file that a query or a reference names by filename, subfolder and type."""
    name, kind = query.get("filename", ""), query.get("type") or "output"
    if name.endswith("]"):
        return folders.annotated(name, kind)
    folder, subfolder = folders.of(kind), query.get("subfolder", "").strip("/")
    return inside(inside(folder, subfolder) if subfolder else folder, name)


def _original(folders: Folders, reference: str) -> Path:
    try:
        named = strict_json.load(reference.encode("utf-8", "surrogatepass"))
    except ValueError:
        named = None
    if not isinstance(named, dict) or not all(isinstance(value, str) for value in named.values()):
        raise InvalidInput("original_ref must be a JSON object of texts.", hint="Nothing was written.")
    path = _requested(folders, named)
    if not path.is_file():
        raise NotFound("The picture that the mask is for is gone.", hint="Nothing was written.")
    return path


def _store(folders: Folders, form: Any, original: Path | None) -> dict[str, str]:
    """Write an uploaded file, under another name when that one is taken by a different file."""
    upload = form.get("image")
    if not isinstance(upload, web.FileField) or not upload.filename:
        raise InvalidInput("The field “image” holds no file.", hint="Nothing was written. Send one.")
    data = upload.file.read()
    if original is not None:
        data = _with_alpha(original, data)
    kind, subfolder = str(form.get("type") or "input"), str(form.get("subfolder", "")).strip("/")
    path = inside(folders.of(kind), "/".join(filter(None, (subfolder, upload.filename))))
    if form.get("overwrite") not in ("true", "1"):
        with disk_errors(path.name):
            path = _free(path, data)
    write_file(path, data)
    return {"name": path.name, "subfolder": subfolder, "type": kind}


def _free(path: Path, data: bytes) -> Path:
    """Return `path`, or the first of its numbered names that is free or has the very same bytes."""
    candidate, number = path, 1
    while candidate.exists() and candidate.read_bytes() != data:
        candidate = path.with_name(f"{path.stem} ({number}){path.suffix}")
        number += 1
    return candidate


def _with_alpha(original: Path, mask: bytes) -> bytes:
    """Return the original picture with the alpha channel of `mask`, and with its text chunks."""
    info, buffer, data = PngImagePlugin.PngInfo(), BytesIO(), original.read_bytes()
    with _opened(data) as picture, _opened(mask) as painted:
        combined = _turned(picture, data).convert("RGBA")  # as the editor showed it; so the copy needs no EXIF
        if combined.size != painted.size:
            raise UnreadableImage("The mask has another size than its picture.", hint="Nothing was written.")
        for key, value in getattr(picture, "text", {}).items():
            info.add_text(key, value)
        combined.putalpha(painted.convert("RGBA").getchannel("A"))
        combined.save(buffer, "PNG", compress_level=1, pnginfo=info)
    return buffer.getvalue()


@contextmanager
def _opened(data: bytes) -> Iterator[Image.Image]:
    """Open a picture within the limits of size.

    Raises:
        TooLarge: over the default limits; nothing was decoded.
        UnreadableImage: not a picture, or a damaged one.
    """
    # Before Pillow opens it: a small file may unpack to gigabytes.
    check_size(data, LimitSettings())
    with pillow_errors(), Image.open(BytesIO(data)) as picture:
        yield picture


def _turned(picture: Image.Image, data: bytes) -> Image.Image:
    """Return a picture upright, as LoadImage reads it."""
    turn = TURNS.get(read_header(data).orientation)
    return picture if turn is None else picture.transpose(turn)


def _shown(path: Path) -> web.Response | None:
    """Answer with a picture for a page; None when its own bytes are shown alike everywhere."""
    data, limits = path.read_bytes(), LimitSettings()
    try:
        header = read_header(data)
        if header.format not in TURNED_FORMATS or header.frames > 1:
            return None
        body, kind = upright(data, limits)
    except DataseteError:
        return None  # then the browser sees what is wrong with it
    headers = _headers(path, kind) | {"Cache-Control": "no-cache", "Vary": "Accept"}
    return None if body is data else web.Response(body=body, headers=headers)


def _converted(path: Path, query: Any) -> web.Response:
    """Answer with a preview (``preview=webp;90``), or with the picture's colours or alpha alone (``channel=rgb|a``)."""
    channel = query.get("channel", "")
    data = path.read_bytes()
    with _opened(data) as picture:
        body, kind = _encoded(_turned(picture, data), channel, query.get("preview"))
    return web.Response(body=body, headers=_headers(path, kind))


def _encoded(picture: Image.Image, channel: str, preview: str | None) -> tuple[bytes, str]:
    buffer = BytesIO()
    if preview is not None:
        kind, _, quality = preview.partition(";")
        kind = kind if kind in ("webp", "jpeg") and "a" not in channel else "webp"
        shown = picture.convert("RGB") if kind == "jpeg" or channel == "rgb" else picture
        shown.save(buffer, kind, quality=int(quality) if quality.isdigit() else 90)
        return buffer.getvalue(), f"image/{kind}"
    if channel == "rgb":
        picture.convert("RGBA").convert("RGB").save(buffer, "PNG", compress_level=1)
    else:
        alpha = picture.convert("RGBA").getchannel("A")
        only = Image.new("RGBA", picture.size)
        only.putalpha(alpha)
        only.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue(), "image/png"


def _headers(path: Path, kind: str | None = None) -> dict[str, str]:
    kind = kind or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    safe = kind in SAFE_TYPES
    # Escaped, and without line breaks: a file name must not add a header of its own.
    name = path.name.replace("\\", "\\\\").replace('"', '\\"').encode("ascii", "replace").decode()
    return {
        "Content-Type": kind if safe else "application/octet-stream",
        "Content-Disposition": f'{"inline" if safe else "attachment"}; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
    }
