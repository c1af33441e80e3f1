"""What a batch writes: where results may go, which names they get, and writing them atomically."""
