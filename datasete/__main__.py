"""Runs the command line as ``python -m datasete``."""

import sys

from datasete.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
