"""Addresses: which are settled, which are set aside and when they are tried again, and which lists are swept."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, insert, or_, select, update

from crawler.store.database import Database
from crawler.store.schema import pages, sweeps

# A page that cannot be read or is missing is asked for again after these spans, then never.
RETRY_AFTER = (timedelta(hours=1), timedelta(hours=6), timedelta(days=1))


@dataclass(slots=True, frozen=True)
class Validators:
    """What a server gave us to ask whether a page changed."""

    etag: str | None = None
    last_modified: str | None = None


class Pages(Database):
    """Questions about addresses."""

    def settled(self, canonical_urls: Iterable[str], now: datetime) -> set[str]:
        """Return those of the addresses that are not to be asked for now."""
        waiting = or_(pages.c.next_try.is_(None), pages.c.next_try > now)
        query = select(pages.c.canonical_url).where(pages.c.canonical_url.in_(list(canonical_urls)), waiting)
        with self.reading() as connection:
            return set(connection.execute(query).scalars())

    def set_aside(self, canonical_url: str, source: str, state: str, reason: str, now: datetime) -> None:
        """Note that a page was "missing" or is "quarantined" and when it is tried again."""
        here = pages.c.canonical_url == canonical_url
        with self.writing() as connection:
            known = connection.execute(select(pages.c.attempts).where(here)).scalar_one_or_none()
            tries = known or 0
            next_try = now + RETRY_AFTER[tries] if tries < len(RETRY_AFTER) else None
            values = {"state": state, "reason": reason, "attempts": tries + 1, "next_try": next_try}
            if known is None:
                row = {"canonical_url": canonical_url, "source": source, "seen_at": now}
                connection.execute(insert(pages).values(values | row))
            else:
                connection.execute(update(pages).where(here).values(values))

    def pages_to_retry(self, source: str, now: datetime) -> list[str]:
        """Return the addresses of a source that were set aside and are due again."""
        query = select(pages.c.canonical_url).where(pages.c.source == source, pages.c.next_try <= now)
        with self.reading() as connection:
            return list(connection.execute(query).scalars())

    def try_again(self, names: Iterable[str], now: datetime) -> int:
        """Let pages that were set aside be asked for in the next run, by source or address; return how many."""
        wanted = list(names)
        named = or_(pages.c.source.in_(wanted), pages.c.canonical_url.in_(wanted))
        chosen = and_(named, pages.c.state.in_(("missing", "quarantined")))
        with self.writing() as connection:
            return connection.execute(update(pages).where(chosen).values(next_try=now, attempts=0)).rowcount

    def quarantine(self) -> list[tuple[str, str, str, int]]:
        """Return (source, address, reason, attempts) of every page that could not be read."""
        columns = (pages.c.source, pages.c.canonical_url, pages.c.reason, pages.c.attempts)
        query = select(*columns).where(pages.c.state == "quarantined").order_by(*columns[:2])
        with self.reading() as connection:
            return [(row[0], row[1], row[2], row[3]) for row in connection.execute(query)]

    def set_aside_pages(self) -> list[tuple[str, str, str]]:
        """Return (address, state, reason) of every page that gave no article."""
        columns = (pages.c.canonical_url, pages.c.state, pages.c.reason)
        query = select(*columns).where(pages.c.state.in_(("missing", "quarantined"))).order_by(pages.c.canonical_url)
        with self.reading() as connection:
            return [(row[0], row[1], row[2]) for row in connection.execute(query)]

    def last_sweep(self, source: str, url: str) -> Validators | None:
        """Return what the server gave for a source's list when all its articles were settled; None if they are not."""
        query = select(sweeps.c.etag, sweeps.c.last_modified).where(_sweep(source, url), sweeps.c.settled)
        with self.reading() as connection:
            row = connection.execute(query).one_or_none()
        return Validators(*row) if row else None

    def begin_sweep(self, source: str, url: str) -> None:
        """Note that the list has something new: until `end_sweeps` it is read whole, even after a crash."""
        if self.last_sweep(source, url):  # to write waits for other processes that write
            with self.writing() as connection:
                connection.execute(update(sweeps).where(_sweep(source, url)).values(settled=False))

    def end_sweeps(self, source: str, found: Mapping[str, Validators], now: datetime) -> None:
        """Note that all articles of the lists are settled, and what the servers gave to ask for changes."""
        with self.writing() as connection:
            for url, given in found.items():
                connection.execute(delete(sweeps).where(_sweep(source, url)))
                row = {"source": source, "url": url, "etag": given.etag, "last_modified": given.last_modified}
                connection.execute(insert(sweeps).values(row | {"settled": True, "settled_at": now}))

    def carry_sweeps_on(self, source: str, lists: Iterable[str], now: datetime) -> None:
        """Note that all articles of the lists are settled but those that did not come; they are read whole again."""
        with self.writing() as connection:
            for url in lists:
                connection.execute(update(sweeps).where(_sweep(source, url)).values(settled=False, settled_at=now))

    def swept_at(self, source: str, url: str) -> datetime | None:
        """Return when all articles of the list were last settled; None if they never were."""
        with self.reading() as connection:
            return connection.execute(select(sweeps.c.settled_at).where(_sweep(source, url))).scalar_one_or_none()

    def any_known(self, canonical_urls: Iterable[str], until: datetime) -> bool:
        """Return whether one of the addresses was known at a moment already."""
        query = select(pages.c.canonical_url).where(pages.c.canonical_url.in_(list(canonical_urls)))
        with self.reading() as connection:
            return connection.execute(query.where(pages.c.seen_at <= until).limit(1)).first() is not None


def _sweep(source: str, url: str) -> ColumnElement[bool]:
    return and_(sweeps.c.source == source, sweeps.c.url == url)
