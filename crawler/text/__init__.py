"""Clean Chinese text for display, and fold it for matching. Pure: text in, text out, nothing is fetched or stored."""

from crawler.text.cleaning import Cleaned, clean, clean_name, clean_text
from crawler.text.matching import canonical

__all__ = ["Cleaned", "canonical", "clean", "clean_name", "clean_text"]
