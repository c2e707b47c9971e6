"""Where checkpoints go so that they outlive the database: a place that is only ever added to,
witnesses, and time-stamp authorities. An edge: files, object stores, HTTP.
"""
