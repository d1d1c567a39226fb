"""A small file for a question that asks for one, made up for demonstration."""

from shared.policy.answers import FileKind
from shared.policy.form import FormDefinition


def sample_pdf(text: str) -> bytes:
    """A PDF of one page. `text` is ASCII without parentheses and backslashes."""
    content = f"BT /F1 14 Tf 72 720 Td ({text}) Tj ET".encode("ascii")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    document, places = bytearray(b"%PDF-1.4\n"), list[int]()
    for number, one in enumerate(objects, 1):
        places.append(len(document))
        document += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(document)
    document += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    document += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(document)


def pdf_questions(definition: FormDefinition) -> frozenset[str]:
    """The questions for files that take a PDF."""
    answers = {name: definition.by_id[name].answer for name in definition.file_questions}
    return frozenset(name for name, answer in answers.items() if answer.type == "file" and FileKind.PDF in answer.kinds)
