"""The v2 API's operations as plans: arguments checked, request built, answer read."""

from __future__ import annotations

from benchwire._core import checks
from benchwire._core.plan import Plan, send
from benchwire._core.replies import list_reader, reader
from benchwire.models import Listed
from benchwire_api.types import UNSET, Unset
from benchwire_api.v2.api.benchmarks import get_benchmark_model as get_model_operation
from benchwire_api.v2.api.benchmarks import get_probe_run as get_run_operation
from benchwire_api.v2.api.benchmarks import list_benchmark_models as list_models_operation
from benchwire_api.v2.api.benchmarks import list_benchmark_types as list_types_operation
from benchwire_api.v2.api.benchmarks import list_probe_runs as list_runs_operation
from benchwire_api.v2.models import (
    BenchmarkModel,
    BenchmarkModelWithDetails,
    BenchmarkProbeRun,
    BenchmarkType,
)


def list_types() -> Plan[Listed[BenchmarkType]]:
    """Every benchmark type."""
    request = list_types_operation.build_request()
    return send(request, list_reader(request, list_types_operation.parse_response))


def list_models(benchmark_type_id: int | None) -> Plan[Listed[BenchmarkModel]]:
    """Every model, with its scores."""
    request = list_models_operation.build_request(
        benchmark_type_id=_optional_int32("benchmark_type_id", benchmark_type_id)
    )
    return send(request, list_reader(request, list_models_operation.parse_response))


def get_model(model_id: int, benchmark_type_id: int | None) -> Plan[BenchmarkModelWithDetails]:
    """One model in detail."""
    request = get_model_operation.build_request(
        _int64("model_id", model_id),
        benchmark_type_id=_optional_int32("benchmark_type_id", benchmark_type_id),
    )
    return send(request, reader(request, get_model_operation.parse_response))


def list_runs(model_id: int, benchmark_type_id: int) -> Plan[Listed[BenchmarkProbeRun]]:
    """Every probe run of a model on a type."""
    request = list_runs_operation.build_request(
        _int64("model_id", model_id),
        benchmark_type_id=_int32("benchmark_type_id", benchmark_type_id),
    )
    return send(request, list_reader(request, list_runs_operation.parse_response))


def get_run(model_id: int, probe_run_id: int) -> Plan[BenchmarkProbeRun]:
    """One probe run with its test cases."""
    request = get_run_operation.build_request(
        _int64("model_id", model_id), _int64("probe_run_id", probe_run_id)
    )
    return send(request, reader(request, get_run_operation.parse_response))


def _int32(name: str, value: int) -> int:
    return checks.whole(name, value, -(2**31), 2**31 - 1)


def _optional_int32(name: str, value: int | None) -> int | Unset:
    return UNSET if value is None else _int32(name, value)


def _int64(name: str, value: int) -> int:
    return checks.whole(name, value, -(2**63), 2**63 - 1)
