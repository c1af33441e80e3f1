"""The command line: ``datasete serve | run | doctor | plugins | bus | pool | batch``."""

from datasete.cli.main import main

__all__ = ["main"]
