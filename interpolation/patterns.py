"""Patterns of missing stations: which steps lack the same ones, so that work is done once a pattern."""

from __future__ import annotations

from dataclasses import dataclass

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
    """

    patterns: Indices
    index: Indices
    real: Flags


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

    def groups(self, marked: Flags, which: Flags | None = None) -> list[Group]:
        """Return patterns grouped by their number of `marked` stations (in powers of √2), none of them empty.

        Parameters
        ----------
        marked : (u, n) bool array
            For example ``~present``.
        which : (u,) bool array, optional
            Patterns to take; all by default.
        """
        count = marked.sum(axis=1)
        take = np.flatnonzero((count > 0) & (True if which is None else which))
        if take.size == 0:
            return []
        size = np.ceil(2 * np.log2(count[take])).astype(int)
        out = []
        for s in np.unique(size):
            rows = take[size == s]
            width = int(count[rows].max())
            order = np.argsort(~marked[rows], axis=1, kind="stable")[:, :width]
            real = np.take_along_axis(marked[rows], order, axis=1)
            out.append(Group(rows, np.where(real, order, 0), real))
        return out


def padded_blocks(matrix: Array, group: Group) -> Array:
    """Return the (u, k, k) blocks of a symmetric matrix at the group's stations; padding is the identity."""
    blocks = matrix[group.index[:, :, None], group.index[:, None, :]]
    both = group.real[:, :, None] & group.real[:, None, :]
    blocks *= both
    k = blocks.shape[1]
    blocks[:, np.arange(k), np.arange(k)] += ~group.real
    return np.asarray(blocks)
