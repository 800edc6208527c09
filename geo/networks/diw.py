"""The open factory register of the Department of Industrial Works (domain facts, section 6.4).

One CSV file of all factories, of which one province may be kept. Cells like ``="  0630…"``, broken lines and
coordinates that are missing, zero or abroad are the readers' work. The operator's name (ONAME) is dropped before
anything is kept. FFLAG says little: 33,696 rows "operating" stand against 71,012 on the department's own board.
"""

from __future__ import annotations

import csv
import io
from typing import Any

from geo import readers
from geo.networks.model import Batch, Network, Plan, Query, Request
from geo.networks.privacy import table_without_people
from geo.readers import Options
from geo.readers.texts import decode
from language import UserError, note

_FILE = "Factory_Data_CSV.php"


class FactoryRegister(Network):
    """Factory_Data of the open data service."""

    name = "diw"
    title = "DIW"
    base = "https://openapi.industry.go.th/gdcatalog"
    attribution = "กรมโรงงานอุตสาหกรรม (openapi.industry.go.th)"
    licence = "Open Government Data of Thailand"
    per_minute = 6.0

    def plan(self, query: Query) -> Plan:
        """Yield the one file."""
        yield Request(f"{self.root(query)}/{_FILE}", {"download_all": "1"}, "Factory_Data.csv", form="bytes")

    def redact(self, body: bytes, request: Request) -> bytes:
        """Return the file without columns that name people; broken lines lose all their cells."""
        self._check(body, request)
        return table_without_people(body, request.what)

    def _check(self, body: bytes, request: Request) -> None:
        _, plain = decode(body, request.what)
        header = plain.split(b"\n", 1)[0].decode()
        found = {name.strip().strip('"').upper() for name in header.split(",")}
        for name in ("FACREG", "FNAME", "FACTYPE"):
            if name not in found:
                raise self.changed(request, f"{name} ?")

    def parse(self, answer: Any, request: Request, query: Query) -> Batch:
        """Return the factories (of the province)."""
        body, total = _province(answer, query.province)
        options = Options(source=self.attribution, licence=self.licence)
        parsed = readers.read(body, "factories", name=request.what, options=options)
        notes = list(parsed.notes)
        if query.province:
            count = len(parsed.tables["factories"])
            notes.append(note("{count} of {total} factories of the register stand in {province}.", count=count,
                              total=total, province=query.province))  # fmt: skip
        return Batch(dict(parsed.tables), rows=parsed.rows_read, dropped=parsed.dropped, notes=notes)


def _province(body: bytes, province: str) -> tuple[bytes, int]:
    """Return the lines of a province, and how many lines there are.

    Raises
    ------
    UserError
        Where there is none.
    """
    lines = list(csv.reader(io.StringIO(body.decode())))
    if not province:
        return body, len(lines) - 1
    column = next((i for i, name in enumerate(lines[0]) if name.strip().upper() == "FPROVNAME"), None)
    wanted = province.removeprefix("จังหวัด").strip().casefold()
    hits = [row for row in lines[1:] if column is not None and row[column].strip('=" ').casefold() == wanted]
    if not hits:
        known = sorted({row[column].strip('=" ') for row in lines[1:] if column is not None} - {""})
        raise UserError(
            "The register has no factories in {province}. Provinces in it: {others}.",
            province=province, others=", ".join(known[:80]) or "–",
        )  # fmt: skip
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([lines[0], *hits])
    return out.getvalue().encode(), len(lines) - 1
