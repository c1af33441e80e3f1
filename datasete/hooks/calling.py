"""Calls a hook in one of two ways: until one plugin answers, or each plugin on its own.

The only module that touches pluggy's hook object, and the only one that turns what a plugin raises into our errors.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, NamedTuple

import pluggy

from datasete.errors import DataseteError, StoreError

logger = logging.getLogger(__name__)

UNCHANGED: Final = "Nothing was changed. The log has the details."


class PluginCall(NamedTuple):
    """The call of one plugin's implementation of a hook, with the plugin's name: its faults are logged under it."""

    plugin: str
    call: Callable[[], object]


def call_first(manager: pluggy.PluginManager, hook: str, **arguments: object) -> Any:
    """The first answer that is not None; None when every plugin declines. Errors pass: see `translated`."""
    return getattr(manager.hook, hook)(**arguments)


def call_each(manager: pluggy.PluginManager, hook: str, **arguments: object) -> Iterator[PluginCall]:
    """One call for each plugin that implements the hook, in the order in which pluggy would make them.

    Wrappers run around each of these calls: a call on its own has nothing else to be wrapped in.
    """
    caller: pluggy.HookCaller = getattr(manager.hook, hook)
    takes_first = caller.spec is not None and caller.spec.opts.get("firstresult", False)
    implementations = [each for each in caller.get_hookimpls() if not (each.wrapper or each.hookwrapper)]
    for one in reversed(implementations):
        others = [each.plugin for each in implementations if each is not one]
        call = partial(manager.subset_hook_caller(hook, others), **arguments)
        yield PluginCall(one.plugin_name, call if takes_first else partial(_only_answer, call))


@contextmanager
def translated(
    failure: str, hint: str = UNCHANGED, passing: tuple[type[Exception], ...] = (DataseteError, OSError)
) -> Iterator[None]:
    """Turn what a plugin raises into a `StoreError` that begins with `failure`; errors in `passing` are left alone.

    The plugin's own text goes only to the log: it may quote a secret.
    """
    try:
        yield
    except passing:
        raise
    except Exception as error:
        logger.exception("%s: a plugin failed.", failure)
        raise StoreError(f"{failure}: a plugin failed with {type(error).__name__}.", hint=hint) from error


def _only_answer(call: Callable[[], list[object]]) -> object:
    # pluggy collects answers in a list, and leaves out those that are None
    answers = call()
    return answers[0] if answers else None
