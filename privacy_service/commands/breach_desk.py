"""`privacy-service breach`, with all that it does: reading, saying, containing, and notices."""

from __future__ import annotations

from privacy_service.commands import breach_bounces as _bounces
from privacy_service.commands import breach_contain as _contain
from privacy_service.commands import breach_export as _export
from privacy_service.commands import breach_register as _register
from privacy_service.commands import breach_reinspect as _reinspect
from privacy_service.commands import breach_saying as _saying
from privacy_service.commands import breach_today as _today
from privacy_service.commands.breach import breach
from privacy_service.commands.breach_mailing import mailing
from privacy_service.commands.breach_notice import notice

# Their commands are part of `breach` once they are imported.
assert _bounces
assert _contain
assert _export
assert _register
assert _reinspect
assert _saying
assert _today
breach.add_typer(notice, name="notice")
breach.add_typer(mailing, name="mailing")
