"""Health: how each source fares against its own rhythm, why one fails, and who was told. Fetches nothing itself."""

from crawler.health.causes import CAUSES, Cause
from crawler.health.daily import tell_day
from crawler.health.judge import judge
from crawler.health.watch import Watch

__all__ = ["CAUSES", "Cause", "Watch", "judge", "tell_day"]
