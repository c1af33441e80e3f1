"""Pools: curated pictures in order, each with a label and perhaps a mask."""

from datasete.pools.adding import Adding
from datasete.pools.admission import Refused, Upload
from datasete.pools.looking import Picture
from datasete.pools.service import Pools
from datasete.pools.view import view

__all__ = ["Adding", "Picture", "Pools", "Refused", "Upload", "view"]
