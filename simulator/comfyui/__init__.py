"""ComfyUI's own HTTP: graphs in, a history to ask, pictures to view."""
