"""The one base of our errors. Subclasses stand in the module that raises them."""


class FengxiangError(Exception):
    """Something of the house failed. The message is one line for the user: what, where, and the remedy."""

    exit_code = 1


class UsageError(FengxiangError):
    """The user's input or configuration is wrong; nothing was fetched and nothing was changed."""

    exit_code = 2
