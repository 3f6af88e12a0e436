"""A response that is one of several objects: told by a discriminator, or by a field of their own."""

from __future__ import annotations

from typing import Any

import pytest
from openapi.generator.plan import plan_api
from openapi.generator.schemas import PlanError

from support.scripted import Received, Reply, ScriptedService, json_reply

from .drill import Copy, TypeFault
from .edits import Spec, operation, schema
from .spec import small_spec

CAT = {"kind": "cat", "name": "Tom", "lives": 9}
DOG = {"kind": "dog", "name": "Rex", "tricks": ["sit"], "friends": [CAT, {"kind": "dog"}]}
TIGER = {**CAT, "kind": "tiger"}
PROGRAM = """
import asyncio, copy, pickle
import benchwire
from benchwire_api.v0.api.jobs import get_pet, list_owned
from benchwire_api.decoding import decode_body
from benchwire_api.errors import DecodeError
from benchwire_api.v0.models import Cat, Dog, House, Flat

def outcome(call):
    try:
        return call()
    except benchwire.APIResponseValidationError as error:
        return str(error).rpartition(": ")[2]
    except DecodeError as error:
        return str(error)

async def asynchronous(name):
    async with benchwire.AsyncV0Client("k", url) as client:
        return await client.jobs.get_pet(name)

result = {}
with benchwire.V0Client("k", url) as client:
    for name in ("cat", "dog", "tiger", "bird", "none", "list", "deep"):
        found = outcome(lambda: client.jobs.get_pet(name))
        result[name] = found if isinstance(found, str) else type(found).__name__
    dog = client.jobs.get_pet("dog")
    assert [type(each) for each in dog.friends] == [Cat, Dog] and type(dog.best) is type(None)
    assert dog.to_dict()["friends"] == [{"kind": "cat", "name": "Tom", "lives": 9}, {"kind": "dog"}]
    assert pickle.loads(pickle.dumps(dog)) == dog == type(dog).from_dict(dog.to_dict())
    assert dog.response_info.status_code == 200
    assert type(asyncio.run(asynchronous("cat"))) is Cat
    # A schema that refers to itself has no bound: the path to a fault takes a step for each level.
    def family(levels, last):
        text = '{"kind":"dog","friends":[' * levels + '{"kind":"cat"},' + last + ']}' * levels
        return outcome(lambda: decode_body(text.encode(), Dog.from_dict))
    result["family"] = [family(40, "{}").count(".friends["), family(505, "{}")]
    # An odd row at each level hides none of the others, and is looked at once.
    text = '{"kind":"dog","pups":[{"kind":5},' * 40 + '{"kind":"dog"}' + ']}' * 40
    dog = first = decode_body(text.encode(), Dog.from_dict)
    for _ in range(40):
        (dog,) = dog.pups
    assert dog.pups is None and first.to_dict() == json.loads(text)
    homes = client.jobs.list_owned()
    result["homes"] = [type(home).__name__ for home in homes]
    assert type(homes[0].guard) is Dog and homes[1].guard is None
"""


def reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def edit(spec: Spec) -> None:
    text, pets = {"type": "string"}, {"type": "array", "items": reference("Pet")}
    pet = {"oneOf": [reference("Cat"), reference("Dog")], "description": "A pet.", "discriminator": {
        "propertyName": "kind", "mapping": {
            "cat": "#/components/schemas/Cat", "tiger": "Cat", "dog": "#/components/schemas/Dog"}}}  # fmt: skip
    spec["components"]["schemas"] |= {
        "Pet": pet,
        "Cat": {"type": "object", "required": ["kind"], "properties": {
            "kind": text, "name": text, "lives": {"type": "integer"}}},
        "Dog": {"type": "object", "required": ["kind"], "properties": {
            "kind": text, "name": text, "tricks": {"type": "array", "items": text}, "friends": pets,
            "pups": {"type": "array", "items": reference("Dog"), "x-provenance": "inferred"},
            "best": {"anyOf": [reference("Cat"), reference("Dog"), {"type": "null"}],
                     "discriminator": pet["discriminator"]}}},
        "House": {"type": "object", "required": ["garden"], "properties": {
            "garden": text, "guard": reference("Pet")}},
        "Flat": {"type": "object", "required": ["floor"], "properties": {
            "floor": {"type": "integer"}, "guard": reference("Pet")}},
    }  # fmt: skip
    read = operation(spec, "getJob")
    content = {"application/json": {"schema": reference("Pet")}}
    one = {**read, "operationId": "getPet", "x-python-method": "jobs.get_pet", "responses": {
        **read["responses"], "200": {"description": "The pet.", "content": content}}}  # fmt: skip
    homes = {"type": "array", "items": {"anyOf": [reference("House"), reference("Flat")]}}
    content = {"application/json": {"schema": homes}}
    spec["paths"]["/v0/pets/{id}"] = {"get": one}
    listed = {**one, "operationId": "listOwned", "x-python-method": "jobs.list_owned",
              "parameters": []}  # fmt: skip
    listed["responses"] = {**one["responses"], "200": {"description": "Them.", "content": content}}
    spec["paths"]["/v0/homes"] = {"get": listed}


def answer(request: Received) -> Reply:
    replies: dict[str, Any] = {
        "cat": CAT, "dog": DOG, "tiger": TIGER, "bird": {"kind": "bird"}, "none": {}, "list": [],
        "deep": {**DOG, "friends": [CAT, {"kind": 5}]},
        "homes": [{"garden": "big", "guard": DOG}, {"floor": 3}],
    }  # fmt: skip
    return json_reply(replies[request.path.rpartition("/")[2]])


def test_responses_are_of_the_class_that_their_tag_says(extended: Copy) -> None:
    with ScriptedService(answer) as service:
        assert extended.use(PROGRAM, service.url) == {
            "cat": "Cat", "dog": "Dog", "tiger": "Cat",
            "bird": "at $.kind expected one of cat, tiger, dog, got the string 'bird'",
            "none": "at $.kind expected one of cat, tiger, dog, got null",
            "list": "at $ expected an object, got an array of 0",
            "deep": "at $.friends[1].kind expected one of cat, tiger, dog, got the number 5",
            "family": [40, "$: expected JSON of fewer levels, got more than can be read"],
            "homes": ["House", "Flat"],
        }  # fmt: skip


def planned(first: Spec, second: Spec, **more: Any) -> tuple[tuple[str, str], ...]:
    spec = small_spec()
    named = {"First": first, "Second": second}
    spec["components"]["schemas"] |= {
        name: {"type": "object", "properties": each, "required": [*each]}
        for name, each in named.items()
    }
    either = {"oneOf": [reference("First"), reference("Second")], **more}
    schema(spec, "Thing")["properties"]["p"] = either
    (found,) = (each for each in plan_api(spec).models["Thing"].fields if each.python == "p")
    return found.type.kinds


def test_a_field_that_a_response_may_leave_out_tells_no_object() -> None:
    text, null = {"type": "string"}, {"type": ["string", "null"]}
    assert planned({"a": null, "b": text}, {"c": text}) == (("b", "First"), ("c", "Second"))
    open_text = {"anyOf": [text, {"type": "null"}]}
    assert planned({"a": open_text, "b": text}, {"c": text})[0] == ("b", "First")
    # Where there is no other, it is the best that there is.
    assert planned({"a": null}, {"c": text}) == (("a", "First"), ("c", "Second"))


def test_a_discriminator_whose_values_the_field_can_not_have_is_refused() -> None:
    told = {"discriminator": {"propertyName": "t", "mapping": {"a": "First", "b": "Second"}}}
    assert planned({"t": {"const": "a"}}, {"t": {"const": "b"}}, **told)[0] == ("a", "First")
    with pytest.raises(
        PlanError, match="properties/p has a `discriminator` with a, which t of First"
    ):
        planned({"t": {"const": "first"}}, {"t": {"const": "b"}}, **told)


TYPED = """
import benchwire
from benchwire_api.v0.models import Cat, Dog
client = benchwire.V0Client("k")
pet: Cat | Dog = client.jobs.get_pet("a")
cat: Cat = client.jobs.get_pet("a")
"""


def test_mypy_knows_which_classes_there_may_be(type_faults: set[TypeFault]) -> None:
    (error,) = (each for each in type_faults if each.file == "use_unions.py")
    assert 'expression has type "Cat | Dog", variable has type "Cat"' in error.message
