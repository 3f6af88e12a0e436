"""What changes for users when a spec changes, how much it matters, and the version it asks for."""

from .compare import compare
from .model import Change, Grade
from .released import ChangesError, changes_in, read_surface, record_release
from .report import Report, draft, entries, lines, since_release, told
from .surface import Surface, surface_of
from .versions import rule, version_after

__all__ = [
    "Change",
    "ChangesError",
    "Grade",
    "Report",
    "Surface",
    "changes_in",
    "compare",
    "draft",
    "entries",
    "lines",
    "read_surface",
    "record_release",
    "rule",
    "since_release",
    "surface_of",
    "told",
    "version_after",
]
