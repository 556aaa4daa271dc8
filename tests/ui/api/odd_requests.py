"""Requests with odd values for every route of an application, made from its own schema."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlencode

DIGITS = "9" * 5000
INTEGERS = ("", "-1", "²", "1.5", "9" * 30, DIGITS)
NUMBERS = ("", "-1", "nan", "1e999", DIGITS)
WORDS = ("", "\ud800", "auto")
TEXTS = (
    "",
    "..",
    "../../etc",
    "\x00",
    "²",
    "-1",
    DIGITS,
    f"last~{DIGITS}",
    "\ud800",
    "nan",
    "null",
    "[" * 500,
    '{"kind": [], "a": NaN, "b": "\\ud800"}',
)
VALUES = (
    None,
    True,
    -1,
    int("9" * 30),
    1e308,
    "",
    "nan",
    "\x00",
    f"last~{DIGITS}",
    [],
    [[], [None]],
    {"": 0},
    {"kind": []},
    {"kind": {"kind": None}},
)
KEYS = ("", "data", "data.dataset.identities", "losses.new", "training.length", "\x00")
USUAL = {
    "preset": "playground/quick",
    "overrides": {"data.height": "many", "identities": "many"},
    "source": "query",
    "method": "pca",
    "side": "query",
    "part": "query",
    "name": "losses",
    "text": "python train.py",
    "hit": "99",  # an image that the gallery has not: explaining a pair loads torch
}


@dataclass(frozen=True)
class Route:
    """A method and an address, with the schemas of its parameters and of its body."""

    method: str
    path: str
    parameters: tuple[dict, ...]
    body: dict | None


@dataclass(frozen=True)
class Question:
    """A request: its method, its address and the bytes of its body."""

    method: str
    address: str
    body: bytes | None = None

    def __str__(self):
        return f"{self.method} {self.address[:150]} {(self.body or b'')[:150]!r}"


def routes_of(app) -> list[Route]:
    """Every route of an application; those that delete come last."""
    schema = app.openapi()
    parts = schema["components"]["schemas"]
    found = [
        Route(
            method.upper(),
            path,
            tuple(operation.get("parameters", ())),
            _body(operation, parts),
        )
        for path, operations in schema["paths"].items()
        for method, operation in operations.items()
    ]
    return sorted(found, key=lambda route: route.path.endswith("/delete"))


def odd_addresses(route: Route, usual: dict[str, str], turn: int = 0) -> Iterator[Question]:
    """Each parameter in turn with every odd text of its type, the others as usual.

    Each parameter takes every fourth text or second number, starting at its own: most are read by
    the same functions in many routes.
    """
    values = {
        parameter["name"]: usual.get(parameter["name"], USUAL.get(parameter["name"], "0"))
        for parameter in route.parameters
        if parameter.get("required")
    }
    if not route.parameters:
        yield question(route, values)
    for first, parameter in enumerate(route.parameters, start=turn):
        texts = texts_of(parameter["schema"])
        apart = 4 if texts is TEXTS else 2
        for text in texts[first % apart :: apart]:
            yield question(route, values | {parameter["name"]: text})


def odd_bodies(route: Route, usual: dict[str, str]) -> Iterator[Question]:
    """Odd values as the whole body, as each of its fields, and within those that are objects.

    Each field takes every third value, starting at its own: a form is 40 ms of work.
    """
    values = {name: usual.get(name, "0") for name in re.findall(r"{(\w+)}", route.path)}
    fields = {} if route.body is None else example(route.body)
    for index, value in enumerate(VALUES):
        bodies = [value] if index % 3 == 0 else []
        for turn, (name, field) in enumerate(fields.items(), start=index):
            if turn % 3 == 0:
                bodies.append({**fields, name: value})
            elif turn % 3 == 1 and isinstance(field, dict):
                bodies.append({**fields, name: {KEYS[index % len(KEYS)]: value}})
        for body in bodies:
            yield question(route, values, json.dumps(body).encode())


def question(route: Route, values: dict[str, str], body: bytes | None = None) -> Question:
    """A route with a text for each parameter; halves of surrogate pairs go as their three bytes."""
    address = re.sub(
        r"{(\w+)}",
        lambda name: quote(values[name[1]], safe="", errors="surrogatepass"),
        route.path,
    )
    queried = {name: text for name, text in values.items() if f"{{{name}}}" not in route.path}
    query = urlencode(queried, errors="surrogatepass")
    return Question(route.method, f"{address}?{query}" if query else address, body)


def texts_of(schema: dict) -> tuple[str, ...]:
    """The odd texts for the type of a parameter."""
    first = schema.get("anyOf", [schema])[0]
    if "enum" in first or first.get("type") == "boolean":
        return WORDS
    return {"integer": INTEGERS, "number": NUMBERS}.get(first.get("type"), TEXTS)


def example(schema: dict) -> dict:
    """A body that a route takes, its names and settings aside."""
    return {name: USUAL.get(name, _value(field)) for name, field in schema["properties"].items()}


def _value(schema: dict) -> object:
    first = schema.get("anyOf", [schema])[0]
    if "default" in first:
        return first["default"]
    if first.get("type") == "array":
        return [_value(first["items"])] * first.get("minItems", 0)
    if first.get("type") == "object":
        return {}
    return {"integer": 1, "number": 0.0, "boolean": False}.get(first.get("type"), "none")


def _body(operation: dict, parts: dict) -> dict | None:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return _resolved(content["schema"], parts) if content else None


def _resolved(schema: object, parts: dict) -> object:
    """A schema with what it refers to in place."""
    if isinstance(schema, list):
        return [_resolved(item, parts) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _resolved(parts[schema["$ref"].rpartition("/")[2]], parts)
    return {name: _resolved(item, parts) for name, item in schema.items()}
