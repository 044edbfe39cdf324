"""What the commands share."""

from crawler.config import Config


def read_config() -> Config:
    """Return the user's settings. Late, as the settings module reads them when it is imported."""
    from crawler import settings

    return settings.read_config()
