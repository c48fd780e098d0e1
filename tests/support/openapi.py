"""The committed part of CCP's OpenAPI document, its references resolved."""

import json
from pathlib import Path
from typing import Any

DOCUMENT: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "data" / "openapi.json").read_text()
)


def operation(path: str) -> dict[str, Any]:
    """The one operation that stands under a path."""
    methods = {m: o for m, o in DOCUMENT["paths"][path].items() if m in ("get", "post")}
    (found,) = methods.values()
    return dict(found)


def answer_schema(path: str) -> dict[str, Any]:
    """The schema of a path's answer."""
    content = operation(path)["responses"]["200"]["content"]
    return resolved(content["application/json"]["schema"])


def record_schema(path: str) -> dict[str, Any]:
    """The schema of one record of a path's answer: of its only object, or of its list's items."""
    schema = answer_schema(path)
    return resolved(schema["items"]) if schema["type"] == "array" else schema


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema that a reference points to; any other as it is."""
    while "$ref" in schema:
        *_, kind, name = schema["$ref"].split("/")
        schema = DOCUMENT["components"][kind][name]
    return schema
