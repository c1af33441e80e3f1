"""ComfyUI as the host. The only package that imports ComfyUI, always lazily."""
