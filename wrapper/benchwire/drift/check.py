"""Checks services, or a recording of one, against the specs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from attrs import define, field, frozen

import benchwire
from benchwire import drift
from benchwire.drift.reader import Reader, read_public, read_v0, read_v2
from benchwire.errors import ConfigurationError
from benchwire_drift.baseline import AcceptedFinding
from benchwire_drift.collector import Collector
from benchwire_drift.har import read_har
from benchwire_drift.look import look
from benchwire_drift.pace import Pace
from benchwire_drift.report import Report
from benchwire_drift.specs import bundled_spec

Client: TypeAlias = benchwire.PublicClient | benchwire.V2Client | benchwire.V0Client


@frozen
class Check:
    """The result of a check.

    Attributes:
        report: The findings.
        unread: A line for each operation that could not be read, and that no finding explains.
    """

    report: Report
    unread: Sequence[str] = ()


@define
class Checker:
    """Reads services one after the other, and reports on all.

    Attributes:
        rate: Requests a second.
    """

    rate: float
    _collector: Collector = field(factory=Collector, init=False)
    _readers: list[Reader] = field(factory=list, init=False)

    def read(self, client: Client) -> None:
        """Read a sample of each operation of an API that only reads, in up to 16 requests.

        Raises:
            CannotCheckError: If the first look shows that nothing can be judged.
        """
        endpoint = client._transport.endpoint  # noqa: SLF001  the key's header is nowhere else
        reader = Reader(endpoint.service.name, self._collector, Pace(self.rate))
        look(reader.api, endpoint.base_url, dict([endpoint.key_header]), reader.limit.reserve)
        self._readers.append(reader)
        # The reader repeats failed calls itself, at the rate.
        copy = client.with_options(max_retries=0)
        with drift.watch(copy, self._collector):
            match copy:
                case benchwire.PublicClient():
                    read_public(copy, reader)
                case benchwire.V2Client():
                    read_v2(copy, reader)
                case benchwire.V0Client():
                    read_v0(copy, reader)

    def check(self, baseline: Sequence[AcceptedFinding]) -> Check:
        """Return the report on what was read.

        Raises:
            ConfigurationError: If there was no response to judge.
        """
        apis = tuple(reader.api for reader in self._readers)
        notes = [note for reader in self._readers for note in reader.notes]
        findings = self._collector.findings()
        unread = [line for reader in self._readers for line in reader.unread(findings)]
        return Check(_report(apis, self._collector, baseline, notes), unread)


def check_recording(
    api: str, file: Path, base_url: str | None, baseline: Sequence[AcceptedFinding]
) -> Check:
    """Check the responses that a HAR file has.

    Args:
        api: ``public``, ``v2`` or ``v0``.
        file: The recording.
        base_url: The base URL of the service in it, if that is none of the spec's.
        baseline: The accepted findings.

    Raises:
        HarError: If the file can't be read.
        ConfigurationError: If it has no response of the API.
    """
    recording = read_har(file, bundled_spec(api), [base_url] if base_url else [])
    collector = Collector()
    for response in recording.responses:
        collector.add_response(api, response)
    skipped = sorted(recording.skipped.items())
    notes = [f"entries left out, {why}: {count}" for why, count in skipped]
    return Check(_report((api,), collector, baseline, notes))


def _report(
    apis: tuple[str, ...],
    collector: Collector,
    baseline: Sequence[AcceptedFinding],
    notes: Sequence[str],
) -> Report:
    snapshot = collector.snapshot()
    # Errors of a gateway are additive, and show nothing.
    if not snapshot.responses and not any(one.grade.weight for one in snapshot.findings):
        details = "".join(f"\n  {note}" for note in notes)
        names = " and ".join(apis)
        raise ConfigurationError(f"there was no response of the {names} API to check{details}")
    return drift.make_report(snapshot, list(baseline), apis=apis, notes=tuple(notes))
