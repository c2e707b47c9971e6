"""`privacy-service breach`, with all that it does: reading, saying, and notices."""

from __future__ import annotations

from privacy_service.commands import breach_saying as _saying
from privacy_service.commands.breach import breach
from privacy_service.commands.breach_notice import notice

assert _saying  # its commands are part of `breach` once it is imported
breach.add_typer(notice, name="notice")
