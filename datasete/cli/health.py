"""The commands ``datasete doctor`` and ``datasete plugins``."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from datasete.application import PACK_ROOT, Application
from datasete.cli import copying
from datasete.cli.output import Commands, Result, foreign_objects, table
from datasete.config import settings_file
from datasete.doctor import Report, examine


def add_commands(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add both commands to the parser."""
    doctor = commands.add_parser("doctor", parents=[common], help="probe every space, and say what is not safe there")
    doctor.set_defaults(command=run_doctor)
    plugins = commands.add_parser(
        "plugins", parents=[common], help="list plugins, where they come from and which hooks they fill"
    )
    plugins.set_defaults(command=run_plugins)


def run_doctor(application: Application, options: argparse.Namespace) -> Result:
    """Probe every space; exit status 1 when one is not safe."""
    file = settings_file(options.data / "user", PACK_ROOT)
    read: dict[str, object] = {"data": str(options.data), "configuration": str(file) if file else ""}
    reports = [examine(space, application.storage) for space in application.spaces().values()]
    reports[0].hint = reports[0].hint or copying.left_behind(application)  # the bus is always the first
    lines = [line for report in reports for line in _report_lines(report)]
    lines = [f"data           {options.data}", f"configuration  {file or 'no datasete.toml found'}", *lines]
    status = 0 if all(each.ok for each in reports) else 1
    return Result([report.as_dict() for report in reports], lines, status=status, notes=read)


def run_plugins(application: Application, options: argparse.Namespace) -> Result:
    """List all plugins, those that were left out included."""
    del options
    plugins = application.hooks.plugins
    rows = [(plugin.name, plugin.origin, ", ".join(plugin.hooks) or plugin.fault) for plugin in plugins]
    return Result([asdict(plugin) for plugin in plugins], table(rows, ("PLUGIN", "FROM", "HOOKS")))


def _report_lines(report: Report) -> list[str]:
    mark = "ok  " if report.ok else "FAIL"
    trip = f" ({report.round_trip_ms:g} ms a round trip)" if report.round_trip_ms is not None else ""
    return [f"{mark}  {report.space}  {report.url}{trip}", *(f"      {line}" for line in _sentences(report))]


def _sentences(report: Report) -> list[str]:
    return [line for line in (report.verdict, report.hint, _content(report)) if line]


def _content(report: Report) -> str:
    if report.slots is None:
        return ""
    slots = "1 slot" if report.slots == 1 else f"{report.slots} slots"
    return f"{slots}. {foreign_objects(report.foreign)}".rstrip() if report.foreign else f"{slots}."
