"""A page to hand on: one file of HTML that opens from disk and asks nothing of any network."""

from leaderbored.views.report.document import Part, Report, document

__all__ = ["Part", "Report", "document"]
