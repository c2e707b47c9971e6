"""Sharing contracts: read, checked, compiled, merged, chosen and compared. Pure."""
