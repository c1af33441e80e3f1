"""Small real PNGs, edits by hand as editors make them, and slots on stores, for the tests of the bus."""

from __future__ import annotations

import io
import itertools

from PIL import Image, PngImagePlugin

from datasete.bus import Bus, Slot
from datasete.bus.context import BackgroundTasks
from datasete.imaging.seal import read_seal
from datasete.plugin import Space
from datasete.storage import Storage


def picture(shade: int, mode: str = "RGB", size: tuple[int, int] = (8, 6)) -> bytes:
    """A PNG of one shade; `shade` tells pictures and masks apart."""
    color = (shade, 255 - shade, 7) if mode == "RGB" else shade
    return _png(Image.new(mode, size, color))


def mask(shade: int, size: tuple[int, int] = (8, 6)) -> bytes:
    return picture(shade, "L", size)


def shade(png: bytes) -> int:
    """Which picture or mask this is, by its first pixel."""
    with Image.open(io.BytesIO(png)) as image:
        pixel = image.getpixel((0, 0))
    return pixel[0] if isinstance(pixel, tuple) else pixel


def shades(slot: Slot) -> tuple[list[int], list[int]]:
    """Which pictures and which masks a slot holds."""
    return [shade(image) for image in slot.images], [shade(one) for one in slot.masks]


def edited(png: bytes, new_shade: int, *, keep_chunk: bool) -> bytes:
    """The picture in another shade, as an editor saves it that keeps text chunks, or drops them."""
    with Image.open(io.BytesIO(png)) as image:
        image.load()
        info = PngImagePlugin.PngInfo()
        for key, text in (image.text if keep_chunk else {}).items():
            info.add_text(key, text)
        fresh = picture(new_shade, image.mode, image.size)
    with Image.open(io.BytesIO(fresh)) as again:
        return _png(again, pnginfo=info)


def token(png: bytes) -> str:
    """The token that a PNG names; empty when it names none."""
    found = read_seal(png).seal
    return found.token if found else ""


def state(png: bytes) -> str:
    return read_seal(png).kind


class AtOnce(BackgroundTasks):
    """Does everything in the caller's thread, so that a test knows when it was done."""

    def submit(self, job):
        from concurrent.futures import Future

        future = Future()
        try:
            future.set_result(job())
        except Exception as error:  # noqa: BLE001 - the caller collects it
            future.set_exception(error)
        return future

    def defer(self, what, job):
        self.run(what, job)


def storage_over(store, **kind) -> Storage:
    """A storage that never sleeps, and gives a store up after a number of tries, however long each of them takes."""
    patience = {"sleep": lambda seconds: None, "clock": itertools.count().__next__, "deadline": 10}
    return Storage(store, Space("bus", "memory://bus"), **{**patience, **kind})


def bus_over(store, **kind) -> Bus:
    """A bus that has done everything when a call returns."""
    return Bus(storage_over(store), tasks=AtOnce(), **kind)


def _png(image: Image.Image, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", **options)
    return buffer.getvalue()
