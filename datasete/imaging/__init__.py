"""Encode and decode pictures: PNG, masks, previews.

`chunks`, `formats`, `image_header` and `seal` need bytes only, and import neither torch nor numpy; the others do.
"""
