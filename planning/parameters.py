"""What a screening is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from language import UserError
from planning.settings import METHODS, Settings, check_weights

POLLUTANTS = ("pm25", "pm10")
BASES = ("days", "annual")

LEAST_OF_A_YEAR = 274
"""Days (75 % of a year) from which a mean stands for the year."""


@dataclass(frozen=True)
class Parameters:
    """What a screening is asked for; None takes the value of data/screening.toml.

    Attributes
    ----------
    area : str
        Boundary code, Thai or English name, or workspace.
    pollutant : {"pm25", "pm10"}
    start, end : date
        First and last day (Bangkok days), both included.
    cell_m : float, optional
        Cell size in metres.
    threshold : float, optional
        Limit of the 24-hour mean in µg/m³, in place of the standard's.
    standard : str
        Name of the standard (``thai``, ``who-aqg`` ...).
    probability, day_share : float, optional
        A cell is hot where P(over the standard on >= `day_share` of the days) >= `probability`.
    basis : {"days", "annual"}
        What a hotspot is judged by: days over the 24-hour standard, or the mean against the annual standard (then the
        period must be about a year; `day_share` says nothing).
    minimum_area_km2 : float, optional
        Smaller hotspots are left out.
    local_excess_ugm3, local_day_share : float, optional
        A local hotspot is more than so much above the background on at least such a share of the days.
    weights : mapping of str to float, optional
        Weights of the score's parts, on any scale.
    method : {"product", "weighted"}, optional
        How the parts make a score (`planning.scoring`).
    reason : str
        Why these weights, in the user's own words.
    units : str
        What is ranked: ``auto`` (`geo.boundaries.units`), a boundary level, ``squares``, ``hotspots``, or own areas
        as a GeoJSON FeatureCollection (`planning.units`).
    without : tuple of str
        Stations left out, by id.
    """

    area: str
    pollutant: str
    start: date
    end: date
    cell_m: float | None = None
    threshold: float | None = None
    standard: str = "thai"
    probability: float | None = None
    day_share: float | None = None
    weights: Mapping[str, float] | None = None
    method: str | None = None
    reason: str = ""
    units: str = "auto"
    without: tuple[str, ...] = ()
    basis: str = "days"
    minimum_area_km2: float | None = None
    local_excess_ugm3: float | None = None
    local_day_share: float | None = None

    def __post_init__(self) -> None:
        if self.pollutant not in POLLUTANTS:
            raise UserError(
                "The pollutant must be one of {known}, not {given}.",
                known=", ".join(POLLUTANTS),
                given=self.pollutant,
            )
        if self.end < self.start:
            raise UserError(
                "The period ends ({end}) before it starts ({start}). Exchange the two dates.",
                start=self.start.isoformat(),
                end=self.end.isoformat(),
            )
        for value in (self.probability, self.day_share, self.local_day_share):
            if value is not None and not 0 <= value <= 1:
                raise UserError("Probability and share of days lie between 0 and 1, not {value}.", value=value)
        if self.method is not None and self.method not in METHODS:
            raise UserError(
                "The method must be one of {known}, not {given}.", known=", ".join(METHODS), given=self.method
            )
        if self.basis not in BASES:
            raise UserError("The basis must be one of {known}, not {given}.", known=", ".join(BASES), given=self.basis)
        for value in (self.minimum_area_km2, self.local_excess_ugm3):
            if value is not None and not value >= 0:
                raise UserError("Smallest area and local excess are numbers from 0 up, not {value}.", value=value)
        if self.basis == "annual" and (self.end - self.start).days + 1 < LEAST_OF_A_YEAR:
            raise UserError(
                "The annual standard judges a year; this period has {days} days. Choose at least {least} days, or "
                "judge by days over the 24-hour standard.",
                days=(self.end - self.start).days + 1,
                least=LEAST_OF_A_YEAR,
            )
        if self.threshold is not None and not self.threshold > 0:
            raise UserError("The threshold must be more than 0 µg/m³, not {value}.", value=self.threshold)

    def filled(self, settings: Settings) -> Parameters:
        """Return the parameters with every None but `cell_m` and `threshold` replaced by the settings' value."""
        method = self.method or settings.zones_method
        return replace(
            self,
            method=method,
            probability=settings.hotspots_probability if self.probability is None else self.probability,
            day_share=settings.hotspots_day_share if self.day_share is None else self.day_share,
            weights=check_weights(dict(self.weights or settings.usual_weights(method))),
        )

    def over(self, settings: Settings) -> Settings:
        """Return the settings with what the user wants otherwise."""
        area, excess, share = self.minimum_area_km2, self.local_excess_ugm3, self.local_day_share
        return replace(
            settings,
            hotspots_minimum_area_km2=settings.hotspots_minimum_area_km2 if area is None else area,
            local_excess_ugm3=settings.local_excess_ugm3 if excess is None else excess,
            local_day_share=settings.local_day_share if share is None else share,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the parameters as plain values for a manifest."""
        return {
            **{k: getattr(self, k) for k in ("area", "pollutant")},
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            **{k: getattr(self, k) for k in ("cell_m", "threshold", "standard", "probability", "day_share")},
            "weights": None if self.weights is None else dict(self.weights),
            **{k: getattr(self, k) for k in ("method", "reason", "units")},
            **{k: getattr(self, k) for k in ("basis", "minimum_area_km2", "local_excess_ugm3", "local_day_share")},
            "without": list(self.without),
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Parameters:
        """Read what `to_dict` wrote."""
        dates = {k: date.fromisoformat(stored[k]) for k in ("start", "end")}
        return cls(**{**stored, **dates, "without": tuple(stored.get("without", ()))})
