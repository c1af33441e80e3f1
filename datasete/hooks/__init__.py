"""Our side of the plugins: loading them, and calling their hooks through typed methods."""
