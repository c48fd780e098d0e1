"""Cuts the part that the tests need out of CCP's OpenAPI document.

    python tests/data/extract_openapi.py PATH_OF_THE_FULL_DOCUMENT

writes `openapi.json` beside this file: the operations of the processes, of names and of
characters, with every component they refer to; descriptions and examples are left out.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

from corpsync_tui.catalog import ALL
from corpsync_tui.esi.downtime import STATUS
from corpsync_tui.names.divisions import DIVISIONS
from corpsync_tui.names.resolver import CELESTIALS, NAMES, STRUCTURE
from corpsync_tui.reference import prices
from corpsync_tui.sync.roster import AFFILIATION, CORPORATION, ROLES

ROUTES = (
    AFFILIATION,
    CORPORATION,
    DIVISIONS,
    NAMES,
    ROLES,
    STATUS,
    STRUCTURE,
    prices.ROUTE,
    *CELESTIALS.values(),
)
"""Read by others than the processes."""
PATHS = sorted(
    {route.path for process in ALL for route in process.routes}
    | {route.path for route in ROUTES}
    | {"/characters/{character_id}"}
)
_PROSE = {"description", "examples", "example", "summary", "tags", "x-common-model"}
_REFERENCE = re.compile(r'"#/components/(\w+)/([\w.-]+)"')


def extract(document: dict[str, Any]) -> dict[str, Any]:
    """The operations of `PATHS` with all components that they refer to."""
    part = {
        "openapi": document["openapi"],
        "info": document["info"],
        "paths": {path: _plain(document["paths"][path]) for path in PATHS},
        "components": {},
    }
    missing = _references(part)
    while missing:
        for kind, name in missing:
            found = _plain(document["components"][kind][name])
            part["components"].setdefault(kind, {})[name] = found
        known = {(kind, name) for kind, held in part["components"].items() for name in held}
        missing = _references(part) - known
    return part


def _references(document: dict[str, Any]) -> set[tuple[str, str]]:
    return set(_REFERENCE.findall(json.dumps(document)))


def _plain(node: Any, *, named: bool = False) -> Any:
    """The node without prose; `named` keys are names of fields, which all stay."""
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _plain(value, named=key == "properties")
        for key, value in node.items()
        if named or key not in _PROSE
    }


def main(source: str) -> None:
    """Write the part beside this script."""
    part = extract(json.loads(Path(source).read_text()))
    target = Path(__file__).with_name("openapi.json")
    target.write_text(json.dumps(part, separators=(",", ":"), sort_keys=True) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
