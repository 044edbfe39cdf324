"""Word and character lists. Each file names its source in its first lines."""

from importlib.resources import files


def data_lines(name: str) -> list[str]:
    """Return the lines of a list in this folder, without its comments."""
    text = files(__name__).joinpath(name).read_text("utf-8")
    return [line for line in text.splitlines() if not line.startswith("#")]
