"""What is sealed, recorded and kept: where the store and the keys meet.

Edges never import each other; this room joins the two, `records/` and `store/`, and nothing else.
"""
