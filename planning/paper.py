"""Pages of paper drawn from top to bottom, and their PDF: A4 upright, as pictures of exact size.

`planning.maps` sets Thai vowels and tone marks rightly, so pages are drawn with it; their letters can't be searched.
"""

from __future__ import annotations

import io

from PIL import Image, ImageDraw

from geo import palettes

PER_MM = 8.0
"""Pixels in a millimetre: 203 to the inch."""

SIZE = (round(210 * PER_MM), round(297 * PER_MM))
"""Width and height of a page in pixels."""


class Paper:
    """Pages that are filled from top to bottom; what doesn't fit begins a new page.

    Attributes
    ----------
    edge : int
        White edge, pixels.
    foot : int
        Room kept free above the lower edge.
    pages : list of Image
    draw : ImageDraw
        Of the last page.
    y : float
        Where the next thing begins.
    """

    def __init__(self, edge: int, foot: int = 0) -> None:
        self.edge, self.foot = edge, foot
        self.pages: list[Image.Image] = []
        self.turn()

    @property
    def width(self) -> int:
        """Room between the edges."""
        return SIZE[0] - 2 * self.edge

    def turn(self) -> None:
        """Begin a page."""
        self.pages.append(Image.new("RGB", SIZE, palettes.PAPER))
        self.draw, self.y = ImageDraw.Draw(self.pages[-1]), float(self.edge)

    def room(self, height: float) -> None:
        """Begin a page where less than `height` is left."""
        if self.y + height > SIZE[1] - self.edge - self.foot:
            self.turn()

    def picture(self, png: bytes, share: float = 1.0, after: float = 14) -> None:
        """Paste a picture over a share of the width."""
        image = Image.open(io.BytesIO(png)).convert("RGB")
        wide = round(self.width * share)
        tall = round(image.height * wide / image.width)
        self.room(tall)
        self.pages[-1].paste(image.resize((wide, tall), Image.Resampling.LANCZOS), (self.edge, round(self.y)))
        self.y += tall + after

    def pdf(self, title: str) -> bytes:
        """Return the pages as the bytes of a .pdf file."""
        stream = io.BytesIO()
        first, *others = self.pages
        first.save(
            stream, "PDF", resolution=25.4 * PER_MM, quality=90, title=title, producer="EcoTown Air",
            save_all=True, append_images=others,
        )  # fmt: skip
        return stream.getvalue()
