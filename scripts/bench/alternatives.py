"""Alternatives to our decoders: pydantic models, and the stock output of the generator."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import BaseModel


class Prompt(BaseModel):
    """The fields of BenchmarkPrompt."""

    id: str
    input: str | list[Any] | dict[str, Any]
    truth: str


class PromptData(BaseModel):
    """The fields of BenchmarkPromptsData."""

    prompts: list[Prompt]
    count: int


class PromptPage(BaseModel):
    """The fields of BenchmarkPromptsResponse."""

    status: str
    data: PromptData


class Model(BaseModel):
    """The fields of PublicModelDetail."""

    id: str
    key: str
    name: str
    description: str | None = None
    company: str | None = None
    created_at: int | None = None
    released_at: int | None = None
    parameters: float | None = None
    modality: str | None = None
    context_length: int | None = None
    architecture_type: str | None = None
    license: str | None = None
    open_weights: bool | None = None
    region: str | None = None
    key_takeaways: list[str] | None = None
    deprecated: bool | None = None
    cost_per_input_token: str | None = None
    cost_per_output_token: str | None = None


class ModelPage(BaseModel):
    """The fields of PublicModelsListResponse."""

    models: list[Model]
    categories: list[str] = []
    companies: list[str] = []
    regions: list[str] = []
    licenses: list[str] = []
    sizes: list[str] = []
    count: int | None = None
    total_count: int


def stock_package(spec: Path, folder: Path, name: str, *options: str) -> Path:
    """Generate a package from a spec with the generator's own templates, and return its folder."""
    bin_dir = Path(sys.executable).parent
    target = folder / name
    subprocess.run(
        [sys.executable, "-m", "openapi_python_client", "generate", "--path", spec,
         "--meta", "none", "--output-path", target, *options],
        env={**os.environ, "PATH": f"{bin_dir}{os.pathsep}{os.environ.get('PATH', '')}"},
        capture_output=True,
        check=True,
    )  # fmt: skip
    return target


def stock_models(spec: Path, folder: Path) -> Any:
    """Generate and import the stock models of a spec."""
    name = f"bench_stock_{spec.stem}"
    package = ModuleType(name)
    package.__path__ = [str(stock_package(spec, folder, name))]
    sys.modules[name] = package
    return importlib.import_module(f"{name}.models")
