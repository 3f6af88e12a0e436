"""A small spec with every construct that can change."""

from __future__ import annotations

from typing import Any

_ERROR = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}


def _response(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def small_spec() -> dict[str, Any]:
    """Return the spec: things that are listed, read and created."""
    thing = {"$ref": "#/components/schemas/Thing"}
    return {
        "info": {"title": "Things", "version": "1"},
        "servers": [{"url": "https://things.test"}],
        "security": [{"key": []}],
        "paths": {
            "/things": {
                "get": {
                    "operationId": "listThings",
                    "tags": ["things"],
                    "summary": "List things.",
                    "parameters": [
                        {"name": "limit", "in": "query", "description": "The most to give.",
                         "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 10}},
                        {"name": "kind", "in": "query", "description": "The kind to keep.",
                         "schema": {"$ref": "#/components/schemas/Kind"}},
                        {"name": "q", "in": "query", "description": "Words to look for.",
                         "schema": {"type": "string"}},
                    ],
                    "responses": {
                        "200": _response({"type": "array", "items": thing}),
                        "400": _ERROR,
                    },
                },
                "post": {
                    "operationId": "makeThing",
                    "tags": ["things"],
                    "summary": "Make a thing.",
                    "requestBody": {
                        "required": True,
                        **_response({"$ref": "#/components/schemas/MakeThingRequest"}),
                    },
                    "responses": {"201": _response(thing), "400": _ERROR},
                },
            },
            "/things/{id}/parts/{part}": {
                "get": {
                    "operationId": "getPart",
                    "tags": ["parts"],
                    "summary": "Get a part of a thing.",
                    "parameters": [
                        {"name": "id", "in": "path", "required": True, "description": "Which thing.",
                         "schema": {"type": "string"}},
                        {"name": "part", "in": "path", "required": True,
                         "description": "Which part.", "schema": {"type": "integer"}},
                    ],
                    "responses": {
                        "200": _response({"$ref": "#/components/schemas/Part"}),
                        "404": _ERROR,
                    },
                },
            },
        },
        "components": {
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "x-key"}},
            "schemas": {
                "Kind": {"type": "string", "description": "A kind.", "enum": ["big", "small-ish"]},
                "Thing": {
                    "type": "object",
                    "description": "A thing.",
                    "required": ["id", "kind", "note"],
                    "properties": {
                        "id": {"type": "integer", "description": "Its id."},
                        "kind": {
                            "description": "Its kind.",
                            "anyOf": [{"$ref": "#/components/schemas/Kind"}, {"type": "string"}],
                        },
                        "note": {"type": ["string", "null"], "description": "A note."},
                        "weight": {"type": "number", "description": "In grams."},
                        "sharedWith": {"type": "array", "description": "Names.",
                                       "items": {"type": "string"}},
                        "parts": {"type": "array", "description": "Its parts.",
                                  "items": {"$ref": "#/components/schemas/Part"}},
                    },
                },
                "Part": {
                    "type": "object",
                    "description": "A part.",
                    "properties": {"name": {"type": "string", "description": "Its name."}},
                },
                "MakeThingRequest": {
                    "type": "object",
                    "description": "What to make.",
                    "additionalProperties": False,
                    "required": ["name"],
                    "properties": {
                        "name": {"type": "string", "minLength": 1, "description": "Its name."},
                        "colour": {"type": "string", "description": "Its colour."},
                        "count": {"type": "integer", "description": "How many."},
                    },
                },
                "Problem": {
                    "type": "object",
                    "description": "What went wrong.",
                    "properties": {"error": {"type": "string", "description": "The message."}},
                },
            },
        },
    }  # fmt: skip
