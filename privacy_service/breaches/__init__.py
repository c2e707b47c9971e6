"""Breaches: what is said of an incident, what law asks for then, and by when."""
