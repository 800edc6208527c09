"""Variogram models: how unlike two places are at a distance, and what their parameters mean."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from interpolation.arrays import Array
from language import UserError

MODELS = ("exponential", "spherical", "gaussian", "matern32", "matern52")

# Distance, in ranges, at which the correlation has fallen to 5 %.
_PRACTICAL = {"exponential": 2.9957, "spherical": 0.8114, "gaussian": 1.7308, "matern32": 4.7439, "matern52": 5.9183}
# PyKrige states three models by their practical range (variogram_models.py of PyKrige 1.7).
_PYKRIGE_SHARE = {"exponential": 3.0, "gaussian": 7.0 / 4.0, "spherical": 1.0}


def correlation(model: str, ratio: Array) -> Array:
    """Return the correlation at distance / range = `ratio`; keeps the dtype, may overwrite `ratio`.

    exponential exp(−u); spherical 1 − 1.5 u + 0.5 u³ for u < 1, else 0; gaussian exp(−u²);
    matern32 (1 + u) exp(−u); matern52 (1 + u + u²/3) exp(−u)
    (Chilès and Delfiner 2012, §2.5; gstat's `vgm` in the same parameters).
    """
    one = ratio.dtype.type(1)
    if model == "exponential":
        np.negative(ratio, out=ratio)
        return np.asarray(np.exp(ratio, out=ratio))
    if model == "gaussian":
        np.square(ratio, out=ratio)
        np.negative(ratio, out=ratio)
        return np.asarray(np.exp(ratio, out=ratio))
    if model == "spherical":
        np.minimum(ratio, one, out=ratio)
        return np.asarray(one - ratio * (ratio.dtype.type(1.5) - ratio.dtype.type(0.5) * ratio * ratio))
    if model == "matern32":
        return np.asarray((one + ratio) * np.exp(-ratio))
    if model == "matern52":
        return np.asarray((one + ratio * (one + ratio / ratio.dtype.type(3))) * np.exp(-ratio))
    raise UserError("Unknown variogram model '{name}'. Choose one of: {names}.", name=model, names=", ".join(MODELS))


@dataclass(frozen=True)
class Variogram:
    """A bounded variogram, γ(h) = nugget + partial sill · (1 − correlation(h / range)).

    Attributes
    ----------
    model : {"exponential", "spherical", "gaussian", "matern32", "matern52"}
    nugget : float
        Jump at the origin: variation on a scale smaller than the stations' spacing
        [unit of the values, squared].
    partial_sill : float
        Variance that is correlated in space [unit of the values, squared].
    range : float
        gstat's range parameter *a* of `vgm` [unit of the coordinates]: exp(−h/a), exp(−(h/a)²), the
        reach of the spherical model, (1 + h/a) exp(−h/a), (1 + h/a + (h/a)²/3) exp(−h/a).
        PyKrige instead states the distance at which 95 % of the sill is reached:
        its exponential range is 3 a, its gaussian range 7/4 a, its spherical range a. `from_pykrige`
        and `to_pykrige` convert.
    angle : float
        Direction of the longest range, degrees clockwise from north (gstat's ``anis[1]``).
    ratio : float
        Range across that direction over the range along it, 0 < ratio ≤ 1 (gstat's ``anis[2]``).

    Examples
    --------
    >>> v = Variogram("exponential", nugget=1.0, partial_sill=3.0, range=1000.0)
    >>> v.sill, v.nugget_share
    (4.0, 0.25)
    >>> [round(float(x), 3) for x in v.semivariance([0.0, 1000.0, 1e9])]
    [0.0, 2.896, 4.0]
    """

    model: str
    nugget: float
    partial_sill: float
    range: float
    angle: float = 0.0
    ratio: float = 1.0

    def __post_init__(self) -> None:
        if self.model not in MODELS:
            raise UserError(
                "Unknown variogram model '{name}'. Choose one of: {names}.", name=self.model, names=", ".join(MODELS)
            )
        numbers = (self.nugget, self.partial_sill, self.range, self.angle, self.ratio)
        if not np.all(np.isfinite(numbers)) or self.nugget < 0 or self.partial_sill < 0:
            raise UserError("A variogram needs a nugget and a partial sill of zero or more.")
        if self.nugget + self.partial_sill <= 0 or self.range <= 0 or not 0 < self.ratio <= 1:
            raise UserError("A variogram needs a sill and a range above zero, and a ratio above 0 and up to 1.")

    @property
    def sill(self) -> float:
        """Total sill: nugget + partial sill."""
        return self.nugget + self.partial_sill

    @property
    def nugget_share(self) -> float:
        """Nugget over total sill, 0 to 1."""
        return self.nugget / self.sill

    @property
    def practical_range(self) -> float:
        """Distance at which the spatial correlation has fallen to 5 % [unit of the coordinates]."""
        return _PRACTICAL[self.model] * self.range

    def semivariance(self, distance: Array | list[float]) -> Array:
        """Return γ at `distance` [unit of the coordinates]; zero at distance zero."""
        h = np.array(distance, dtype=float)
        gamma = self.nugget + self.partial_sill * (1.0 - correlation(self.model, h / self.range))
        return np.where(h > 0, gamma, 0.0)

    def flatten(self, coordinates: Array) -> Array:
        """Return coordinates in ranges along and across the longest direction, where the field is isotropic."""
        xy = np.asarray(coordinates, dtype=float)
        if self.ratio == 1.0:
            return xy / self.range
        angle = np.deg2rad(self.angle)
        along = xy[:, 0] * np.sin(angle) + xy[:, 1] * np.cos(angle)
        across = xy[:, 0] * np.cos(angle) - xy[:, 1] * np.sin(angle)
        return np.column_stack([along, across / self.ratio]) / self.range

    def with_sill(self, sill: float) -> Variogram:
        """Return the same shape with another total sill."""
        return replace(self, nugget=self.nugget_share * sill, partial_sill=(1 - self.nugget_share) * sill)

    def to_dict(self) -> dict[str, float | str]:
        """Return the parameters as plain values, range in gstat's meaning."""
        return {
            "model": self.model,
            "nugget": self.nugget,
            "partial_sill": self.partial_sill,
            "psill": self.partial_sill,  # gstat's and PyKrige's name of it
            "range": self.range,
            "practical_range": self.practical_range,
            "angle": self.angle,
            "ratio": self.ratio,
            "convention": "gstat",
        }

    def to_pykrige(self) -> tuple[str, dict[str, float]]:
        """Return PyKrige's model name and ``variogram_parameters`` (psill, range, nugget).

        Raises
        ------
        UserError
            PyKrige has no Matérn models.
        """
        if self.model not in _PYKRIGE_SHARE:
            raise UserError("PyKrige has no model '{name}'.", name=self.model)
        share = _PYKRIGE_SHARE[self.model]
        return self.model, {"psill": self.partial_sill, "range": self.range * share, "nugget": self.nugget}

    @classmethod
    def from_pykrige(cls, model: str, psill: float, reach: float, nugget: float) -> Variogram:
        """Return the variogram that PyKrige means by these parameters; `reach` is its ``range``.

        >>> Variogram.from_pykrige("exponential", psill=2.0, reach=300.0, nugget=0.0).range
        100.0
        """
        if model not in _PYKRIGE_SHARE:
            raise UserError("PyKrige has no model '{name}'.", name=model)
        return cls(model, nugget, psill, reach / _PYKRIGE_SHARE[model])


_KEYS = {
    "nugget": "nugget",
    "psill": "partial_sill",
    "partial_sill": "partial_sill",
    "range": "range",
    "angle": "angle",
    "ratio": "ratio",
}


def parse(text: str) -> Variogram | str:
    """Read ``auto``, a model's name, or a whole variogram from the command line.

    ``exponential:nugget=13.5,psill=66.5,range=224000`` fixes every parameter in gstat's meaning of
    range (see `Variogram`); ``convention=pykrige`` reads the range as PyKrige does;
    ``angle=`` and ``ratio=`` give the direction and the ratio of a geometric anisotropy.

    Returns
    -------
    Variogram or str
        A whole variogram, or ``auto`` or a model's name: what is to be fitted.

    Examples
    --------
    >>> parse("spherical:psill=0.59,range=874,nugget=0.04").range
    874.0
    >>> parse("auto")
    'auto'
    """
    name, _, rest = text.strip().partition(":")
    if not rest:
        if name not in ("auto", *MODELS):
            raise UserError(
                "Unknown variogram model '{name}'. Choose one of: {names}.",
                name=name,
                names="auto, " + ", ".join(MODELS),
            )
        return name
    numbers: dict[str, float] = {}
    convention = "gstat"
    for part in rest.split(","):
        key, _, value = (p.strip() for p in part.partition("="))
        if key == "convention" and value in ("gstat", "pykrige"):
            convention = value
            continue
        try:
            numbers[_KEYS[key]] = float(value)
        except (KeyError, ValueError):
            raise UserError(
                "Cannot read '{part}' in the variogram '{text}'. Write it as "
                "'exponential:nugget=13.5,psill=66.5,range=224000'.",
                part=part,
                text=text,
            ) from None
    if not {"partial_sill", "range"} <= numbers.keys():
        raise UserError(
            "The variogram '{text}' needs psill and range, as in 'exponential:nugget=13.5,psill=66.5,range=224000'.",
            text=text,
        )
    numbers.setdefault("nugget", 0.0)
    if convention == "pykrige":
        if name not in _PYKRIGE_SHARE:
            raise UserError("PyKrige has no model '{name}'.", name=name)
        numbers["range"] /= _PYKRIGE_SHARE[name]
    return Variogram(name, **numbers)
