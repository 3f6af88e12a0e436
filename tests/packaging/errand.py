"""A small errand: import every module, and use the SDK, the command and the embedded server once."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import sys
import warnings
from pathlib import Path

from support.connections import report_unclosed
from support.windows import emulate, modules


async def run_async(server: object) -> int:
    async with server.async_public_client() as client:
        return (await client.models.get(page_size=2)).total_count


def run(folder: Path) -> dict[str, object]:
    from typer.testing import CliRunner

    import benchwire
    import benchwire.export
    from benchwire.cli.app import app
    from benchwire_drift.judge import judge  # noqa: F401  it reads the specs
    from benchwire_local.demo_model import DemoModel

    folder.mkdir()
    results, db, journal = folder / "answers é.jsonl", folder / "results.db", folder / "j" / "s.db"
    lines = [
        {"benchmark": "b", "model": model, "input": f"Où ? {number}", "truth": "日本", "result": "x",
         "score": (number + shift) % 2}
        for shift, model in enumerate(("m/é", "m/ü")) for number in range(4)
    ]  # fmt: skip
    results.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    with benchwire.local.serve(db=db):
        pass
    found: dict[str, object] = {
        "imported": len(benchwire.local.import_file(results, db).evaluations)
    }
    with DemoModel(api_key="k") as model, benchwire.local.serve(db=db) as server:
        with server.public_client() as client:
            pager = client.models.iter_models()
            found["models"] = benchwire.export.write(pager, folder / "models.jsonl")
            benchwire.export.write(client.models.iter_models(), folder / "models.jsonl")
            keys = {"benchmark_key": "b", "model_key_1": "m/é", "model_key_2": "m/ü"}
            found["compared"] = client.comparisons.statistics(**keys).n_paired
        found["async"] = asyncio.run(run_async(server))
        with server.v0_client(journal=journal) as client:
            benchmark = client.benchmarks.list()[0].id
            job = client.jobs.run(
                benchmark,
                model.url("openai"),
                "k",
                benchmark_count=2,
                poll_interval=0.01,
                timeout=60,
            )
            found["job"] = str(job.status)
        os.environ["LAYERLENS_STRATIX_API_KEY"] = server.api_key
        os.environ["LAYERLENS_STRATIX_BASE_URL"] = server.public_base_url
        shown = CliRunner().invoke(app, ["models", "list", "--format", "json"])
        found["command"] = [shown.exit_code, len(json.loads(shown.stdout))]
    journal.write_bytes(b"damaged" * 1000)
    with benchwire.V0Client("k", "http://127.0.0.1:9", journal=journal) as client:
        try:
            client.jobs.submit(1, "http://127.0.0.1:9/v1", "k")
        except benchwire.errors.JournalError as error:
            journal.unlink()
            found["damaged"] = type(error).__name__
    return found


def main() -> None:
    """Run the errand here and, elsewhere than on Windows, as there; print what was found."""
    folder = Path(sys.argv[1])
    outcomes = []
    for system in ("here", "windows"):
        if system == "windows" and sys.platform != "win32":
            emulate()
        names = sorted(set(modules()))
        for name in names:
            if not name.endswith("__main__"):
                importlib.import_module(name)
        outcomes.append({"modules": len(names), **run(folder / f"a folder ö {system}")})
    print(json.dumps(outcomes))


if __name__ == "__main__":
    warnings.simplefilter("error")
    report_unclosed()
    main()
