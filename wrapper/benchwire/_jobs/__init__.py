"""Paid jobs: submitted at most once, although the service has no idempotency key.

A submission is an *intent*. It is recorded in a journal before it is sent, and it is sent once. If
its outcome is unknown, its jobs are looked up in the service's list (*reconciliation*); it is not
sent again.

==================  =============================================================================
`payload`           validates the arguments of a submission and builds its request
`digests`           HMAC digests: what the journal stores in place of keys and URLs
`records`           what the journal stores of an intent
`journal`           the interface of a journal
`client_journal`    the journal that a client is set to
`sqlite_journal`    a journal in SQLite; `database` is its file or memory, `locks` its locks
`requests`          the single v0 requests that this package needs
`outcomes`          which responses accept a submission, which reject it, which leave it unknown
`reconcile`         decides which listed jobs belong to an intent
`submit`            the protocol: list, record, send, reconcile
`run_many`          many submissions as one run that can be continued
==================  =============================================================================
"""
