"""`privacy-service behavior`: what an AI partner may answer."""

from __future__ import annotations

from privacy_service.commands import behavior_live
from privacy_service.commands.behavior_local import behavior

__all__ = ["behavior", "behavior_live"]
