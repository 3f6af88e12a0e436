"""Makes calls with a generated Python package, as a program: `<kind> <package> <url> <key> <calls.json>`.

Prints a list of {status, model, body}; `model` is the class that the answer was read into.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import re
import sys
from pathlib import Path
from typing import Any

from openapi_python_client.strings import snake_case

Call = dict[str, Any]


def openapi_generator(package: Any, url: str, key: str) -> Any:
    """A caller of openapi-generator's pydantic models; `<operation>_with_http_info` has the status."""
    configuration = package.Configuration(host=url, api_key={"apiKey": key}, access_token=key)
    client = package.ApiClient(configuration)
    classes = [
        getattr(importlib.import_module(found.name), name)
        for found in pkgutil.iter_modules(package.api.__path__, package.api.__name__ + ".")
        for name in dir(importlib.import_module(found.name))
        if name.endswith("Api")
    ]

    def call(each: Call, arguments: dict[str, Any]) -> tuple[int, Any]:
        name = snake_case(each["id"]) + "_with_http_info"
        (group,) = (one for one in classes if hasattr(one, name))
        if "body" in each:
            model = each["id"][0].upper() + each["id"][1:] + "Request"
            body = getattr(package, model).from_dict(each["body"])
            arguments[snake_case(model)] = body
        try:
            found = getattr(group(client), name)(**arguments)
        except package.ApiException as error:
            return error.status, error.data
        return found.status_code, found.data

    return call


def stock(package: Any, url: str, key: str) -> Any:
    """A caller of openapi-python-client's own attrs classes."""
    prefix, header = ("Bearer", "Authorization") if key.startswith("!") else ("", "X-Api-Key")
    client = package.AuthenticatedClient(
        base_url=url, token=key.removeprefix("!"), prefix=prefix, auth_header_name=header
    )
    modules = {
        found.name.rpartition(".")[2]: found.name
        for found in pkgutil.walk_packages(package.api.__path__, package.api.__name__ + ".")
        if not found.ispkg
    }

    def call(each: Call, arguments: dict[str, Any]) -> tuple[int, Any]:
        operation = importlib.import_module(modules[snake_case(each["id"])])
        kinds = inspect.signature(operation.sync_detailed).parameters
        for name, value in arguments.items():
            for named in re.findall(r"\b[A-Z]\w+", str(kinds[name].annotation)):
                enum = getattr(package.models, named, None)
                if enum is not None and isinstance(value, str):
                    arguments[name] = enum(value)
        if "body" in each:
            model = getattr(package.models, each["id"][0].upper() + each["id"][1:] + "Request")
            arguments["body"] = model.from_dict(each["body"])
        found = operation.sync_detailed(client=client, **arguments)
        return int(found.status_code), found.parsed

    return call


def plain(value: Any) -> Any:
    """The JSON of what a model holds."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    inner = getattr(value, "actual_instance", value)  # openapi-generator's anyOf
    if inner is not value:
        return plain(inner)
    return plain(value.to_dict()) if hasattr(value, "to_dict") else value


def main() -> None:
    kind, name, url, key, file = sys.argv[1:]
    package = importlib.import_module(name)
    importlib.import_module(name + ".api")
    caller = {"openapi_generator": openapi_generator, "stock": stock}[kind](package, url, key)
    answers = []
    for each in json.loads(Path(file).read_text("utf-8")):
        arguments = {
            snake_case(name): value for name, value in {**each["path"], **each["query"]}.items()
        }
        status, parsed = caller(each, arguments)
        model = type(parsed[0] if isinstance(parsed, list) else parsed).__name__
        answers.append({"status": status, "model": model, "body": plain(parsed)})
    print(json.dumps(answers, default=lambda value: value.isoformat()))


if __name__ == "__main__":
    main()
