"""Guesses the encoding of a short text that says nothing about it, by how much each reading looks like writing.

Captions have a few words, and detection libraries need hundreds: they take ``café`` for Chinese. So each encoding that
captioning tools have written is tried, and the letters of its reading are compared with those of real languages.
charset-normalizer is asked about long texts that none of these readings fits.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from datasete.sidecars.plausibility import ENCODINGS, is_ambiguous, plausibility

GOOD: Final = 0.66
"""The least plausibility of a reading that is believed."""

NEAR: Final = 0.06
"""How close two readings are between which a sign or two cannot decide."""

LIBRARY_BYTES: Final = 64
"""The fewest bytes outside ASCII in a text that charset-normalizer is asked about."""

SAMPLE: Final = 1 << 15
"""How much of a long text is compared. All of it has to be valid."""

_SPACES: Final = frozenset(
    " \t\n\r\f\xa0\xad\u2002\u2003\u2009\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202f\u3000\ufeff"
)


class Reading(NamedTuple):
    """A text in one encoding, and how much it looks like writing: about 0 to 1."""

    plausibility: float
    encoding: str
    text: str


def guess(data: bytes) -> str | None:
    """Return the most plausible reading of a text that is not Unicode; None when none is, or when two are."""
    found = readings(data)
    if not found or found[0].plausibility < GOOD:
        return _by_library(data)
    best, *others = found
    rivals = [other for other in others if other.plausibility > best.plausibility - NEAR and other.text != best.text]
    return None if rivals and is_ambiguous(best.encoding, best.text) else best.text


def readings(data: bytes) -> list[Reading]:
    """Return what the text may be, the most plausible reading first."""
    texts = {encoding: text for encoding in ENCODINGS if (text := _decoded(data, encoding)) and is_writing(text)}
    found = [Reading(plausibility(encoding, text[:SAMPLE]), encoding, text) for encoding, text in texts.items()]
    return sorted(found, key=lambda reading: -reading.plausibility)


def is_writing(text: str) -> bool:
    """Whether a text has none of the characters that only a wrong reading has: controls, private, unassigned ones."""
    return text.isprintable() or all(char.isprintable() or char in _SPACES for char in text)


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return ""


def _by_library(data: bytes) -> str | None:
    if sum(byte > 0x7F for byte in data[:SAMPLE]) < LIBRARY_BYTES:
        return None
    from charset_normalizer import from_bytes

    best = from_bytes(data[:SAMPLE]).best()
    text = _decoded(data, best.encoding) if best and best.coherence else ""
    return text if text and is_writing(text) else None
