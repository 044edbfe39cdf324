"""What went wrong with a request or in a step, in one line."""

from scrapy.exceptions import IgnoreRequest
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

BLOCKED = {403, 405, 412}  # how a site refuses plain clients; its challenge pages are never content, never answered


def reason_of(failure: Failure) -> str:
    """Return the address that was asked for and why nothing came of it."""
    url = failure.request.url  # type: ignore[attr-defined]
    error = failure.value
    if isinstance(error, HttpError):
        status = error.response.status
        return f"{url}: blocked, HTTP {status}" if status in BLOCKED else f"{url}: HTTP {status}"
    kind = "" if isinstance(error, IgnoreRequest) else f"{type(error).__name__}: "
    return f"{url}: {kind}{str(error).partition(chr(10))[0]}"[:300]


def in_a_line(error: BaseException | None) -> str:
    """Return the kind of an error and the first line of what it says."""
    return f"{type(error).__name__}: {error}".partition("\n")[0][:300]
