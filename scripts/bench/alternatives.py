"""Alternatives to our decoders: pydantic models, and the stock output of the generator."""

from __future__ import annotations

import contextlib
import importlib
import sys
from pathlib import Path
from types import GenericAlias, ModuleType
from typing import Any

from openapi_python_client import generate
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser.errors import ErrorLevel
from pydantic import create_model


def _model(name: str, required: dict[str, Any], optional: dict[str, Any]) -> Any:
    fields: Any = {field: (kind, ...) for field, kind in required.items()}
    fields |= {field: (kind | None, None) for field, kind in optional.items()}
    return create_model(name, **fields)


_TEXTS = ("description", "company", "modality", "architecture_type", "license", "region",
          "cost_per_input_token", "cost_per_output_token")  # fmt: skip
_INTEGERS = ("created_at", "released_at", "context_length")
_OTHERS = {
    "parameters": float,
    "open_weights": bool,
    "deprecated": bool,
    "key_takeaways": list[str],
}
_FACETS = ("categories", "companies", "regions", "licenses", "sizes")
_MODEL = _model(
    "Model", dict.fromkeys(("id", "key", "name"), str),
    dict.fromkeys(_TEXTS, str) | dict.fromkeys(_INTEGERS, int) | _OTHERS,
)  # fmt: skip
_PROMPT = _model("Prompt", {"id": str, "input": str | list[Any] | dict[str, Any], "truth": str}, {})
_DATA = _model("PromptData", {"prompts": GenericAlias(list, _PROMPT), "count": int}, {})
# The fields of PublicModelsListResponse and BenchmarkPromptsResponse.
ModelPage = _model(
    "ModelPage", {"models": GenericAlias(list, _MODEL), "total_count": int},
    dict.fromkeys(_FACETS, list[str]) | {"count": int},
)  # fmt: skip
PromptPage = _model("PromptPage", {"status": str, "data": _DATA}, {})


def stock_package(spec: Path, folder: Path, name: str, *, overwrite: bool = False) -> Path:
    """Generate a package from a spec with the generator's own templates, and return its folder."""
    target = folder / name
    settings = ConfigFile(post_hooks=[])  # they order imports and format
    config = Config.from_sources(settings, MetaType.NONE, spec, "utf-8", overwrite, target)
    with contextlib.redirect_stdout(None):
        errors = [each for each in generate(config=config) if each.level is ErrorLevel.ERROR]
    if errors:
        raise RuntimeError(f"no stock package of {spec}: {errors}")
    return target


def stock_models(spec: Path, folder: Path) -> Any:
    """Generate and import the stock models of a spec."""
    name = f"bench_stock_{spec.stem}"
    package = ModuleType(name)
    package.__path__ = [str(stock_package(spec, folder, name))]
    sys.modules[name] = package
    return importlib.import_module(f"{name}.models")
