"""List pages in the formats that families use: HTML, records in CDATA, JSON, feeds, sitemaps.

Pure: bytes to links. Runs in the reading processes, for everything here comes from strangers.
"""
