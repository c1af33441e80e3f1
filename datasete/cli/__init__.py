"""The command line: ``datasete serve | doctor | plugins | bus``."""

from datasete.cli.main import main

__all__ = ["main"]
