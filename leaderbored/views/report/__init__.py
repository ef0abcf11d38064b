"""A page to hand on: one file of HTML that opens from disk and asks nothing of any network."""

from leaderbored.views.report.document import Drawn, Part, Report, document

__all__ = ["Drawn", "Part", "Report", "document"]
