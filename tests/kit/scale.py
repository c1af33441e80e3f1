"""How much of something a run tries: a sample on a person's machine, more in CI, everything in `make campaign`."""

import os


def rounds(sample, ci, campaign=None):
    """Choose a number of rounds by ``CI=true`` and ``DATASETE_CAMPAIGN=true``."""
    if os.environ.get("DATASETE_CAMPAIGN"):
        return ci if campaign is None else campaign
    return ci if os.environ.get("CI") else sample
