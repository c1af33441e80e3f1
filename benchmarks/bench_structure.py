"""How the code is laid out, in figures: what a reader meets first. ``python benchmarks/bench_structure.py [CLONE]``.

Python is ``datasete`` and ``plugins``, the front end is ``web``. Examples, benchmarks and
the insides of tests are not measured.
"""

from __future__ import annotations

import ast
import io
import re
import statistics
import sys
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from verdict import Figure, conclude

RUN_LINES = 6
"""So many equal lines in a row make two places duplicates."""

CODE = ("datasete", "plugins")
PROSE = (*CODE, "web", "docs", "locales", "README.md", "CONTRIBUTING.md")
LOOSE = re.compile(r"\bis no (?!longer|more)[a-z]")
JS_IMPORT = re.compile(r'^\s*(?:import|export)[^"]*?from "(\.[^"]+)"|^import "(\.[^"]+)"', re.MULTILINE)


@dataclass(frozen=True)
class Module:
    """One Python file."""

    path: Path
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def lines(self) -> int:
        """How many lines are not blank."""
        return sum(bool(line.strip()) for line in self.text.splitlines())

    @property
    def comments(self) -> int:
        tokens = tokenize.generate_tokens(io.StringIO(self.text).readline)
        return sum(token.type == tokenize.COMMENT and "noqa" not in token.string for token in tokens)

    @property
    def imports(self) -> int:
        nodes = [node for node in ast.walk(self.tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
        return sum((node.end_lineno or node.lineno) - node.lineno + 1 for node in nodes)

    def functions(self) -> Iterator[int]:
        """The lines of each function, its docstring included."""
        for node in ast.walk(self.tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield (node.end_lineno or node.lineno) - node.lineno + 1


def python_modules(root: Path) -> list[Module]:
    """The modules of the pack and its plugins, the packages' own ``__init__`` included."""
    paths = sorted(path for part in CODE for path in (root / part).rglob("*.py"))
    return [Module(path.relative_to(root), path.read_text("utf-8")) for path in paths]


def siblings(modules: Iterable[Module]) -> Counter[Path]:
    """How many modules each folder of the pack shows, special ones left out."""
    return Counter(module.path.parent for module in modules if not module.path.stem.startswith("__"))


def python_arrows(modules: Iterable[Module]) -> dict[str, set[str]]:
    """Which module imports which at its top, where importing it in a circle would fail."""
    names = {_dotted(module.path): module for module in modules}
    return {name: set(_imported(module, names)) - {name} for name, module in names.items()}


def _dotted(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[1:] if parts[0] == "plugins" else parts).removesuffix(".__init__")


def _imported(module: Module, names: Mapping[str, Module]) -> Iterator[str]:
    for node in module.tree.body:
        if isinstance(node, ast.ImportFrom) and node.module:
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (
                name if name in names else node.module for name in inner if name in names or node.module in names
            )
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in names)


def web_arrows(root: Path) -> dict[str, set[str]]:
    """Which folder of ``web/lib`` imports from which; its loose modules count as the folder ``core``."""
    library = root / "web" / "lib"
    arrows: dict[str, set[str]] = defaultdict(set)
    for path in library.rglob("*.js"):
        for match in JS_IMPORT.finditer(path.read_text("utf-8")):
            target = (path.parent / (match[1] or match[2])).resolve()
            if target.is_relative_to(library.resolve()):
                arrows[_room(path, library)].add(_room(target, library.resolve()))
    return {room: targets - {room} for room, targets in arrows.items()}


def _room(path: Path, library: Path) -> str:
    parts = path.relative_to(library).parts
    return parts[0] if len(parts) > 1 else "core"


def circles(arrows: Mapping[str, set[str]]) -> list[list[str]]:
    """The groups of modules that import one another (Tarjan's strongly connected components, of two and more)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        number[name] = low[name] = len(number)
        stack.append(name)
        for target in arrows.get(name, ()):
            if target not in number:
                visit(target)
                low[name] = min(low[name], low[target])
            elif target in stack:
                low[name] = min(low[name], number[target])
        if low[name] == number[name]:
            place = stack.index(name)
            group = stack[place:]
            del stack[place:]
            if len(group) > 1:
                found.append(group)

    for name in arrows:
        if name not in number:
            visit(name)
    return found


def duplicate_pairs(texts: Mapping[Path, str]) -> set[tuple[Path, Path]]:
    """Pairs of files that share `RUN_LINES` equal lines of code in a row; imports and lone brackets do not count."""
    places: dict[tuple[str, ...], set[Path]] = defaultdict(set)
    for path, text in texts.items():
        lines = [line.strip() for line in text.splitlines()]
        lines = [
            line
            for line in lines
            if re.search(r"\w", line) and not line.startswith(("import ", "from ", "#", "//", "*"))
        ]
        for start in range(len(lines) - RUN_LINES + 1):
            places[tuple(lines[start : start + RUN_LINES])].add(path)
    return {(one, other) for group in places.values() for one in group for other in group if one < other}


def mirrored_tests(root: Path) -> float:
    """The share of test files, but for the browser's, whose path is that of the module they are named after."""
    tests = [path.relative_to(root / "tests") for path in (root / "tests").rglob("test_*.py")]
    tests = [path for path in tests if path.parts[0] != "browser"]
    return sum(_tested(root, path).is_file() for path in tests) / len(tests)


def _tested(root: Path, test: Path) -> Path:
    module = test.with_name(test.name.removeprefix("test_"))
    return root / module if test.parts[0] == "plugins" else root / "datasete" / module


def phrases(root: Path) -> int:
    """How often a text says that something "is no" something, where English would negate the verb."""
    suffixes = {".py", ".js", ".md", ".json"}
    parts = [root / part for part in PROSE]
    files = [
        path for part in parts for path in ([part] if part.is_file() else part.rglob("*")) if path.suffix in suffixes
    ]
    return sum(len(LOOSE.findall(path.read_text("utf-8"))) for path in files)


def main(root: Path) -> int:
    """Measure a clone; return the exit status."""
    modules = python_modules(root)
    scripts = {path: path.read_text("utf-8") for path in sorted((root / "web").rglob("*.js"))}
    folders = siblings(modules)
    lines = sum(module.lines for module in modules)
    whole = sum(len(module.text.splitlines()) for module in modules)
    functions = [lines for module in modules for lines in module.functions()]
    texts = {module.path: module.text for module in modules} | scripts
    largest = max(len(text.splitlines()) for text in texts.values())
    rings = [*circles(python_arrows(modules)), *circles(web_arrows(root))]
    for ring in rings:
        print("circle:", " <-> ".join(sorted(ring)))
    return conclude(
        Figure("modules in a folder, median", statistics.median(folders.values()), 8, ""),
        Figure("modules in a folder, most", max(folders.values()), 17, ""),
        Figure("loose modules at the top of datasete", folders[Path("datasete")], 7, ""),
        Figure("lines that are imports", 100 * sum(module.imports for module in modules) / whole, 8, "%"),
        Figure("lines of a function, 90th percentile", statistics.quantiles(functions, n=10)[-1], 16, ""),
        Figure("lines of the largest file", largest, 300, ""),
        Figure("circles of imports", len(rings), 0, ""),
        Figure("pairs of files with duplicate code, a file", len(duplicate_pairs(texts)) / len(texts), 0.11, ""),
        Figure(
            "comments in a hundred lines",
            100 * sum(module.comments for module in modules) / lines,
            2,
            "",
            at_least=True,
        ),
        Figure("test files that mirror a module", 100 * mirrored_tests(root), 65, "%", at_least=True),
        Figure("“is no …” in texts", phrases(root), 20, ""),
    )


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if sys.argv[1:] else Path(__file__).parents[1])))
