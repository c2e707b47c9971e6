"""Consent, legal holds, and what they are about. Pure: no I/O, no clock."""
