"""Patterns of missing stations: which steps lack the same ones, so that work is done once a pattern."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from interpolation.arrays import Array, Flags, Indices


@dataclass(frozen=True)
class Group:
    """Patterns with a similar number of marked stations, padded to one width.

    Attributes
    ----------
    patterns : (u,) int array
        Numbers of the patterns.
    index : (u, k) int array
        Marked stations of each pattern; padding repeats station 0.
    real : (u, k) bool array
        False where `index` is padding.
    steps : (s,) int array
        Steps that have one of the patterns.
    which : (s,) int array
        Row of `index` for each of the steps.
    """

    patterns: Indices
    index: Indices
    real: Flags
    steps: Indices
    which: Indices

    def spread(self, part: Array, n: int) -> Array:
        """Return an (s, n) array with `part` (s, k) at the marked stations and zero elsewhere."""
        out = np.zeros((len(self.steps), n))
        rows = np.arange(len(self.steps))[:, None]
        np.add.at(out, (rows, self.index[self.which]), part * self.real[self.which])
        return out

    def gather(self, table: Array) -> Array:
        """Return the (s, k) entries of a (T, n) table at the marked stations, zero at padding."""
        return np.asarray(table[self.steps[:, None], self.index[self.which]] * self.real[self.which])


@dataclass(frozen=True)
class Patterns:
    """The distinct patterns of presence in a (T, n) table of values.

    Attributes
    ----------
    present : (u, n) bool array
        Stations with a value, one row a pattern.
    of_step : (T,) int array
        The pattern of each step.
    """

    present: Flags
    of_step: Indices

    @classmethod
    def of(cls, values: Array) -> Patterns:
        """Read the patterns from a table with NaN for what is missing."""
        packed, of_step = np.unique(np.packbits(np.isfinite(values), axis=1), axis=0, return_inverse=True)
        present = np.unpackbits(packed, axis=1, count=values.shape[1]).astype(bool)
        return cls(present, of_step.reshape(-1).astype(np.intp))

    @cached_property
    def missing(self) -> list[Group]:
        """Patterns that lack stations, grouped by how many; the marked stations are the missing ones."""
        return self._groups(~self.present)

    @cached_property
    def reporting(self) -> list[Group]:
        """All patterns, grouped by how many stations they have; the marked stations are those present."""
        return self._groups(self.present)

    def _groups(self, marked: Flags) -> list[Group]:
        """Return patterns grouped by their number of `marked` stations in powers of √2, none of them empty."""
        count = marked.sum(axis=1)
        take = np.flatnonzero(count > 0)
        size = np.ceil(2 * np.log2(np.maximum(count[take], 1))).astype(int)
        out = []
        for s in np.unique(size):
            rows = take[size == s]
            width = int(count[rows].max())
            order = np.argsort(~marked[rows], axis=1, kind="stable")[:, :width]
            real = np.take_along_axis(marked[rows], order, axis=1)
            position = np.full(len(marked), -1)
            position[rows] = np.arange(len(rows))
            steps = np.flatnonzero(position[self.of_step] >= 0)
            out.append(Group(rows, np.where(real, order, 0), real, steps, position[self.of_step[steps]]))
        return out


def padded_blocks(matrix: Array, group: Group) -> Array:
    """Return the (u, k, k) blocks of a symmetric matrix at the group's stations; padding is the identity."""
    blocks = matrix[group.index[:, :, None], group.index[:, None, :]]
    both = group.real[:, :, None] & group.real[:, None, :]
    blocks *= both
    k = blocks.shape[1]
    blocks[:, np.arange(k), np.arange(k)] += ~group.real
    return np.asarray(blocks)
