"""The wiring: the only room that names every concrete class, a module for each part."""
