"""Plans `benchwire.models`: which classes of the specs it has, and under which names.

It has what methods take and return, at any depth. It has no whole body whose parts are the
arguments or the result of a method, and no errors, which are exceptions in the SDK.
"""

from __future__ import annotations

from collections.abc import Iterator

from .handwritten import exported
from .plans import ApiPlan, OperationPlan
from .rendering import render
from .schemas import PlanError

OWN = "_own_models.py"
_RUNTIME = {"ResultList": "models", "RateLimit": "types", "ResponseInfo": "types"}


def models_module(plans: dict[str, ApiPlan], header: str) -> str:
    """Write the module with every type of the SDK.

    Args:
        plans: The APIs.
        header: The module's header.

    Raises:
        PlanError: If two classes have one name.
    """
    own = exported(OWN)
    names = exported_names(plans)
    # `Hooks` of `benchwire` and another one of `benchwire.models` would be told apart by nobody.
    top = set(exported("__init__.py")) - set(exported("__init__.py", "benchwire.models"))
    taken = {
        **dict.fromkeys(top, "benchwire/__init__.py"),
        **dict.fromkeys(own, f"benchwire/{OWN}"),
        **dict.fromkeys(_RUNTIME, "benchwire_api"),
    }
    for api, classes in names.items():
        for schema, name in classes.items():
            place = f"openapi/{api}.yaml: components/schemas/{schema}"
            if name in taken:
                raise PlanError(
                    place,
                    f"is called {name} in benchwire.models, as is that of {taken[name]}:"
                    " x-python-name gives another name",
                )
            taken[name] = f"openapi/{api}.yaml"
    return render("models_page.py.jinja", header=header, own=own, names=names, runtime=_RUNTIME)


def exported_names(plans: dict[str, ApiPlan]) -> dict[str, dict[str, str]]:
    """Return the classes that `benchwire.models` has of each API: by schema, the name there."""
    found = {}
    for api, plan in plans.items():
        waiting = [name for each in plan.operations.values() for name in _whole(plan, each)]
        models: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name not in models:
                models.add(name)
                waiting += plan.models[name].models
        names = {name: plan.models[name].python for name in models}
        names |= {name: each.python for name, each in plan.enums.items()}
        found[api] = {name: names[name] or name for name in sorted(names)}
    return found


def _whole(plan: ApiPlan, operation: OperationPlan) -> Iterator[str]:
    """Yield the models that a method takes and returns: of a body in parts, those below it."""
    by_hand = operation.python.get("x-python-method", "") is None
    for name in operation.bodies:
        yield from plan.models[name].models if by_hand else [name]
    in_parts = {"x-python-unwrap", "x-python-pagination"} & operation.python.keys()
    for name in operation.successes[0].models:
        yield from plan.models[name].models if in_parts else [name]
