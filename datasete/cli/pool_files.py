"""Picture files of a folder with what belongs to them: captions and masks, named as trainers name them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from datasete.errors import InvalidInput
from datasete.ids import natural_key
from datasete.pools import Upload

SUFFIXES: Final = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".avif"})
CAPTIONS: Final = (".txt", ".caption")
MASKS: Final = ("masks", "mask")
MASK_LABEL: Final = "-masklabel"


@dataclass(frozen=True)
class PictureFile:
    """One picture on disk, with its caption and its mask where there are any."""

    image: Path
    caption: Path | None
    mask: Path | None

    def upload(self) -> Upload:
        """Read it.

        Raises:
            InvalidInput: a file cannot be read.
        """
        label = _text(self.caption) if self.caption else ""
        return Upload(_bytes(self.image), str(self.image), label, _bytes(self.mask) if self.mask else None)


def picture_files(paths: Iterable[Path]) -> list[PictureFile]:
    """The pictures that paths name: files as they are, folders with all pictures in them, in natural order.

    Raises:
        InvalidInput: there is no such file or folder, or no picture in any of them.
    """
    found = [each for path in paths for each in _found(path)]
    if not found:
        raise InvalidInput("There is no picture there.", hint="Nothing was added.")
    return found


def _found(path: Path) -> Iterator[PictureFile]:
    if path.is_dir():
        files = [each for each in path.iterdir() if each.suffix.lower() in SUFFIXES and not each.name.startswith(".")]
        stems = {each.stem for each in files}
        for each in sorted(files, key=lambda each: natural_key(each.name)):
            if not (each.stem.endswith(MASK_LABEL) and each.stem.removesuffix(MASK_LABEL) in stems):
                yield _with_company(each)
    elif path.is_file():
        yield _with_company(path)
    else:
        raise InvalidInput(f"There is no file or folder {path}.", hint="Nothing was added.")


def _with_company(image: Path) -> PictureFile:
    captions = (image.with_suffix(suffix) for suffix in CAPTIONS)
    masks = [image.parent / folder / f"{image.stem}{suffix}" for folder in MASKS for suffix in sorted(SUFFIXES)]
    masks.append(image.with_name(f"{image.stem}{MASK_LABEL}.png"))
    return PictureFile(image, _first(captions), _first(masks))


def _first(paths: Iterable[Path]) -> Path | None:
    return next((path for path in paths if path.is_file()), None)


def _text(path: Path) -> str:
    data = _bytes(path)
    try:
        return data.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        return data.decode("latin-1").strip()


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.", hint="It was left as it is.") from error
