"""The embedded host: the genuine ComfyUI frontend, the pack's nodes and a small executor, with no ComfyUI installed."""
