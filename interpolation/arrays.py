"""Names for the arrays that everything here passes around; shapes and units stand in the docstrings."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
"""Real numbers, float64 or float32."""
Indices = NDArray[np.intp]
Flags = NDArray[np.bool_]
