"""The publication protocol of a slot, one step a module. ``docs/publication.md`` tells it as a whole.

Bytes only: nothing here knows tensors, nodes or routes. `datasete.bus` is the service that calls these steps.
"""
