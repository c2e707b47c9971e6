"""Pages for data-protection officers and auditors: what waits, what is due and why, and the acts.

A client of the service like any other: it holds no data and no key, and may do what the token of
the person in front of it may do. No script runs in its pages, and nothing comes from elsewhere.
"""
