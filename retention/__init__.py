"""What was promised about data afterwards, kept: the jobs, and the durable engine behind them.

A request writes what should become true, in its own transaction; a job makes it true. This package
imports `privacy_service`, which never imports it: docs/jobs.md.
"""
