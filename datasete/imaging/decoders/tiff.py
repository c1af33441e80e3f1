"""What a TIFF holds, and whether that kind of TIFF can be decoded. Neither torch nor numpy is imported.

A TIFF may combine any depth, number format, colour space, compression and layout. Each combination that is accepted
here is compared with a second decoder in the tests; every other one is refused with its name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from datasete.imaging.chunks import unreadable, unsupported
from datasete.imaging.decoders.tiff_tags import MAX_VALUES, Fields, read_fields

WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, CMYK, YCBCR = 0, 1, 2, 3, 5, 6
UNSIGNED, SIGNED, FLOAT = 1, 2, 3
ASSOCIATED = 1
NONE, CCITT, FAX3, FAX4, LZW, OLD_JPEG, JPEG, DEFLATE = 1, 2, 3, 4, 5, 6, 7, 8
PACKBITS, OLD_DEFLATE, LZMA, ZSTD, WEBP = 32773, 32946, 34925, 50000, 50001
HORIZONTAL, FLOATING_POINT = 2, 3

_FAX: Final = frozenset({CCITT, FAX3, FAX4})
_LOSSLESS: Final = frozenset({NONE, LZW, DEFLATE, OLD_DEFLATE, PACKBITS, LZMA, ZSTD})
_COLORS: Final = {WHITE_IS_ZERO: 1, BLACK_IS_ZERO: 1, RGB: 3, PALETTE: 1, CMYK: 4, YCBCR: 3}
_COLOR_NAMES: Final = {
    WHITE_IS_ZERO: "grey", BLACK_IS_ZERO: "grey", RGB: "RGB", PALETTE: "palette", CMYK: "CMYK", YCBCR: "YCbCr",
    4: "transparency-mask", 8: "CIELab", 9: "ICCLab", 10: "ITULab", 32803: "camera-raw", 32844: "LogL", 32845: "LogLuv",
    34892: "camera-raw",
}  # fmt: skip
_COMPRESSION_NAMES: Final = {
    OLD_JPEG: "old-style JPEG", JPEG: "JPEG", WEBP: "WebP", CCITT: "CCITT", FAX3: "CCITT", FAX4: "CCITT",
    32766: "NeXT", 32809: "ThunderScan", 32909: "PixarLog", 33003: "JPEG 2000", 33005: "JPEG 2000", 34661: "JBIG",
    34676: "SGILog", 34677: "SGILog", 34712: "JPEG 2000", 34887: "LERC", 34892: "lossy JPEG", 50002: "JPEG XL",
    52546: "JPEG XL",
}  # fmt: skip
_DEPTHS: Final = {UNSIGNED: frozenset({*range(1, 17), 32, 64}), FLOAT: frozenset({16, 32, 64})}
_FORMAT_NAMES: Final = {SIGNED: "signed ", FLOAT: "floating-point ", 5: "complex ", 6: "complex "}
_MAX_SAMPLES: Final = 32
_USUAL_TILE_PIXELS: Final = 1 << 24
_DNG_VERSION: Final = 50706


@dataclass(frozen=True)
class Tiff:
    """The first page of a TIFF.

    Attributes:
        fields: everything that the page says.
        width: in pixels, as stored.
        height: in pixels, as stored.
        bits: of each sample.
        samples: how many a pixel has, those that are neither colour nor alpha included.
        number: `UNSIGNED` or `FLOAT`.
        photometric: one of the colour spaces above.
        compression: one of the compressions above.
        predictor: 1, `HORIZONTAL` or `FLOATING_POINT`.
        planar: whether each channel is stored separately.
        tile: width and height of the pieces; the width of a strip is that of the picture.
        alpha: which sample is the alpha channel, if there is one.
        premultiplied: whether the colours were multiplied by alpha.
        orientation: as in EXIF, 1..8.
    """

    fields: Fields
    width: int
    height: int
    bits: int
    samples: int
    number: int
    photometric: int
    compression: int
    predictor: int
    planar: bool
    tile: tuple[int, int]
    alpha: int | None
    premultiplied: bool
    orientation: int

    @property
    def colors(self) -> int:
        """How many samples are colour: 1 for a palette, 4 for CMYK."""
        return _COLORS[self.photometric]

    @property
    def channels(self) -> int:
        """1, 3 or 4, as `decode_array` returns."""
        return 4 if self.alpha is not None else 1 if self.photometric in {WHITE_IS_ZERO, BLACK_IS_ZERO} else 3

    @property
    def profile(self) -> bytes:
        """The ICC profile, or nothing."""
        return self.fields.raw(_PROFILE)

    @property
    def samples_used(self) -> int:
        """How many samples are colour or alpha; they come first."""
        return self.colors + (self.alpha is not None)

    @property
    def tiled(self) -> bool:
        """Whether the pieces are tiles; they are strips otherwise."""
        return _TILE_WIDTH in self.fields

    @property
    def grid(self) -> tuple[int, int]:
        """How many pieces lie beside and below each other."""
        return -(-self.width // self.tile[0]), -(-self.height // self.tile[1])

    @property
    def samples_together(self) -> int:
        """How many samples of a pixel lie beside each other."""
        return 1 if self.planar else self.samples

    @property
    def row_bytes(self) -> int:
        """The length of one row of a piece."""
        return (self.tile[0] * self.samples_together * self.bits + 7) // 8

    def pieces(self) -> list[tuple[int, int]]:
        """Start and size of each piece in the file: from left to right, then down, one plane after the other.

        Raises:
            UnreadableImage: some are missing or lie outside of the file.
        """
        across, down = self.grid
        wanted = across * down * (self.samples if self.planar else 1)
        starts = self.fields.numbers(_TILE_OFFSETS if self.tiled else _STRIP_OFFSETS)
        sizes = self.fields.numbers(_TILE_SIZES if self.tiled else _STRIP_SIZES)
        if self.compression == NONE:  # many old programs count these wrongly, or not at all
            rows = [min(self.tile[1], self.height - row * self.tile[1]) for row in range(down) for _ in range(across)]
            full = [self.row_bytes * (self.tile[1] if self.tiled else high) for high in rows]
            sizes = tuple(full * (wanted // len(full)))
        if len(starts) < wanted or len(sizes) < wanted:
            raise unreadable("ends early")
        found = list(zip(starts[:wanted], sizes[:wanted], strict=True))
        if any(start + size > len(self.fields.data) or not size for start, size in found):
            raise unreadable("ends early")
        return found


_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, _ORIENTATION = 256, 257, 258, 259, 262, 274
_STRIP_OFFSETS, _SAMPLES, _ROWS, _STRIP_SIZES, _PLANAR, _PREDICTOR = 273, 277, 278, 279, 284, 317
_TILE_WIDTH, _TILE_HEIGHT, _TILE_OFFSETS, _TILE_SIZES = 322, 323, 324, 325
_INK_SET, _EXTRA, _NUMBER, _PROFILE = 332, 338, 339, 34675


def parse_tiff(data: bytes) -> Tiff:
    """Read what the first page of a TIFF holds; no pixels are decoded.

    Raises:
        UnreadableImage: the file is damaged, or of a kind that cannot be decoded; the error names the kind.
    """
    fields = read_fields(data)
    depths = fields.numbers(_BITS, (1,))
    samples = fields.number(_SAMPLES, len(depths))
    photometric = fields.number(_PHOTOMETRIC, WHITE_IS_ZERO)
    formats = fields.numbers(_NUMBER, (UNSIGNED,))[:samples]
    alpha, premultiplied = _alpha(fields, samples - _COLORS.get(photometric, samples), samples)
    width, height = fields.number(_WIDTH, 0), fields.number(_HEIGHT, 0)
    tiff = Tiff(
        fields=fields,
        width=width,
        height=height,
        bits=depths[0] if depths else 0,
        samples=samples,
        # 4 is "undefined", which the standard asks readers to treat as unsigned
        number=UNSIGNED if not formats or formats[0] == 4 else formats[0],
        photometric=YCBCR if fields.number(_COMPRESSION, NONE) == OLD_JPEG and samples == 3 else photometric,
        compression=fields.number(_COMPRESSION, NONE),
        predictor=fields.number(_PREDICTOR, 1),
        planar=fields.number(_PLANAR, 1) == 2 and samples > 1,
        tile=_tile(fields, width, height),
        alpha=alpha,
        premultiplied=premultiplied,
        orientation=_orientation(fields),
    )
    _check_sizes(tiff)
    _check_kind(tiff, set(depths[:samples]), set(formats))
    return tiff


def _alpha(fields: Fields, extra: int, samples: int) -> tuple[int | None, bool]:
    """Which sample is alpha, and whether colours were multiplied by it."""
    kinds = fields.numbers(_EXTRA)
    if extra < 1 or (kinds and kinds[0] == 0):  # 0 is "unspecified": data that belongs to no picture
        return None, False
    if not kinds and extra > 1:
        return None, False
    return samples - extra, bool(kinds) and kinds[0] == ASSOCIATED


def _tile(fields: Fields, width: int, height: int) -> tuple[int, int]:
    if _TILE_WIDTH in fields:
        return fields.number(_TILE_WIDTH, 0), fields.number(_TILE_HEIGHT, 0)
    return width, min(fields.number(_ROWS, height), height)


def _orientation(fields: Fields) -> int:
    value = fields.number(_ORIENTATION, 1)
    return value if 1 <= value <= 8 else 1


def _check_sizes(tiff: Tiff) -> None:
    if tiff.width < 1 or tiff.height < 1:
        raise unreadable(f"declares an impossible size of {tiff.width} × {tiff.height}")
    if not 0 < tiff.samples <= _MAX_SAMPLES:
        raise unsupported(f"a TIFF with {tiff.samples} channels")
    wide, high = tiff.tile
    # Tiles may reach beyond the picture, but one that is far larger would cost the memory of a far larger picture.
    most = max(_USUAL_TILE_PIXELS, 4 * tiff.width * tiff.height)
    if wide < 1 or high < 1 or wide * high > most or tiff.row_bytes * high >= 1 << 31:
        raise unsupported(f"a TIFF with pieces of {wide} × {high} pixels")
    across, down = tiff.grid
    if across * down * tiff.samples > MAX_VALUES:
        raise unreadable(f"is a TIFF cut into more than {MAX_VALUES:,} pieces")


def _check_kind(tiff: Tiff, depths: set[int], formats: set[int]) -> None:
    if _DNG_VERSION in tiff.fields or tiff.photometric in {32803, 34892}:
        raise unsupported("a camera's raw picture (DNG)")
    if tiff.compression not in _LOSSLESS and tiff.compression not in _COMPRESSION_NAMES:
        raise unsupported(f"a TIFF with compression {tiff.compression}")
    mixed = len(depths) > 1 or len(formats) > 1
    sound = not mixed and tiff.photometric in _COLORS and tiff.samples >= tiff.colors and _depth_is_sound(tiff)
    if not sound or not _compression_is_sound(tiff):
        raise unsupported(kind_name(tiff, mixed=mixed))


def _depth_is_sound(tiff: Tiff) -> bool:
    if tiff.photometric == PALETTE:
        return tiff.number == UNSIGNED and tiff.bits in {1, 2, 4, 8, 16} and not tiff.premultiplied
    if tiff.photometric == CMYK and tiff.fields.number(_INK_SET, 1) != 1:
        return False
    return tiff.bits in _DEPTHS.get(tiff.number, frozenset())


def _compression_is_sound(tiff: Tiff) -> bool:
    predictors = {1}
    if tiff.compression in _LOSSLESS:
        if tiff.photometric == YCBCR:  # subsampled in a layout of its own
            return False
        predictors |= {HORIZONTAL} if tiff.bits in {8, 16, 32, 64} else set()
        predictors |= {FLOATING_POINT} if tiff.number == FLOAT else set()
    elif tiff.compression in _FAX:
        return tiff.bits == tiff.samples == 1
    elif tiff.compression in {JPEG, OLD_JPEG}:
        return _jpeg_is_sound(tiff)
    else:
        return tiff.compression == WEBP and (tiff.photometric, tiff.bits, tiff.planar) == (RGB, 8, False)
    return tiff.predictor in predictors


def _jpeg_is_sound(tiff: Tiff) -> bool:
    if (tiff.bits, tiff.number) != (8, UNSIGNED) or tiff.photometric == PALETTE:
        return False
    if tiff.planar:
        return tiff.compression == JPEG and tiff.photometric != YCBCR
    return tiff.samples in {1, 3} or (tiff.samples == 4 and tiff.photometric in {RGB, CMYK})


def kind_name(tiff: Tiff, *, mixed: bool = False) -> str:
    """Name the kind of a TIFF, such as “a signed 16-bit grey TIFF”, as far as it matters to what can be decoded."""
    color = _COLOR_NAMES.get(tiff.photometric, f"photometric-{tiff.photometric}")
    depth = "mixed-depth" if mixed else f"{tiff.bits}-bit"
    name = f"{_FORMAT_NAMES.get(tiff.number, '')}{depth} {color} TIFF"
    parts = [] if tiff.predictor == 1 else [f"predictor {tiff.predictor}"]
    if tiff.compression in _COMPRESSION_NAMES:
        parts.append(f"{_COMPRESSION_NAMES[tiff.compression]} compression")
    if tiff.planar:
        parts.append("separate planes")
    if tiff.samples != _COLORS.get(tiff.photometric, tiff.samples):
        parts.append(f"{tiff.samples} channels")
    return f"{'an' if name[:1] == '8' else 'a'} {name}" + (f" with {' and '.join(parts)}" if parts else "")
