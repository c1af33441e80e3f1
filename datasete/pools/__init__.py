"""Pools: curated pictures in order, each with a label and perhaps a mask."""

from datasete.pools.adding import Adding
from datasete.pools.admission import Refused, Upload
from datasete.pools.manifest import view
from datasete.pools.reading import Picture
from datasete.pools.service import Pools

__all__ = ["Adding", "Picture", "Pools", "Refused", "Upload", "view"]
