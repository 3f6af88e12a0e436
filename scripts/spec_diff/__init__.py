"""User-visible changes between two states of the specs: their grades, version and changelog."""

from .changelog import update_draft
from .comparison import compare
from .model import Change, Grade, Surface
from .release import ChangesError, compare_files, compare_folders, record_release
from .report import Report, change_lines, publish, report_lines, since_release, update_changelog
from .surface import surface_of
from .versions import required_version

__all__ = [
    "Change", "ChangesError", "Grade", "Report", "Surface", "change_lines", "compare",
    "compare_files", "compare_folders", "publish", "record_release", "report_lines", "required_version",
    "since_release", "surface_of", "update_changelog", "update_draft",
]  # fmt: skip
