"""From the transformed scale to what people read: mean, sd, interval and exceedance probability."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from interpolation import student
from interpolation.arrays import Array
from interpolation.transform import Transform

BANDS = ("mean", "sd", "lower95", "upper95", "exceedance")


@dataclass(frozen=True)
class Finish:
    """How a latent mean and variance become results.

    Attributes
    ----------
    transform : Transform
    freedom : (T,) array
        Degrees of freedom of each step's predictive distribution; infinite = normal.
    threshold : float or None
        [unit of the values]
    nonnegative : bool
        Whether means and bounds below zero are set to zero.
    """

    transform: Transform
    freedom: Array
    threshold: float | None = None
    nonnegative: bool = False

    def __call__(self, mean: Array, variance: Array, bands: tuple[str, ...]) -> tuple[dict[str, Array], int]:
        """Return the wanted bands, and how many means were set to zero.

        Parameters
        ----------
        mean, variance : (T, m) arrays
            Of the predictive distribution on the transformed scale.
        """
        out: dict[str, Array] = {}
        clamped = 0
        freedom = self.freedom[:, None].astype(mean.dtype)
        sd = np.sqrt(variance)
        if "mean" in bands or "sd" in bands:
            centre, spread = self.transform.moments(mean, variance)
            if self.nonnegative:
                below = centre < 0
                clamped = int(below.sum())
                centre = np.where(below, 0, centre).astype(mean.dtype) if clamped else centre
            out["mean"] = centre
            out["sd"] = sd if self.transform.name == "none" else np.sqrt(spread)
        if "lower95" in bands or "upper95" in bands:
            reach = student.quantile(0.975, self.freedom).astype(mean.dtype)[:, None] * sd
            lowest = 0.0 if self.nonnegative else -np.inf
            out["lower95"] = np.maximum(self.transform.inverse(mean - reach), mean.dtype.type(lowest))
            out["upper95"] = np.maximum(self.transform.inverse(mean + reach), mean.dtype.type(lowest))
        if "exceedance" in bands and self.threshold is not None:
            limit = mean.dtype.type(self.transform.forward(np.array(float(self.threshold))))
            with np.errstate(divide="ignore", invalid="ignore"):
                t = (limit - mean) / sd
            # A target with no variance (a station) either exceeds or does not.
            t = np.where(sd > 0, t, np.where(mean > limit, -np.inf, np.inf)).astype(mean.dtype)
            out["exceedance"] = student.exceedance(np.clip(t, -40, 40), freedom)
        return {k: v for k, v in out.items() if k in bands}, clamped
