"""Scrapy's settings and ours. The only module that reads the environment."""

import os
from pathlib import Path
from typing import Any

from crawler import __version__
from crawler.config import FILE_NAME, PREFIX, Config, load_config

BOT_NAME = "fengxiang"
SPIDER_LOADER_CLASS = "crawler.loader.SourceLoader"
SPIDER_MODULES = ["spiders"]  # used by SourceLoader: the families
ITEM_PIPELINES = {
    "pipelines.clean.Clean": 100,
    "pipelines.dedupe.Dedupe": 200,
    "pipelines.flag.Flag": 300,
    "pipelines.store.Store": 400,
}
EXTENSIONS = {
    "crawler.extensions.Reading": 0,
    "scrapy.extensions.telnet.TelnetConsole": None,  # default on
    "scrapy.extensions.logstats.LogStats": None,  # default on; `run` writes one line a source
}
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawler.middlewares.Robots": 100,
    "crawler.middlewares.RetryAfter": 560,  # nearer to the site than Scrapy's retries
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,  # would parse pages in this process
    # What nobody here uses takes time with every answer all the same.
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
    "scrapy.downloadermiddlewares.stats.DownloaderStats": None,
}
SPIDER_MIDDLEWARES = {
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
    "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware": None,
}

# Manners. A source file may be slower, never faster.
ROBOTSTXT_OBEY = True  # default False
CONCURRENT_REQUESTS = 1  # a source, default 16; RetryAfter rests on it
CONCURRENT_REQUESTS_PER_DOMAIN = 1  # default 8
CONCURRENT_ITEMS = 1  # default 100: as many tasks are made for each answer, and our steps wait for nothing
COOKIES_ENABLED = False  # default True
RETRY_TIMES = 2
RETRY_GIVE_UP_LOG_LEVEL = "DEBUG"  # default ERROR; the source's line says why it failed

# Bounds, so that no site can hold or fill this machine.
DOWNLOAD_MAXSIZE = 10 * 1024 * 1024  # default 1 GiB
DOWNLOAD_WARNSIZE = 0
REDIRECT_MAX_TIMES = 5  # default 20
DOWNLOAD_VERIFY_CERTIFICATES = True  # default False
GUARD = "crawler.guard.GuardedDownloads"
DOWNLOAD_HANDLERS = {"http": GUARD, "https": GUARD, "data": None, "file": None, "ftp": None, "s3": None}
TELNETCONSOLE_ENABLED = False  # default True
REMOTE_CONTROL_ENABLED = False  # default True
MEMUSAGE_LIMIT_MB = 1024

TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
FEED_EXPORTERS = {"jsonl": "crawler.exporters.ArticleLines", "jsonlines": "crawler.exporters.ArticleLines"}
LOG_LEVEL = "WARNING"
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

# In memory: a spider tried by hand marks nothing as seen and alerts nobody. `fengxiang run` puts the user's store here.
FENGXIANG_STORE = "sqlite://"
FENGXIANG_BACKFILL = False  # used by Store: what is old is counted, not told


def read_config() -> Config:
    """Return the settings of the file named by FENGXIANG_CONFIG, else of ./fengxiang.toml, else the defaults."""
    return load_config(Path(os.environ.get(PREFIX + "CONFIG") or FILE_NAME), os.environ)


def configured(config: Config) -> dict[str, Any]:
    """Return the settings that follow from the user's."""
    contact = f"; +{config.crawl.contact}" if config.crawl.contact else ""
    return {
        "USER_AGENT": f"Mozilla/5.0 (compatible; Fengxiang/{__version__}{contact})",
        "ROBOTSTXT_USER_AGENT": "Fengxiang",
        "DOWNLOAD_DELAY": config.crawl.delay,
        "DOWNLOAD_TIMEOUT": config.crawl.timeout,  # default 180
        "FENGXIANG_CONFIG": config,  # used by SourceLoader, Reading and Flag
    }


globals().update(configured(read_config()))
