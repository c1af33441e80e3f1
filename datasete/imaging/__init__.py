"""Pictures as bytes, and back: PNG, masks, previews.

``header`` and ``seal`` look at bytes only and import neither torch nor numpy; everything else does.
"""
