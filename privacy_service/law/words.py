"""A rule's deadline as a sentence for a person."""

from __future__ import annotations

from privacy_service.law.rules import FILING, Period, Rule, Shape

_UNITS = {
    Shape.HOURS: "hours",
    Shape.DAYS: "days",
    Shape.WORKING_DAYS: "working days",
    Shape.MONTHS: "months",
    Shape.YEAR_END_DAYS: "days after the end of the year of",
}


def in_words(rule: Rule) -> str:
    """`72 hours from awareness`; where law names no number, its words and our own target."""
    deadline = rule.deadline
    if deadline.target is not None:
        return f"{deadline.no_number} (own target: {_period(deadline.target)})"
    return ", or if earlier ".join(_period(period) for period in deadline.periods)


def named(time: str) -> str:
    """A time that starts a clock, as one says it."""
    if time.startswith(FILING):
        return f"the filing under {time.removeprefix(FILING)}"
    return time.replace("_", " ")


def _period(period: Period) -> str:
    origin = " or ".join(named(time) for time in period.origin)
    unit = _UNITS[period.shape]
    if period.length == 1:
        unit = unit.replace("hours", "hour").replace("months", "month").replace("days", "day")
    joint = "" if period.shape is Shape.YEAR_END_DAYS else "from "
    return f"{period.length} {unit} {joint}{origin}"
