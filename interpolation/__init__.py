"""Interpolation of pollution measurements: kriging with an honest uncertainty.

>>> from interpolation import Kriging, Variogram, fit_variogram, Grid
"""

from interpolation.fit import fit_variogram
from interpolation.grid import Grid
from interpolation.kriging import Kriging, Prediction
from interpolation.transform import Transform
from interpolation.validation import Validation
from interpolation.variogram import Variogram

__all__ = ["Grid", "Kriging", "Prediction", "Transform", "Validation", "Variogram", "fit_variogram"]
