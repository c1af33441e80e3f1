"""Work in threads of our own: in bulkheads, and in tasks that can be cancelled while they run."""
