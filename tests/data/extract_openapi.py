"""Cuts the part that the tests need out of CCP's OpenAPI document.

    python tests/data/extract_openapi.py PATH_OF_THE_FULL_DOCUMENT

writes `openapi.json` beside this file: the operations of the eight processes, of names and of
characters, with every component they refer to; descriptions and examples are left out.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

_C = "/corporations/{corporation_id}"
_M = "/corporation/{corporation_id}/mining"
PATHS = (
    "/status",
    "/characters/affiliation",
    "/characters/{character_id}",
    "/characters/{character_id}/roles",
    _C,
    f"{_C}/divisions",
    f"{_C}/membertracking",
    f"{_C}/assets",
    f"{_C}/assets/names",
    f"{_C}/industry/jobs",
    f"{_C}/orders",
    f"{_C}/orders/history",
    f"{_C}/wallets",
    f"{_C}/wallets/{{division}}/journal",
    f"{_C}/wallets/{{division}}/transactions",
    f"{_M}/observers",
    f"{_M}/observers/{{observer_id}}",
    f"{_M}/extractions",
    f"{_C}/killmails/recent",
    "/killmails/{killmail_id}/{killmail_hash}",
    f"{_C}/containers/logs",
    "/universe/names",
    "/universe/structures/{structure_id}",
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
