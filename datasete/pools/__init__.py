"""Pools: curated pictures in order, each with a label and perhaps a mask."""

from datasete.pools.adding import Adding
from datasete.pools.service import Picture, Pools, Refused
from datasete.pools.uploads import Upload
from datasete.pools.view import view

__all__ = ["Adding", "Picture", "Pools", "Refused", "Upload", "view"]
