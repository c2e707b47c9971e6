"""Every job there is: one module in `retention/jobs/` each."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module

from croniter import croniter

import retention.jobs
from privacy_service import errors
from privacy_service.errors import PrivacyError
from retention.job import Job


def all_jobs() -> tuple[Job, ...]:
    """Every job, by name. Raises ValueError for two of one name."""
    modules = pkgutil.iter_modules(retention.jobs.__path__, "retention.jobs.")
    found: list[Job] = [import_module(module.name).JOB for module in modules]
    if len({job.name for job in found}) < len(found):
        raise ValueError("two jobs have one name")
    return tuple(sorted(found, key=lambda job: job.name))


def scheduled(jobs: tuple[Job, ...], schedules: Mapping[str, str]) -> tuple[Job, ...]:
    """The jobs with the schedules of the settings. Raises SETTINGS_INVALID for a schedule of a job
    that there is not, and for one that is no cron expression.
    """
    unknown = set(schedules) - {job.name for job in jobs}
    if unknown or not all(croniter.is_valid(cron) for cron in schedules.values()):
        raise PrivacyError(errors.SETTINGS_INVALID, setting="jobs.schedules")
    return tuple(replace(job, cron=schedules.get(job.name, job.cron)) for job in jobs)


def named(jobs: tuple[Job, ...], name: str) -> Job:
    """Raises JOB_NOT_FOUND."""
    for job in jobs:
        if job.name == name:
            return job
    raise PrivacyError(errors.JOB_NOT_FOUND, job=name)
