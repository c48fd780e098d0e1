"""Cuts what the tests and the simulator need out of CCP's OpenAPI document.

    python tests/data/extract_openapi.py PATH_OF_THE_FULL_DOCUMENT

writes `openapi.json` beside this file: every corporation route and the routes around them, with
every component they refer to; descriptions and examples are left out. From that part it writes
the simulator's `routes.json`: of each operation only what a server has to know.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

AROUND = (
    "/status",
    "/characters/affiliation",
    "/characters/{character_id}",
    "/characters/{character_id}/roles",
    "/characters/{character_id}/notifications",
    "/killmails/{killmail_id}/{killmail_hash}",
    "/markets/prices",
    "/insurance/prices",
    "/industry/systems",
    "/sovereignty/systems",
    "/freelance-jobs/{job_id}",
    "/universe/names",
    "/universe/structures/{structure_id}",
    "/universe/moons/{moon_id}",
    "/universe/planets/{planet_id}",
    "/universe/systems/{system_id}",
    "/universe/constellations/{constellation_id}",
    "/universe/regions/{region_id}",
    "/universe/stations/{station_id}",
    "/universe/types/{type_id}",
)
"""The routes that belong to no corporation."""
PART = Path(__file__).with_name("openapi.json")
ROUTES = Path(__file__).parents[2] / "corpsync_tui" / "simulator" / "routes.json"
_PROSE = {"description", "examples", "example", "summary", "tags", "x-common-model"}
_REFERENCE = re.compile(r'"#/components/(\w+)/([\w.-]+)"')
_ENUM_AT_MOST = 60
"""Words of an enumeration that the simulator's facts repeat."""


def extract(document: dict[str, Any]) -> dict[str, Any]:
    """The wanted operations with all components that they refer to."""
    paths = [path for path in document["paths"] if path.startswith(_OF_A_CORPORATION)]
    part: dict[str, Any] = {
        "openapi": document["openapi"],
        "info": document["info"],
        "paths": {path: _plain(document["paths"][path]) for path in (*AROUND, *paths)},
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


_OF_A_CORPORATION = ("/corporation/{corporation_id}", "/corporations/{corporation_id}")


def facts(part: dict[str, Any]) -> list[dict[str, Any]]:
    """What a server has to know of each operation of a part, in the order of their paths."""
    return [
        _facts(part, method.upper(), path, operation)
        for path, methods in sorted(part["paths"].items())
        for method, operation in methods.items()
        if method in ("get", "post")
    ]


def _facts(
    part: dict[str, Any], method: str, path: str, operation: dict[str, Any]
) -> dict[str, Any]:
    limit = operation.get("x-rate-limit", {})
    asked = [_resolved(part, parameter) for parameter in operation["parameters"]]
    queries = [parameter for parameter in asked if parameter["in"] == "query"]
    names = {parameter["name"] for parameter in queries}
    shape, inside, record = _shape(part, operation)
    fact = {
        "method": method,
        "path": path,
        "cache_age": operation.get("x-cache-age", 0),
        "scope": operation.get("security", [{"OAuth2": [None]}])[0]["OAuth2"][0],
        "roles": operation.get("x-required-roles", []),
        "paging": "cursor" if "after" in names else next(iter(names & {"page", "from_id"}), None),
        "group": limit.get("group"),
        "max_tokens": limit.get("max-tokens", 0),
        "required": [parameter["name"] for parameter in queries if parameter.get("required")],
        "shape": shape,
        "inside": inside,
        "fields": {
            name + ("" if name in record.get("required", ()) else "?"): _kind(part, schema)
            for name, schema in record.get("properties", {}).items()
        },
    }
    return {name: value for name, value in fact.items() if value}


def _shape(part: dict[str, Any], operation: dict[str, Any]) -> tuple[str, str | None, Any]:
    """How an answer holds its records, under which name, and the schema of one."""
    good = operation["responses"].get("200") or operation["responses"]["201"]
    schema = _resolved(part, good["content"]["application/json"]["schema"])
    if schema["type"] == "array":
        record = _resolved(part, schema["items"])
        return ("list", None, record) if record["type"] == "object" else ("ids", None, {})
    if schema["type"] != "object":
        return "scalar", None, {}
    wrapped = [name for name in schema.get("required", ()) if name != "cursor"]
    if len(wrapped) == 1 and set(schema["properties"]) <= {*wrapped, "cursor"}:
        inner = _resolved(part, schema["properties"][wrapped[0]])
        if inner["type"] == "array":
            return "list", wrapped[0], _resolved(part, inner["items"])
    return "object", None, schema


def _kind(part: dict[str, Any], schema: dict[str, Any]) -> str | list[str]:
    schema = _resolved(part, schema)
    if 0 < len(schema.get("enum", ())) <= _ENUM_AT_MOST:
        return list(schema["enum"])
    if schema.get("type") == "string":
        return str(schema.get("format", "string"))
    return str(schema.get("type", "object"))


def _resolved(part: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        *_, kind, name = schema["$ref"].split("/")
        schema = part["components"][kind][name]
    return schema


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


def packed(facts_of_all: list[dict[str, Any]]) -> str:
    """The text of `routes.json`: one operation a line."""
    lines = ",\n".join(json.dumps(fact, separators=(",", ":")) for fact in facts_of_all)
    return f"[\n{lines}\n]\n"


def main(source: str) -> None:
    """Write both files."""
    part = extract(json.loads(Path(source).read_text()))
    PART.write_text(json.dumps(part, separators=(",", ":"), sort_keys=True) + "\n")
    ROUTES.write_text(packed(facts(part)))


if __name__ == "__main__":
    main(sys.argv[1])
