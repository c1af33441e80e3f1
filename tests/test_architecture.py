"""docs/architecture.md against the tree."""

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`((?:datasete|plugins|web)/[\w/.]+)`", PAGE)))


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def rows(title: str) -> list[list[str]]:
    lines = [line for line in section(title).splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[1:]]


def rooms() -> list[str]:
    inside = [path for part in ("datasete", "plugins") for path in (ROOT / part).iterdir()]
    kept = [path for path in inside if not path.name.startswith(("_", "."))]
    found = [path for path in kept if path.suffix == ".py" or (path / "__init__.py").is_file()]
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


def test_every_package_is_named_with_one_sentence() -> None:
    assert sorted(name.strip("`") for name, _ in rows("Packages")) == rooms()


@pytest.mark.parametrize("path", NAMED)
def test_what_the_page_names_exists(path: str) -> None:
    assert (ROOT / path).exists()


def test_a_word_has_one_meaning() -> None:
    words = Counter(word for word, _ in rows("Words"))
    assert len(words) >= 20
    assert max(words.values()) == 1
    assert list(words) == sorted(words)
