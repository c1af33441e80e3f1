"""ComfyUI as the host. The only package that imports ComfyUI, and only inside functions."""
