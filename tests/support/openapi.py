"""The committed part of CCP's OpenAPI document, its references resolved."""

import json
from pathlib import Path
from typing import Any

from corpsync_tui.catalog.kit.dataset import Dataset
from corpsync_tui.catalog.kit.decoder import wire_columns
from corpsync_tui.catalog.kit.shapes import Grouped, One, Scalar, Values, Wrapped

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


GHOSTS = {"/corporations/{corporation_id}/starbases": {"system_id"}}
"""Fields that CCP's document requires and ESI leaves out all the same (esi-issues#641)."""


def record_schema(dataset: Dataset) -> dict[str, Any]:
    """The schema of one record of a data set's answer, whatever stands around it.

    What tells rows apart is required, also where the document calls it optional.
    """
    schema, shape, path = answer_schema(dataset.route.path), dataset.shape, dataset.route.path
    if isinstance(shape, Wrapped):
        schema = resolved(schema["properties"][shape.name])
    elif isinstance(shape, Grouped):
        schema = resolved(schema["properties"][shape.names[0]])
    if isinstance(shape, Values | Scalar):
        (column,) = wire_columns(dataset.model)
        value = schema["items"] if isinstance(shape, Values) else schema
        return {"type": "object", "properties": {column.name: value}, "required": [column.name]}
    record = dict(resolved(schema["items"]) if schema["type"] == "array" else schema)
    fields = dict(record["properties"])
    fields.pop("corporation_id", None)  # whose data these are is known already
    record["properties"] = fields
    identity = set(dataset.model.identity) & set(record["properties"])
    required = set(record.get("required", ())) & set(fields) | identity
    required -= GHOSTS.get(path, set())
    return {**record, "required": sorted(required)}


def answer_of(dataset: Dataset, *records: dict[str, Any]) -> bytes:
    """An answer of the data set's route that holds these records."""
    shape, answer = dataset.shape, list[Any](records)
    if isinstance(shape, Values | Scalar):
        answer = [next(iter(record.values())) for record in records]
    match shape:
        case One() | Scalar():
            return json.dumps(answer[0]).encode()
        case Wrapped(name):
            return json.dumps({name: answer}).encode()
        case Grouped(_, (name, *_)):
            return json.dumps({name: answer}).encode()
    return json.dumps(answer).encode()


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema that a reference points to; any other as it is."""
    while "$ref" in schema:
        *_, kind, name = schema["$ref"].split("/")
        schema = DOCUMENT["components"][kind][name]
    return schema
