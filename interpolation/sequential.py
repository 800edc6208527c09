"""Unconditional Gaussian fields at any places, by sequential simulation from near places.

1. Places are put in order from coarse to fine: of every square of a grid that halves from level to level,
   one place; the squares in nine colours, so that the places of one batch are two squares apart.
2. Every place is its kriging from the nearest earlier places (`NEIGHBOURS`) plus an independent normal of
   the kriging variance (Deutsch and Journel 1998, §V.1; as an approximation of the joint density Vecchia
   1988, with the coarse-to-fine order of Guinness 2018). What lies behind the nearest places adds next to
   nothing, and the coarse levels carry the long waves.
3. Weights depend on the places only: one sparse matrix a batch serves any number of fields.
4. The first places (the stations) are drawn together from the Cholesky factor of their correlations.

Covariances of the first places are exact; elsewhere they are off by a thousandth of the sill on average and by some
hundredths at most (tests). Any set of places is allowed, so stations and the cells of an irregular area go together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from interpolation.arrays import Array, Indices
from interpolation.system import JITTER
from interpolation.variogram import correlation

NEIGHBOURS = 32
_COLOURS = 3  # along each axis
_MOST_DENSE = 500  # first places drawn together
_MOST_AT_ONCE = 4000  # places whose small systems are solved together


@dataclass(frozen=True)
class Batch:
    """Places that are drawn together: their numbers (b,), weights (b, m) on earlier places, and sd (b, 1)."""

    places: Indices
    weights: csr_matrix
    sd: Array


class SequentialField:
    """Fields of unit variance with one correlation model, to be drawn any number of times.

    Parameters
    ----------
    flat : (m, 2) array
        Places in ranges (`Variogram.flatten`), no two the same.
    model : str
        Variogram model.
    first : int
        So many places are drawn first (the stations): their covariance is exact, beyond 500 of them as elsewhere.

    Examples
    --------
    >>> field = SequentialField(np.array([[0.0, 0.0], [0.1, 0.0], [9.0, 9.0]]), "exponential")
    >>> drawn = field.draw(2000, np.random.default_rng(1))
    >>> round(float(np.corrcoef(drawn[0], drawn[1])[0, 1]), 1)
    0.9
    """

    def __init__(self, flat: Array, model: str, first: int = 0) -> None:
        self.count = len(flat)
        self.model = model
        # A factor serves them all at once, where a step for each would take longer than everything else.
        together = first if first <= _MOST_DENSE else 0
        self._first: Array = np.linalg.cholesky(self._correlations(flat[:together])).astype(np.float32)
        self.batches = [self._batch(flat, earlier, now) for earlier, now in _order(flat, first, together)]

    def _correlations(self, places: Array) -> Array:
        """Return the correlations of places (..., k, 2) with each other, (..., k, k), fit to be solved with."""
        apart = np.sqrt(((places[..., :, None, :] - places[..., None, :, :]) ** 2).sum(axis=-1))
        return np.asarray(correlation(self.model, apart) + JITTER * 100 * np.eye(places.shape[-2]))

    def _batch(self, flat: Array, earlier: Indices, now: Indices) -> Batch:
        if earlier.size == 0:
            return Batch(now, csr_matrix((len(now), self.count), dtype=np.float32), np.ones((len(now), 1), np.float32))
        k = min(NEIGHBOURS, earlier.size)
        tree = cKDTree(flat[earlier])
        near = earlier[tree.query(flat[now], k)[1].reshape(len(now), k)]
        weights, sd = np.empty((len(now), k)), np.empty(len(now))
        for start in range(0, len(now), _MOST_AT_ONCE):
            part = slice(start, start + _MOST_AT_ONCE)
            weights[part], sd[part] = self._krige(flat[near[part]], flat[now[part]])
        rows = np.arange(0, k * len(now) + 1, k)
        matrix = csr_matrix((weights.ravel().astype(np.float32), near.ravel(), rows), (len(now), self.count))
        return Batch(now, matrix, sd[:, None].astype(np.float32))

    def _krige(self, near: Array, here: Array) -> tuple[Array, Array]:
        """Return simple kriging weights (b, k) and sd (b,) of places from their neighbours (b, k, 2)."""
        c = correlation(self.model, np.sqrt(((near - here[:, None]) ** 2).sum(axis=-1)))
        weights = np.linalg.solve(self._correlations(near), c[:, :, None])[:, :, 0]
        return weights, np.sqrt(np.maximum(1.0 - (weights * c).sum(axis=1), 0.0))

    def draw(self, fields: int, rng: np.random.Generator) -> Array:
        """Return `fields` independent fields, (m, fields) of float32."""
        return self.correlate(rng.standard_normal((self.count, fields), dtype=np.float32))

    def correlate(self, normals: Array) -> Array:
        """Return fields made of independent normals (m, fields), which are overwritten."""
        out = normals
        first = len(self._first)
        out[:first] = self._first @ out[:first]
        for batch in self.batches:
            drawn = batch.weights @ out if batch.weights.nnz else 0.0
            out[batch.places] = drawn + batch.sd * out[batch.places]
        return out


def _order(flat: Array, first: int, together: int) -> list[tuple[Indices, Indices]]:
    """Return the batches as pairs: every place drawn earlier, and those to draw now, without those drawn together."""
    done = np.arange(len(flat)) < together
    batches: list[tuple[Indices, Indices]] = []

    def put(places: Indices) -> None:
        batches.append((np.flatnonzero(done), places))
        done[places] = True

    for k in range(together, first):
        put(np.array([k]))
    if not first:
        put(np.array([int(cdist(flat.mean(axis=0)[None], flat).argmin())]))
    low, extent = flat.min(axis=0), float(np.ptp(flat, axis=0).max()) * (1 + 1e-9)
    side = extent / 2
    while not done.all():
        left = np.flatnonzero(~done)
        square = np.floor((flat[left] - low) / max(side, 1e-300)).astype(np.int64)
        colour = square[:, 0] % _COLOURS + _COLOURS * (square[:, 1] % _COLOURS)
        # The middle of a square stands for it, so that the places of a level are evenly spread.
        off = np.abs((flat[left] - low) / max(side, 1e-300) - square - 0.5).max(axis=1)
        for shade in range(_COLOURS**2):
            mine = np.flatnonzero(colour == shade)
            mine = mine[np.argsort(off[mine], kind="stable")]
            _, one = np.unique(square[mine], axis=0, return_index=True)
            if one.size:
                put(left[np.sort(mine[one])])
        side /= 2
    return batches


def distinct(flat: Array, same: float) -> tuple[Array, Indices]:
    """Return the places without repetition, and the number of each place among them; earlier ones come first.

    Parameters
    ----------
    flat : (m, 2) array
    same : float
        Distance up to which two places count as one.
    """
    own = np.arange(len(flat))
    pairs = cKDTree(flat).query_pairs(same, output_type="ndarray")
    for first, second in pairs[np.lexsort((pairs[:, 0], pairs[:, 1]))][::-1]:
        own[second] = min(first, own[second])
    own = own[own]
    kept, number = np.unique(own, return_inverse=True)
    return flat[kept], np.asarray(number)
