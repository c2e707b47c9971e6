"""Scenarios: what a partner is asked and answers, played through a behavior contract."""
