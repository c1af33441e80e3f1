"""Says how much a reading of a text looks like writing: its letters are those of one language, in their places.

Tables and counting; which encodings are tried is in here too, as each has a table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

_LATIN: Final = (
    *("àâæçèéêëîïôœùûüÿ", "äöüß", "áéíñóúü", "ãáàâçéêíóôõú", "äåöéàü", "æøåéöóôèü", "àèéìîòóù", "àçèéíïòóúü"),
    *("éëïóöüèê", "äõöüšž"),
)
"""The letters outside ASCII of each western language."""

_ICELANDIC: Final = "áæðéíóöúýþ"
"""Some of these stand for Turkish letters in Turkish texts, of which there are more."""

_LETTERS: Final[Mapping[str, tuple[str, ...]]] = {
    "cp1252": (*_LATIN, _ICELANDIC),
    "cp1250": ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîşţ", "čćđšž"),
    "cp1254": ("çğıöşüâîi̇",),
    "cp1257": ("āčēģīķļņšūž", "ąčęėįšųūž"),
    "iso8859_15": _LATIN,
    "cp850": _LATIN,
    "mac_roman": _LATIN,
}
"""Encodings of Latin letters, with the letters outside ASCII of each of their languages."""

_ALPHABETS: Final[Mapping[str, str]] = {
    "cp1251": "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфёъіїєґў",
    "koi8_r": "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфёъ",
    "cp1253": "αοιετσνηυρπκμλςωγδθχφβξζψάόίέήύώϊΐϋΰ",
    "cp1255": "יוהלאמרתבשנחדקעפכטגםןסזצךףץ",
    "cp1256": "اليمونرتبةعدسفهكقأحجشطصىخإذزضغئءثظؤآ",
    "cp874": "านรอกเงมยลวดทสตะปบคหแจพชขใไโผถซณภศธษฎญฉฝฟฐฏฤฆฮ่้ิีุูัำ็์ึืๆ",
}
"""Encodings of another alphabet, with its letters, the most frequent first."""

_ROWS: Final[Mapping[str, tuple[str, tuple[tuple[int, int], ...]]]] = {
    "cp932": ("euc_jp", ((0xA1, 0xA1), (0xA3, 0xA5), (0xB0, 0xCF))),
    "cp949": ("euc_kr", ((0xA1, 0xA1), (0xA3, 0xA3), (0xB0, 0xC8))),
    "gb18030": ("gb2312", ((0xA1, 0xA1), (0xA3, 0xA3), (0xB0, 0xD7))),
    "euc_jp": ("euc_jp", ((0xA1, 0xA1), (0xA3, 0xA5), (0xB0, 0xCF))),
    "big5": ("big5", ((0xA1, 0xA1), (0xA4, 0xC6))),
}
"""Encodings of Chinese, Japanese and Korean: a standard whose rows sort signs by use, and its rows of frequent ones."""

WIDE: Final = ("utf_16_le", "utf_16_be")
_DOUBT: Final[Mapping[str, float]] = {
    "euc_jp": 0.01,
    "gb18030": 0.02,
    "koi8_r": 0.02,
    "cp1254": 0.03,
    "cp1250": 0.04,
    "big5": 0.04,
    "utf_16_le": 0.05,
    "utf_16_be": 0.06,
    "cp1257": 0.06,
    "iso8859_15": 0.2,
    "cp1253": 0.1,
    "mac_roman": 0.25,
    "cp850": 0.3,
}
"""What is subtracted, so that of two readings that look alike the encoding of more tools is taken."""

ENCODINGS: Final = (*_LETTERS, *_ROWS, *_ALPHABETS, *WIDE)

FEW_SIGNS: Final = 2
"""So few signs that are not ASCII may be those of another encoding just as well."""

_MARKS: Final = "“”‘’–—…•€°·«»¡¿©®™½¼²³×ºª§±£¥„‚№\xa0"
_OPENING: Final = "„‚¿¡"
_AFTER_NUMBERS: Final = "½¼²³"
_WORD: Final = re.compile(r"[^\W\d_]+")
_FOREIGN: Final = re.compile(r"[^\x00-\x7f]+")


def plausibility(encoding: str, text: str) -> float:
    """Return how much a reading looks like writing: about 0 to 1."""
    return _judged(encoding, text) - _DOUBT.get(encoding, 0.0)


def is_ambiguous(encoding: str, text: str) -> bool:
    """Whether a reading has too few signs to tell it from another one."""
    return encoding in _ROWS and sum(char > "\x7f" for char in text) <= FEW_SIGNS


def ordinary_share(text: str) -> float:
    """Return which share of the characters is in one of the tables, whatever their languages."""
    known = _everything()
    return sum(char.isascii() or char.lower() in known for char in text) / max(1, len(text))


def _judged(encoding: str, text: str) -> float:
    if encoding in _ROWS:
        return _signs(text, _frequent(encoding))
    if encoding in WIDE:
        return _signs(text, _everything()) if len(text) > FEW_SIGNS else 0.0
    if encoding in _ALPHABETS:
        return _alphabet(text, _ALPHABETS[encoding])
    return max(_latin(text, letters) for letters in _LETTERS[encoding])


def _latin(text: str, letters: str) -> float:
    weights = _marks(text)
    known = 0.9 if letters == _ICELANDIC else 1.0
    for word in _WORD.findall(text):
        # A letter outside ASCII stands among those of ASCII; two may meet, as in “Zoë” and “naïveté”, but hardly three.
        is_sound = _is_cased(word) and all(len(run) < 3 for run in _FOREIGN.findall(word))
        weights += [known if is_sound and char.lower() in letters else 0.0 for char in word if _is_foreign(char)]
    return _mean(weights)


def _alphabet(text: str, letters: str) -> float:
    weights = _marks(text)
    for word in re.findall(r"[^\W\d_]+|[\u0e30-\u0e4e]", text):
        is_sound = not word[0].isascii() and not word[-1].isascii() and _is_cased(word)
        weights += [_rank(char.lower(), letters) if is_sound else 0.0 for char in word if _is_foreign(char)]
    return _mean(weights) if sum(map(_is_foreign, text)) > FEW_SIGNS else 0.0


def _signs(text: str, frequent: frozenset[str]) -> float:
    weights = []
    for at, char in enumerate(text):
        if char > "\x7f":
            beside = text[max(0, at - 1) : at] + text[at + 1 : at + 2]
            is_mixed = any(other.isascii() and other.isalnum() for other in beside)
            weights.append((0.5 if is_mixed else 1.0) if char in frequent else 0.0)
    return _mean(weights)


def _marks(text: str) -> list[float]:
    """Weigh the characters that are neither ASCII nor letters: quotes, dashes and the like."""
    weights = []
    for before, char, after in zip(f" {text}", text, f"{text[1:]} ", strict=False):
        if char > "\x7f" and not _is_foreign(char):
            is_misplaced = (char in _OPENING and before.isalpha()) or (char in _AFTER_NUMBERS and after.isalpha())
            weights.append(0.85 if char in _MARKS and not is_misplaced else 0.0)
    return weights


def _is_foreign(char: str) -> bool:
    return char > "\x7f" and (char.isalpha() or "\u0e30" <= char <= "\u0e4e")


def _is_cased(word: str) -> bool:
    return word == word.upper() or not any(char.isupper() for char in word[1:])


def _rank(char: str, letters: str) -> float:
    place = letters.find(char)
    return 0.0 if place < 0 else 1.0 if place < 12 else 0.8 if place < 22 else 0.4


def _mean(weights: list[float]) -> float:
    return sum(weights) / len(weights) if weights else 0.0


@lru_cache(maxsize=len(_ROWS))
def _frequent(encoding: str) -> frozenset[str]:
    standard, ranges = _ROWS[encoding]
    trails = (*range(0x40, 0x7F), *range(0xA1, 0xFF)) if standard == "big5" else range(0xA1, 0xFF)
    rows = [row for first, last in ranges for row in range(first, last + 1)]
    return frozenset("".join(bytes((row, trail)).decode(standard, "ignore") for row in rows for trail in trails))


@lru_cache(maxsize=1)
def _everything() -> frozenset[str]:
    letters = "".join((*_LATIN, _ICELANDIC, *_LETTERS["cp1250"], *_LETTERS["cp1257"], *_ALPHABETS.values(), _MARKS))
    return frozenset(letters).union(*map(_frequent, _ROWS))
