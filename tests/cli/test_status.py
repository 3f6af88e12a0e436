"""The exit status of the command, for each way to end."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer

import benchwire
from benchwire import errors
from benchwire.cli import exits
from cli.conftest import Run
from support import forks, wire
from support.local_environment import environment_of
from support.scripted import Received, Reply, Scripted, json_reply
from support.shared import REPOSITORY
from support.systems import needs_posix

COMMAND = [sys.executable, "-c", "from benchwire.cli import main; main()"]


def classes(kind: type[Exception]) -> list[type[Exception]]:
    return [kind, *(found for child in kind.__subclasses__() for found in classes(child))]


@pytest.mark.parametrize("kind", classes(errors.BenchwireError), ids=lambda kind: kind.__name__)
def test_every_error_has_a_status_and_a_message(
    kind: type[Exception], capsys: pytest.CaptureFixture[str]
) -> None:
    error = kind.__new__(kind)
    error.args, error.message, error.intent_id = ("it [/broke]",), "it [/broke]", "i1"  # type: ignore[attr-defined]
    with pytest.raises(typer.Exit) as ended, exits.exit_status():
        raise error
    assert ended.value.exit_code in {1, 4, 5, 6, 124}
    assert capsys.readouterr().err.startswith("error: it [/broke]\n")


@pytest.mark.parametrize(
    ("variables", "status", "told"),
    [
        ({"LAYERLENS_STRATIX_API_KEY": None}, 4, "LAYERLENS_STRATIX_API_KEY"),
        ({"LAYERLENS_STRATIX_API_KEY": "wrong"}, 4, "401"),
        ({"LAYERLENS_STRATIX_BASE_URL": "http://127.0.0.1:9"}, 1, "127.0.0.1"),
        ({"LAYERLENS_STRATIX_BASE_URL": "nonsense"}, 4, "nonsense"),
    ],
)
def test_a_key_or_service_that_fails(
    run: Run, variables: dict[str, str | None], status: int, told: str
) -> None:
    done = run("models", "list", **variables)
    assert (done.exit_code, done.stdout) == (status, "")
    assert done.stderr.startswith("error: ")
    assert told in done.stderr


def test_an_incomplete_list_is_no_success(run: Run, scripted: Scripted) -> None:
    """The service says that there are more than it sends."""

    def answer(received: Received) -> Reply:
        rows = [wire.model(1)] if received.query.get("page", "1") == "1" else []
        return json_reply(wire.models(rows, 250))

    url = scripted(answer).url + "/api/v1"
    done = run("models", "list", "--limit", "0", LAYERLENS_STRATIX_BASE_URL=url)
    assert done.exit_code == exits.INCOMPLETE
    assert done.stderr.startswith("error: ")


def test_a_closed_pipe_is_quiet(server: benchwire.local.Server) -> None:
    """The reader takes one line; the command must write more than a pipe holds."""
    arguments = [
        "benchmarks",
        "prompts",
        "682bddc1e014f9fa440f8a91",
        "--limit",
        "0",
        "--format",
        "json",
    ]
    reader, writer = os.pipe()
    process = forks.Popen(
        [*COMMAND, *arguments], stdout=writer, stderr=subprocess.PIPE, env=environment_of(server)
    )
    os.close(writer)
    os.close(reader)
    _, told = process.communicate(timeout=120)
    assert (process.returncode, told) == (0, b"")


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["compare", "eval-sample-059", "eval-sample-060", "--fail-if", "not-better"], 3),
        (["doctor"], 1),
    ],
)
def test_a_closed_pipe_hides_no_status(
    server: benchwire.local.Server, arguments: list[str], status: int
) -> None:
    """What a command found decides, whether or not anyone reads it."""
    reader, writer = os.pipe()
    process = forks.Popen(
        [*COMMAND, *arguments],
        stdout=writer,
        stderr=subprocess.PIPE,
        env=environment_of(server) | {"BENCHWIRE_V0_API_KEY": "wrong"},
    )
    os.close(writer)
    os.close(reader)
    _, told = process.communicate(timeout=120)
    assert process.returncode == status
    assert b"Traceback" not in told
    assert b"BrokenPipe" not in told


@needs_posix("a shell")
@pytest.mark.parametrize(
    ("command", "status"),
    [("models list >&-", 0), ("models list 2>&-", 0), ("jobs run 1 --endpoint http://h <&-", 2)],
)
def test_a_stream_that_the_caller_has_closed_is_empty(
    server: benchwire.local.Server, command: str, status: int
) -> None:
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {command}', "sh", *COMMAND],
        stdin=subprocess.PIPE,
        capture_output=True,
        timeout=120,
        check=False,
        env=environment_of(server) | {"BENCHWIRE_ENDPOINT_API_KEY": "key-of-the-model"},
    )
    assert done.returncode == status, done
    assert b"Traceback" not in done.stderr
    assert bool(done.stdout) == ("2>" in command)


@pytest.mark.parametrize(
    ("command", "variables", "status"),
    [
        ("jobs submit 1 --yes --provider raw --endpoint", {}, 0),
        ("models list", {"LAYERLENS_STRATIX_API_KEY": ""}, 4),
        ("nonsense", {}, 2),
    ],
)
def test_a_reader_of_standard_error_that_is_gone_changes_nothing(
    server: benchwire.local.Server,
    tmp_path: Path,
    command: str,
    variables: dict[str, str],
    status: int,
) -> None:
    """The job is submitted and its id printed; the status is that of the command."""
    reader, writer = os.pipe()
    os.close(reader)
    own = {"BENCHWIRE_ENDPOINT_API_KEY": "key-of-the-model", "BENCHWIRE_JOURNAL": f"{tmp_path}/j"}
    endpoint = [f"{server.url}/demo/raw"] if "--endpoint" in command else []
    done = subprocess.run(
        [*COMMAND, *command.split(), *endpoint],
        stdout=subprocess.PIPE,
        stderr=writer,
        timeout=120,
        check=False,
        env=environment_of(server) | own | variables,
    )
    os.close(writer)
    assert (done.returncode, b"job_id" in done.stdout) == (status, not status)


@needs_posix("pseudo-terminals")
def test_a_terminal_gets_a_table_without_control_characters(server: benchwire.local.Server) -> None:
    main, side = os.openpty()
    process = forks.Popen(
        [*COMMAND, "benchmarks", "list"],
        stdout=side, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
        env=environment_of(server) | {"NO_COLOR": "1", "TERM": "xterm", "COLUMNS": "200"},
    )  # fmt: skip
    os.close(side)
    shown = b""
    while True:
        try:
            part = os.read(main, 65536)
        except OSError:  # Linux ends a pseudo-terminal so
            break
        if not part:
            break
        shown += part
    os.close(main)
    assert process.wait(timeout=120) == 0
    text = shown.decode()
    assert "─" in text
    assert "682bddc1e014f9fa440f8a91" in text
    assert "\x1b[3" not in text


def test_the_version_needs_no_extra() -> None:
    code = "import sys; sys.modules['typer'] = None; sys.argv[1:] = ['--version']\n"
    done = subprocess.run(
        [sys.executable, "-c", code + "from benchwire.cli import main; main()"],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stdout == f"benchwire {benchwire.__version__}\n"


def test_local_takes_a_database_or_nothing(run: Run, tmp_path: Path) -> None:
    """A command after ``--local`` is no database; a file with a command's name is given with ``=``."""
    without_key = {"LAYERLENS_STRATIX_API_KEY": None}
    sample = run("--local", "benchmarks", "list", **without_key)
    assert sample.exit_code == 0
    assert sample.stderr.startswith("# embedded server: sample data in memory\n")
    line = b'{"benchmark":"own","model":"m","input":"i","truth":"t","result":"t","score":1}\n'
    (tmp_path / "answers.jsonl").write_bytes(line)
    assert run("local", "import", "answers.jsonl").exit_code == 0
    for arguments in (
        ["--local"],
        ["--local", "benchwire-local.db"],
        ["--local=benchwire-local.db"],
    ):
        own = run(*arguments, "benchmarks", "list", "--fields", "key", **without_key)
        assert own.stdout.split() == ["key", "own"]
        assert own.stderr == "# embedded server: benchwire-local.db\n"
    absent = run("--local", "absent.db", "benchmarks", "list")
    assert (absent.exit_code, absent.stdout) == (2, "")
    assert "there is no database 'absent.db'" in absent.stderr
    assert not (tmp_path / "absent.db").exists()
    for empty in (["--local", ""], ["--local="]):
        unset = run(*empty, "benchmarks", "list")
        assert (unset.exit_code, unset.stdout) == (2, "")
        assert "Invalid value for --local: the path is empty" in unset.stderr
    (tmp_path / "damaged.db").write_bytes(b"no database, and longer than the head of one" * 9)
    damaged = run("--local", "damaged.db", "benchmarks", "list")
    assert (damaged.exit_code, damaged.stdout) == (1, "")
    assert "error: the database damaged.db can't be used" in damaged.stderr


@pytest.mark.parametrize("option", ["--local", "--local=own.db"])
def test_local_after_the_command_is_refused(run: Run, option: str) -> None:
    done = run("compare", "a", "b", option)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "--local stands before the command: benchwire --local compare" in done.stderr


PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]


@pytest.mark.parametrize("missing", ["jsonschema_rs", "starlette", "uvicorn", "opentelemetry"])
def test_doctor_tells_of_every_extra(missing: str, tmp_path: Path) -> None:
    """One that other distributions brought a part of is absent."""
    code = f"""
import sys
sys.modules[{missing!r}] = None
from benchwire.cli import main
sys.argv = ["benchwire", "doctor", "--format", "tsv"]
main()
"""
    done = forks.run([sys.executable, "-c", code], imported=forks.LIBRARIES, cwd=tmp_path)
    found = [line.split("\t") for line in done.stdout.splitlines() if line.startswith("extra ")]
    assert {line[0].removeprefix("extra ") for line in found} == (
        set(PROJECT["optional-dependencies"]) - {"dev"}
    ), done.stderr
    wanted = {"opentelemetry": "otel"}.get(missing, "local")
    assert [line[0] for line in found if line[1] == "absent"] == [f"extra {wanted}"]
