"""The words of the help page for the engineer: the method step by step, and where each number comes from."""

from __future__ import annotations

import pandas as pd

from pages.parts.i18n import _


def steps() -> list[tuple[str, list[str]]]:
    """Return the method as (title, paragraphs in Markdown), in the order of the computing."""
    return [*_from_readings(), *_from_surface(), *_from_zones()]


def _from_readings() -> list[tuple[str, list[str]]]:
    return [
        (
            _("1 Readings"),
            [
                _(
                    "Readings are stored in UTC and labelled by the beginning of their hour, whatever the source "
                    "does; days are Bangkok days. Checks mark values that are out of range, stuck, spikes, steps, "
                    "drifting against the neighbours. Marked values stay in the store, with the reason, and are left "
                    "out of the computing."
                ),
                _(
                    "A day counts when at least 75 % of its hours are there (18 of 24, the usual US EPA convention; "
                    "the Thai notice names none). The standard it is held against is in the catalogue with its "
                    "source and its date."
                ),
            ],
        ),
        (
            _("2 Variogram"),
            [
                _(
                    "Coordinates are projected to the local UTM zone (metres). Stations at one place are merged with "
                    "a note. The covariance model (exponential, spherical, Gaussian, Matérn 3/2) and its nugget, "
                    "partial sill and range are fitted by restricted maximum likelihood (REML), which does not "
                    "depend on how the distances are binned; the binned semivariogram is drawn only to be looked at. "
                    "All days share one variogram; the means of the period have their own."
                ),
                _(
                    "Dust is skewed. The values are used as they are, as square roots, as logarithms or by a Box-Cox "
                    "power, whichever is likeliest; the estimate is turned back without bias and its range by "
                    "quantiles, so that it cannot be negative."
                ),
            ],
        ),
        (
            _("3 Kriging"),
            [
                _(
                    "Ordinary kriging: the weights add up to one and make the estimate the best linear unbiased one "
                    "under the fitted model. Each station's own error (reference or small sensor) is part of the "
                    "model, so a noisy sensor pulls less."
                ),
                _(
                    "The kriging variance and Student's t give the 95 % range and, with the standard as threshold, the "
                    "probability of exceeding it. A cell counts as supported where a station lies within the practical "
                    "range and the stations explain at least 2 % of the spatial variation; elsewhere nothing is "
                    "estimated: hatched on the map, empty in the files."
                ),
            ],
        ),
    ]


def _from_surface() -> list[tuple[str, list[str]]]:
    return [
        (
            _("4 Validation"),
            [
                _(
                    "Every station is left out once, in closed form, and estimated from the others. The surface page "
                    "shows bias, mean absolute error, RMSE, CRPS and the share of stations inside the 90 % and 95 % "
                    "ranges. A share far from 90 or 95 % means that the ranges are too narrow or too wide."
                )
            ],
        ),
        (
            _("5 Days over the standard"),
            [
                _(
                    "Each day is kriged on its own. The probabilities of exceeding the 24-hour standard, added up "
                    "over the days, are the expected days over the standard: 12.4 of 60 days is a sum of chances, "
                    "not a count at an instrument."
                )
            ],
        ),
        (
            _("6 Hotspots"),
            [
                _(
                    "A cell belongs to a hotspot when it is over the 24-hour standard on at least a chosen share of "
                    "the days (10 %) with at least a chosen probability (0.6). What the map misses on one day it "
                    "mostly misses on the next, so days are not counted as independent: the share of the error that "
                    "repeats is read off the stations, each left out in turn. Cells that touch form one hotspot; "
                    "very small ones are left out. Hotspots are ranked by expected days over the standard, then by "
                    "people, then by size."
                ),
                _(
                    "The edge of the map is not an edge of the dust: a hotspot goes on for up to a kilometre where no "
                    "station is near enough to map, as long as the network makes it as likely there. How much of it "
                    "that is stands with its area."
                ),
            ],
        ),
    ]


def _from_zones() -> list[tuple[str, list[str]]]:
    return [
        (
            _("7 Priority zones"),
            [
                _(
                    "Zones are the finest boundaries inside the area (municipalities, tambons, or sub-areas), squares, "
                    "hotspots, or areas you draw. The usual score is burden × vulnerability as in CalEnviroScreen 4.0: "
                    "each indicator becomes a percentile among the zones, percentiles are averaged within burden (air "
                    "and sources) and within vulnerability (people), and the two are multiplied. The other way is a "
                    "weighted mean of the parts. Change method, weights, threshold or sensors on the zones page and "
                    "see what it changes."
                ),
                _(
                    "How firm a rank is: 5,000 draws of weights around yours, shared among 200 simulated surfaces that "
                    "are as likely as the map given the readings. A zone that keeps its side of the line between the "
                    "first three and the rest in 90 % of them is robust."
                ),
                _(
                    "Factories count by their potential to emit dust: type, horsepower, class and distance. "
                    "Potential is not emission: fuel and filters are not in the register. How often a factory lay "
                    "upwind of a hotspot in its dusty hours is shown beside it. Screening evidence, not proof."
                ),
            ],
        ),
        (
            _("8 Plan"),
            [
                _(
                    "For each zone the catalogue proposes measures that fit its likely sources and the powers of a "
                    "municipality; what only the provincial industry office may order is proposed as a request to "
                    "it. Effects, agencies and laws come from the catalogue; a row that nobody has checked says "
                    "“to be checked”. Budgets, targets and owners are yours: the computer never invents an amount."
                )
            ],
        ),
        (
            _("9 Doing it again"),
            [
                _(
                    "Every import is one transaction and makes a new snapshot of the store. Every result names the "
                    "snapshot and the parameters it was computed from, and can be computed again from them."
                )
            ],
        ),
    ]


def origins() -> pd.DataFrame:
    """Return the table “where each number comes from”, with translated headings."""
    rows = [
        (_("Dust at a station"), _("mean of its daily means over the period"), _("your readings after the checks")),
        (_("Dust at a place"), _("kriging of the stations' means, with its 95 % range"), _("readings, variogram")),
        (_("Chance of exceeding"), _("share of the estimate's distribution above the standard"),
         _("kriging, catalogue of standards")),
        (_("Days over the standard"), _("sum over days of the chance of exceeding"), _("one kriging a day")),
        (_("People"), _("population of the boundary, shared out by area"),
         _("boundaries you imported, with the source they name")),
        (_("Schools and hospitals"), _("count inside the outline"), _("list of receptors you imported")),
        (_("Factory potential"), _("type group × horsepower class"), _("factory register, catalogue of types")),
        (_("Upwind share"), _("share of dusty hours in which the wind blew from the factory to the hotspot"),
         _("wind readings")),
        (_("Score of a zone"), _("burden × vulnerability of percentiles, or weighted mean, 0 to 100"),
         _("all of the above, your weights")),
        (_("Measures and laws"), _("looked up by source and by power"), _("catalogue, with “verified” per row")),
        (_("Budgets"), _("typed in by you"), _("the plan, saved with author and version")),
    ]
    return pd.DataFrame(rows, columns=[_("Number"), _("How it is made"), _("What it rests on")])


def references() -> list[str]:
    """Return the literature behind the method; titles stay in their own language."""
    return [
        "OEHHA (2021) *CalEnviroScreen 4.0*. California Environmental Protection Agency, Sacramento.",
        "Matheron G. (1963) Principles of geostatistics. *Economic Geology* 58: 1246–1266.",
        "Patterson H.D., Thompson R. (1971) Recovery of inter-block information when block sizes are unequal. "
        "*Biometrika* 58: 545–554.",
        "Dubrule O. (1983) Cross validation of kriging in a unique neighborhood. *Mathematical Geology* 15: 687–699.",
        "Cressie N. (1993) *Statistics for Spatial Data*. Wiley.",
        "Stein M.L. (1999) *Interpolation of Spatial Data: Some Theory for Kriging*. Springer.",
        "Gneiting T., Raftery A.E. (2007) Strictly proper scoring rules, prediction, and estimation. "
        "*JASA* 102: 359–378.",
        "Diggle P.J., Ribeiro P.J. (2007) *Model-based Geostatistics*. Springer.",
        "Barkjohn K.K. et al. (2021) Development and application of a United States-wide correction for PM2.5 data "
        "collected with the PurpleAir sensor. *Atmos. Meas. Tech.* 14: 4617–4637.",
    ]
