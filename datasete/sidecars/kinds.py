"""What a file is by its name. Batches, pools, archives and the page have these lists in common."""

from __future__ import annotations

from typing import Final

PICTURES: Final = (
    *("png", "apng"),
    *("jpg", "jpeg", "jpe", "jfif", "jif", "jfi", "pjpeg", "pjp", "mpo"),
    *("webp", "avif", "avifs", "gif", "bmp", "dib", "tif", "tiff"),
    *("jp2", "j2k", "j2c", "jpc", "jpf", "jpx", "ppm", "pgm", "pbm", "pnm", "pfm"),
)
"""Suffixes of pictures that the decoder reads; it looks inside, whatever the name says."""

OTHER_PICTURES: Final = (
    *(
        "heic",
        "heif",
        "hif",
        "jxl",
        "jxr",
        "wdp",
        "hdp",
        "svg",
        "svgz",
        "eps",
        "ai",
        "psd",
        "psb",
        "xcf",
        "kra",
        "clip",
    ),
    *("exr", "hdr", "tga", "dds", "ico", "cur", "icns", "pcx", "qoi", "pam", "ktx", "ktx2", "wmf", "emf"),
    *("dng", "cr2", "cr3", "nef", "nrw", "arw", "orf", "rw2", "raf", "pef", "srw", "raw", "3fr", "fff", "iiq", "x3f"),
)
"""Suffixes of pictures that it does not read: they are counted where a folder is walked, so that none is missed."""

CAPTIONS: Final = ("txt", "caption")
MASK_FOLDERS: Final = ("masks", "mask")
MASK_ENDING: Final = "-masklabel"
"""How trainers that keep masks beside their pictures name them."""

LITTER_FOLDERS: Final = (
    *("#recycle", "#snapshot", "@eadir", "@recycle", "@recently-snapshot", "@tmp", "@sharebin", "~snapshot"),
    *("$recycle.bin", "recycler", "system volume information", "lost+found", "__macosx"),
    *("network trash folder", "temporary items", "thevolumesettingsfolder"),
)
"""Recycle bins, snapshots, thumbnails and the like that systems and network disks make, in lower case."""

LITTER_FILES: Final = ("thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r")
LITTER_BEGINNINGS: Final = (".", "~$", "synofile_thumb", "synophoto_thumb")
LITTER_ENDINGS: Final = (
    *("~", ".part", ".partial", ".crdownload", ".download", ".opdownload", ".filepart", ".tmp", ".temp"),
    *(".bak", ".swp", ".swo", ".lock", ".!ut", ".!qb", ".aria2"),
)
"""Hidden, lock, backup and unfinished files, in lower case; the last two lists by how their names begin or end."""

_LITTER_FOLDERS: Final = frozenset(LITTER_FOLDERS)
_LITTER_FILES: Final = frozenset(LITTER_FILES)
_PICTURE_ENDINGS: Final = tuple(f".{suffix}" for suffix in PICTURES)
_OTHER_ENDINGS: Final = tuple(f".{suffix}" for suffix in OTHER_PICTURES)
_CAPTION_ENDINGS: Final = tuple(f".{suffix}" for suffix in CAPTIONS)


def is_picture(name: str) -> bool:
    """Whether a file is a picture that the decoder reads."""
    return name.lower().endswith(_PICTURE_ENDINGS)


def is_other_picture(name: str) -> bool:
    """Whether a file is a picture in a format that the decoder does not read."""
    return name.lower().endswith(_OTHER_ENDINGS)


def is_caption(name: str) -> bool:
    """Whether a file is a caption, if there is a picture to which it belongs."""
    return name.lower().endswith(_CAPTION_ENDINGS)


def is_litter_folder(name: str) -> bool:
    """Whether a folder is hidden, or one that systems make for themselves."""
    return name.startswith(".") or name.lower() in _LITTER_FOLDERS


def is_litter_file(name: str) -> bool:
    """Whether a file is hidden, or one that a program left behind or has not finished."""
    lower = name.lower()
    return (
        lower.startswith(LITTER_BEGINNINGS)
        or lower.endswith(LITTER_ENDINGS)
        or lower in _LITTER_FILES
        or (lower[:1] == "#" and lower[-1:] == "#" and len(lower) > 1)
    )


def is_litter(path: str) -> bool:
    """Whether a file, by its path below a folder, is litter or lies in a folder of litter."""
    *folders, name = path.split("/")
    return is_litter_file(name) or any(map(is_litter_folder, folders))
