"""Submits paid jobs exactly once, though the service knows no idempotency key.

A submission is an *intent*: it is written to a journal before it is sent, sent at most once, and
where its outcome is in doubt it is looked for in the list of jobs instead of being sent again.

=================  ==============================================================================
`payloads`         checks the arguments of a submission and builds its request
`marks`            salted hashes: what the journal keeps in place of keys and URLs
`records`          what the journal keeps of an intent
`journal`          what a journal must do; ``_shell/journal.py`` does it with SQLite
`outcomes`         which answers are an acceptance, which a refusal, which leave a doubt
`matching`         which rows of the list may be the jobs of an intent
`submitting`       the protocol: baseline, record, send, reconcile
`noting`           says on an interrupt how to go on
`running`          many submissions, as one run that can be gone on with
=================  ==============================================================================
"""
