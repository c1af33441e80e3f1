"""What the pack needs of a host: folders, events, and a queue of runs."""
