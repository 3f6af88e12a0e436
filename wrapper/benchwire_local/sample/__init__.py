"""The bundled sample: data for all three APIs, made by code and named as sample data.

Nothing in it is measured and no model in it exists. The tasks are generated and their truths
computed; what the models answer is drawn, the same on every machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchwire_local.data import public_tables as public_store
from benchwire_local.data import v0 as v0_store
from benchwire_local.data import v2_tables as v2_store
from benchwire_local.errors import DatabaseError
from benchwire_local.sample import public, v0, v2

if TYPE_CHECKING:
    from benchwire_local.data.database import Database


def load_sample(db: Database) -> None:
    """Fill an empty database with the sample, in one transaction.

    The account of the v0 API is not part of it: the job runner makes that one, with the credits
    the server's settings give.

    Raises:
        DatabaseError: The database is not empty; it was left as it is.
    """
    with db.write() as connection:
        if not (
            public_store.is_empty(connection)
            and v2_store.is_empty(connection)
            and not v0_store.has_benchmarks(connection)
        ):
            raise DatabaseError("the sample can only be loaded into an empty database")
        public.load(connection)
        v2.load(connection)
        v0.load(connection)
