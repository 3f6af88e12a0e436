"""Statistics of models that answered the same items.

Pure functions over counts and numbers; they need no service, no key and no other package. A
difference is always the first model's value minus the second's. Counts of a paired table are named
`both`, `only_1`, `only_2` and `neither`: how many items both models answered right, only the first,
only the second, and neither.

For right or wrong answers: `tango_interval` for the difference and `mcnemar(…).mid_p` for the test.
For graded scores: `paired_t`, with `clusters` where items belong together. For several models:
`cochran_q`, then all pairs with `holm`. Before paying for items: `sample_size`.
"""

from .intervals import (
    Interval,
    newcombe_paired_interval,
    tango_interval,
    wilson_interval,
)
from .means import (
    ClusteredStandardError,
    PairedT,
    clustered_standard_error,
    paired_t,
)
from .paired_tests import McNemar, Wilcoxon, mcnemar, wilcoxon_signed_rank
from .resamples import Bootstrap, SignFlip, paired_bootstrap, sign_flip_permutation
from .sample_sizes import minimum_detectable_difference, sample_size
from .several import CochranQ, benjamini_hochberg, cochran_q, holm

__all__ = [
    "Bootstrap",
    "ClusteredStandardError",
    "CochranQ",
    "Interval",
    "McNemar",
    "PairedT",
    "SignFlip",
    "Wilcoxon",
    "benjamini_hochberg",
    "clustered_standard_error",
    "cochran_q",
    "holm",
    "mcnemar",
    "minimum_detectable_difference",
    "newcombe_paired_interval",
    "paired_bootstrap",
    "paired_t",
    "sample_size",
    "sign_flip_permutation",
    "tango_interval",
    "wilcoxon_signed_rank",
    "wilson_interval",
]
