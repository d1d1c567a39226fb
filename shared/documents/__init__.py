"""Documents for people as PDF."""

from shared.documents.document import Code, Document, Fact, Part, Table
from shared.documents.pdf import Unwritable, pdf_of, written

__all__ = ["Code", "Document", "Fact", "Part", "Table", "Unwritable", "pdf_of", "written"]
