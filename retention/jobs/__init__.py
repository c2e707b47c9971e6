"""The jobs: one module each, with one `JOB`."""
