"""A corner of the sample web for each family of sites, with the traps that such sites set."""

from crawler.sample.families.texts import Planted
from crawler.sample.families.web import FamilyWeb

__all__ = ["FamilyWeb", "Planted"]
