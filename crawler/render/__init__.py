"""Pages that need JavaScript: a download handler that reads them through a browser. Only for sources with `render`."""

from crawler.render.handler import RenderedDownloads, Unrendered

__all__ = ["RenderedDownloads", "Unrendered"]
