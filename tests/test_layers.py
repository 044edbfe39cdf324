"""The walls of the house: who may import whom."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# A module may import from rows below its own, never sideways except inside its own package, never upwards.
ROWS = [
    {"cli"},
    {"sample"},
    {"discover"},
    {"run", "worker", "web", "check", "fixtures"},
    {"crawl"},
    {"render"},
    {"spiders", "pipelines", "loader", "middlewares", "guard", "exporters"},
    {"health"},
    {"extensions", "alerts", "desk", "export", "progress"},
    {"store", "reader"},
    {"depth", "lists", "schedule"},
    {"sources", "topics", "extract", "stories", "vendors"},
    {"regions", "config", "families"},
    {"text", "dates", "tomlfile", "lock", "drafts"},
    {"items", "errors", "discreet", "garbage", "limit", "pipes"},
]
ANYWHERE = {"__version__", "settings"}  # settings reads the environment for whoever starts a command
ROW_OF = {name: number for number, names in enumerate(ROWS) for name in names}


def room(module: str) -> str:
    """Return the room a dotted module name lies in: spiders, pipelines, or the module inside crawler."""
    parts = module.split(".")
    if parts[0] != "crawler":
        return parts[0]
    return parts[1] if len(parts) > 1 else "crawler"


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            found |= {f"{module}.{alias.name}" for alias in node.names} if module == "crawler" else {module}
    return {name for name in found if name.split(".")[0] in {"crawler", "spiders", "pipelines"}}


FILES = [path for package in ("crawler", "spiders", "pipelines") for path in sorted((ROOT / package).rglob("*.py"))]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down(path: Path) -> None:
    own = room(".".join(path.relative_to(ROOT).with_suffix("").parts))
    if own in {"crawler", "__init__", "settings"}:  # settings name spiders and pipelines only as strings
        assert not {name for name in imports(path) if not name.startswith("crawler")}
        return
    for name in imports(path):
        other = room(name)
        if other in ANYWHERE | {own}:
            continue
        assert ROW_OF[other] > ROW_OF[own], f"{own} must not import {name}"


def test_spiders_and_pipelines_do_not_know_each_other() -> None:
    for path in FILES:
        here = path.relative_to(ROOT).parts[0]
        rooms = {room(name) for name in imports(path)}
        assert here == "spiders" or "spiders" not in rooms
        assert here == "pipelines" or "pipelines" not in rooms
