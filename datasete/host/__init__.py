"""What the pack needs from its host: folders, events and a queue of runs."""
