"""ComfyUI's door to Datasete. Anything else may import it too: without ComfyUI, it only lists the nodes.

ComfyUI loads this file under a module name made from its path, and ``custom_nodes`` is not on ``sys.path``. So it loads
the package, and has the bundled plugins found, under their own names; nothing is added to ``sys.path``.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

WEB_DIRECTORY: str | None = "./web"
NODE_CLASS_MAPPINGS: dict[str, type] = {}
NODE_DISPLAY_NAME_MAPPINGS: dict[str, str] = {}

__all__ = ["NODE_CLASS_MAPPINGS", "NODE_DISPLAY_NAME_MAPPINGS", "WEB_DIRECTORY"]

_ROOT = Path(__file__).resolve().parent
_PACKAGE = "datasete"
_logger = logging.getLogger(_PACKAGE)


def _load(name: str, folder: Path) -> ModuleType:
    """Import the package in `folder` as `name`, unless a package of that name is imported already."""
    present = sys.modules.get(name)
    if present is not None and not _is_this_door(present):
        return present
    spec = _spec(name, folder)
    if spec is None or spec.loader is None:
        raise ImportError(f"{folder} cannot be loaded", name=name)
    # A clone called like the package, imported by that name from the folder above it, is replaced by the package.
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


class _BundledPlugins(MetaPathFinder):
    """Finds the packages in ``plugins`` under their own names when the plugin manager imports them, each in a guard."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """As the import system asks; None for everything that is not ours."""
        del path, target
        folder = _ROOT / "plugins" / name
        found = name.startswith(_PACKAGE) and "." not in name and (folder / "__init__.py").is_file()
        return _spec(name, folder) if found else None


def _spec(name: str, folder: Path) -> ModuleSpec | None:
    return importlib.util.spec_from_file_location(
        name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )


def _is_this_door(module: ModuleType) -> bool:
    return module.__name__ == __name__ and getattr(module, "_ROOT", None) == _ROOT


def _report_other_copy(present: ModuleType) -> None:
    place = Path(getattr(present, "__file__", None) or "").resolve().parent
    if place != _ROOT / _PACKAGE:
        version = getattr(present, "__version__", "")
        _logger.warning(
            "%s %s from %s is imported already and is used, not %s.", _PACKAGE, version, place, _ROOT / _PACKAGE
        )


def _open() -> None:
    global WEB_DIRECTORY  # noqa: PLW0603 - what ComfyUI reads
    package = _load(_PACKAGE, _ROOT / _PACKAGE)
    if not any(isinstance(finder, _BundledPlugins) for finder in sys.meta_path):
        sys.meta_path.insert(0, _BundledPlugins())
    from datasete import nodes
    from datasete.comfy.host import is_running, start
    from datasete.comfy.web_folder import web_directory

    if is_running():
        # Its modules would register every tab and command once more, and its nodes would take the help pages away.
        WEB_DIRECTORY = None
        used = Path(package.__file__ or "").resolve().parents[1]
        _logger.warning("Datasete runs from %s; the copy in %s does nothing. Remove one of the two.", used, _ROOT)
        return
    _report_other_copy(package)
    start()
    WEB_DIRECTORY = web_directory(Path(__file__).parent.name, _ROOT / "web")
    NODE_CLASS_MAPPINGS.update(nodes.NODE_CLASS_MAPPINGS)
    NODE_DISPLAY_NAME_MAPPINGS.update(nodes.NODE_DISPLAY_NAME_MAPPINGS)


def _open_or_say_why() -> None:
    try:
        _open()
    except ImportError as error:
        command = f'"{sys.executable}" -m pip install -r "{_ROOT / "requirements.txt"}"'
        _logger.error("Datasete is off, because %s. Install what it needs: %s", error, command)  # noqa: TRY400 - one line
    except Exception as error:
        if not hasattr(error, "hint"):  # not one of ours: ComfyUI logs it whole, and goes on
            raise
        _logger.error("Datasete is off. %s", error)  # noqa: TRY400 - one line


_open_or_say_why()
