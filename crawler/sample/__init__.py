"""A small web of our own, served over real sockets: the sites of the demo and of the tests.

It imitates the markup and the manners of real sites; every text in it is invented. Nothing outside this
package knows that the sites it reads are ours.
"""

from crawler.sample.server import Hit
from crawler.sample.texts import SampleArticle, Trap
from crawler.sample.web import SampleWeb

__all__ = ["Hit", "SampleArticle", "SampleWeb", "Trap"]
