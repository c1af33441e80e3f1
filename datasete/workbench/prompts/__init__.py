"""Checks prompts as ComfyUI does, before they are queued, and says in its words what is wrong."""
