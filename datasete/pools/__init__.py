"""Pools: curated, ordered pictures, each with a label and an optional mask."""

from datasete.pools.adding import Addition
from datasete.pools.admission import Refused, Upload
from datasete.pools.manifest import view
from datasete.pools.reading import PoolPicture
from datasete.pools.service import Pools

__all__ = ["Addition", "PoolPicture", "Pools", "Refused", "Upload", "view"]
