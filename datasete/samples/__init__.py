"""What the example workflows work with: photographs below the input folder, and a profile of them."""

from __future__ import annotations

from datasete.samples.files import BESIDE, FOLDER, PHOTOGRAPHS, place_photographs
from datasete.samples.profile import NAME, SAMPLES, make_profile, make_samples

__all__ = ["BESIDE", "FOLDER", "NAME", "PHOTOGRAPHS", "SAMPLES", "make_profile", "make_samples", "place_photographs"]
