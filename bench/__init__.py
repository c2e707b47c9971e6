"""Measurements, side by side in one run: `python -m bench --help`. Never a test that is timed."""
