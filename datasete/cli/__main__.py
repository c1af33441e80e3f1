"""Runs the command line as ``python -m datasete.cli``."""

import sys

from datasete.cli.main import main

sys.exit(main())
