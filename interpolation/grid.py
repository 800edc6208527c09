"""Grids that snap to whole multiples of their cell size, so that two runs align."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pyproj import CRS
from rasterio import Affine

from interpolation.arrays import Array
from language import UserError

MOST_CELLS = 50_000_000


@dataclass(frozen=True)
class Grid:
    """Centres of square cells, north up.

    Attributes
    ----------
    x : (nx,) array
        Centres from west to east [m].
    y : (ny,) array
        Centres from north to south [m].
    cell : float
        Side of a cell [m].
    crs : pyproj.CRS or None

    Examples
    --------
    >>> grid = Grid.covering((120, 80, 310, 205), cell=100, crs="EPSG:32647")
    >>> grid.x, grid.y, grid.shape
    (array([150., 250., 350.]), array([250., 150.,  50.]), (3, 3))
    """

    x: Array
    y: Array
    cell: float
    crs: CRS | None

    @classmethod
    def covering(cls, bounds: tuple[float, float, float, float], cell: float, crs: CRS | str | int | None) -> Grid:
        """Return the grid of whole cells that covers the bounds.

        Parameters
        ----------
        bounds : tuple
            xmin, ymin, xmax, ymax [m].
        cell : float
            Side of a cell [m].
        crs : anything pyproj reads

        Raises
        ------
        UserError
            A cell that is not above zero, empty bounds, or more than 50 million cells.
        """
        xmin, ymin, xmax, ymax = bounds
        if not cell > 0:
            raise UserError("The cell size must be above zero.")
        if not (np.isfinite(bounds).all() and xmax > xmin and ymax > ymin):
            raise UserError("The area is empty.")
        columns = np.arange(np.floor(xmin / cell), np.ceil(xmax / cell))
        rows = np.arange(np.floor(ymin / cell), np.ceil(ymax / cell))[::-1]
        if len(columns) * len(rows) > MOST_CELLS:
            raise UserError(
                "A cell of {cell} m makes {count} million cells; choose a larger cell.",
                cell=f"{cell:g}",
                count=round(len(columns) * len(rows) / 1e6),
            )
        return cls(
            (columns + 0.5) * cell, (rows + 0.5) * cell, float(cell), None if crs is None else CRS.from_user_input(crs)
        )

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.y), len(self.x)

    @property
    def transform(self) -> Affine:
        """Affine transform from column, row to x, y of a cell's upper left corner."""
        return Affine(self.cell, 0.0, self.x[0] - self.cell / 2, 0.0, -self.cell, self.y[0] + self.cell / 2)

    def points(self) -> Array:
        """Return the centres, (ny · nx, 2), row by row from the north-west."""
        x, y = np.meshgrid(self.x, self.y)
        return np.column_stack([x.ravel(), y.ravel()])
