"""What systems and Python do differently, or not strictly enough: moving files, variables, JSON."""
