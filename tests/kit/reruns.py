"""One more attempt for a browser test that failed, with ``CI=true``, and a list of those that needed it.

In a browser the clock of a busy machine takes part, and one unlucky moment must not cost a run of an hour. The list,
at the very end of the output, keeps such a moment from going unseen when the run is green.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

import pytest

WIDTH = 160


def rerun_once_in_ci(items: Iterable[pytest.Item]) -> None:
    """Let each of `items` run once more when it fails; by hand, a failure is a failure."""
    if os.environ.get("CI"):
        for item in items:
            item.add_marker(pytest.mark.flaky(reruns=1))


def is_rerun(item: pytest.Item) -> bool:
    """Whether the test failed before in this run, so that what it shares with others may be in any state."""
    return getattr(item, "execution_count", 1) > 1


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    """List, after all other output, the tests that ran twice."""
    yield
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:  # a worker of xdist
        return
    firsts: dict[str, pytest.TestReport] = {}
    for report in reporter.stats.get("rerun", ()):
        firsts.setdefault(report.nodeid, report)
    if not firsts:
        return
    failed_again = {report.nodeid for kind in ("failed", "error") for report in reporter.stats.get(kind, ())}
    reporter.write_sep("=", "failed, and ran once more", yellow=True)
    for name, report in firsts.items():
        outcome = "failed again" if name in failed_again else "then passed"
        reporter.write_line(f"{name} ({outcome}): {first_line(report)}", yellow=True)


def first_line(report: pytest.TestReport) -> str:
    """The error of a report in one line."""
    crash = getattr(report.longrepr, "reprcrash", None)
    lines = (crash.message if crash else report.longreprtext).strip().splitlines() or ["no message"]
    return lines[0] if len(lines[0]) <= WIDTH else lines[0][: WIDTH - 1] + "…"
