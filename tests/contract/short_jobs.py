"""An embedded server whose jobs are short, for what is not about how jobs proceed."""

from __future__ import annotations

from typing import Self

from benchwire_local import LocalServer


class ShortJobsServer(LocalServer):
    """Has 2 of the 40 conversations of a unit, of which jobs send each to the endpoint."""

    def start(self) -> Self:
        super().start()
        with self._db.write() as connection:  # type: ignore[union-attr]  # it runs
            connection.execute(
                "DELETE FROM v0_conversations WHERE id NOT IN"
                " (SELECT min(id) FROM v0_conversations GROUP BY benchmark_id, label IS NULL)"
            )
        return self
