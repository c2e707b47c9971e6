"""Pages for people who have no client: the edge to HTTP (starlette, uvicorn)."""
