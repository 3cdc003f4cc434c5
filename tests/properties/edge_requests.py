"""Calls of the API made up from its OpenAPI document: `python -m tests.properties.edge_requests 10000`."""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

from arbiter.answering.writer import Completion, Generation
from arbiter.edge.front import respond_to
from arbiter.edge.openapi import document
from arbiter.edge.routes import ROUTES
from arbiter.edge.streaming.delivery import Events, StreamedCall
from arbiter.edge.streaming.model import OnPiece
from tests.unit.arbiter.answering.router_fakes import FakeModel
from tests.unit.arbiter.edge.edge_fakes import EdgeWorld, Replied
from tests.unit.arbiter.edge.streams import WHOLE_ENDS, Outlet

MARK = "zq7mark"
"""In every text that is asked: found in a log, it was written there."""
ODD: list[Any] = [None, True, False, 0, -1, 1, 2, 1.5, 10**400, "", " ", "\0", "\ud800", "‮" + MARK, MARK * 4000, [], {},
                  [[]], {"": None}, [None] * 100, {MARK: {MARK: [MARK]}}]  # fmt: skip
TORN = ["", "{", "[]", "null", '{"a":1,"a":2}', '{"question": NaN}', "[" * 2000, '{"question": 1e999}', "\ufeff{}"]


def valid(schema: dict[str, Any], chance: Random) -> Any:
    """A value of a schema, or one that a few of its parts are odd in."""
    if chance.random() < 0.03:
        return chance.choice(ODD)
    if "anyOf" in schema:
        return valid(chance.choice(schema["anyOf"]), chance)
    if "enum" in schema:
        return chance.choice(schema["enum"])
    if schema.get("type") == "object":
        return _object(schema, chance)
    if schema.get("type") == "array":
        return [valid(schema.get("items", {}), chance) for _ in range(chance.randint(schema.get("minItems", 0), 3))]
    plain = {
        "string": (MARK + chance.choice(("?", " How early can a kit be booked?", "é✓")))[: schema.get("maxLength", 50)],
        "integer": chance.choice((schema.get("minimum", 0), chance.randint(1, 500))),
        "number": chance.choice((0.5, 1e-9, 1)),
        "boolean": chance.random() < 0.5,
    }
    return plain.get(schema.get("type", ""), MARK)


def _object(schema: dict[str, Any], chance: Random) -> dict[str, Any]:
    required, properties = schema.get("required", []), schema.get("properties", {})
    names = [name for name in properties if name in required or chance.random() < 0.15]
    value = {name: valid(properties[name], chance) for name in names}
    if chance.random() < 0.05:
        value[chance.choice(("tenant", "mode", "model", "filter"))] = chance.choice(ODD)
    return value


def calls(count: int, seed: int) -> Iterator[tuple[tuple[str, str], Any]]:
    """So many routes, each with a body."""
    chance, paths = Random(seed), document()["paths"]
    for _ in range(count):
        verb, path = chance.choice(list(ROUTES))
        body = paths[path][verb.lower()].get("requestBody")
        if body is None or chance.random() < 0.03:
            yield (verb, path), chance.choice(TORN)
        else:
            schema = body["content"]["application/json"]["schema"]
            asked = valid(schema, chance)
            streams = isinstance(asked, dict) and "stream" in schema["properties"] and chance.random() < 0.3
            yield (verb, path), {**asked, "stream": True} if streams else asked


class Streaming(FakeModel):
    """A model that streams by the character."""

    def stream(self, generation: Generation, timeout: float, on_piece: OnPiece) -> Completion:
        completion = self.generate(generation, timeout)
        for character in completion.text:
            on_piece(character)
        return completion


def serve(count: int, seed: int) -> Counter[int | str]:
    """Serve so many calls, and see to each; gives how many ended with which status, or as a stream."""
    ended: Counter[int | str] = Counter()
    world, chance = EdgeWorld(model=Streaming(), deliver=Events), Random(seed)
    key = world.key(conditions={"team": "support"})
    for (verb, path), body in calls(count, seed):
        world.lines.clear(), world.model.calls.clear(), world.retriever.queries.clear()
        outlet = Outlet(leaves_after=chance.choice((None, None, None, 0, 3)))
        reply = _reply(world, verb, path, body, key, outlet)
        _see_to(path, body, reply, world)
        ended["stream" if outlet.headers else reply.status] += 1
        if outlet.headers and outlet.leaves_after is None:
            assert sum(end in outlet.parts[-1] for end in WHOLE_ENDS) == 1, outlet.parts[-1]
    return ended


def _reply(world: EdgeWorld, verb: str, path: str, body: Any, key: str, outlet: Outlet) -> Replied:
    text = body if isinstance(body, str) else json.dumps(body)
    accept = {"Accept": "text/event-stream"} if path == "/ask" and len(text) % 3 == 0 else {}
    headers = {"Authorization": f"Bearer {key}", **accept}
    event = {"httpMethod": verb, "resource": path, "headers": headers, "body": text, "requestContext": {}}
    reply = respond_to(StreamedCall(event, None, outlet), world.front, world.lines.append)
    return Replied(reply["statusCode"], reply.get("headers", {}), json.loads(reply.get("body", "{}")))


def _see_to(path: str, body: Any, reply: Replied, world: EdgeWorld) -> None:
    # As the caller wished, or what this deployment has none of.
    in_vain = reply.status == 504 and "max_latency_ms" in str(body)
    in_vain = in_vain or (reply.status == 503 and reply.error["code"] == "prompts_unavailable")
    assert reply.status < 500 or in_vain, reply
    # Feedback names the request that it is about.
    assert not any((MARK in line and path != "/feedback") or "Traceback" in line for line in world.lines), world.lines
    if reply.status >= 400 and not in_vain:
        assert not world.bought, reply
        assert reply.error["message"].endswith("."), reply
    for query in world.retriever.queries:
        assert '"team"' in json.dumps(query.options.filter)


if __name__ == "__main__":
    sys.stdout.write(f"{dict(serve(int(sys.argv[1]), seed=1))}\n")
