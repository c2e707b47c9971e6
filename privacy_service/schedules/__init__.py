"""Retention schedules: how long what is kept may stay, how long it must, and then what. Pure."""
