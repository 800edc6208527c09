"""What the columns of a screening's tables mean: written beside them as columns.csv.

One row a column: file, column, unit, meaning in Thai and in English. A test holds it complete.
"""

from __future__ import annotations

import pandas as pd

from language import N_, translate

_UG = "µg/m³"
_HOTSPOTS_AND_ZONES = {
    "rank": ("", N_("Rank, 1 is first")),
    "name_th": ("", N_("Name in Thai")),
    "name_en": ("", N_("Name in English")),
    "area_km2": ("km²", N_("Area")),
    "people": ("", N_("Residents, area-weighted; blank where not known")),
    "receptors": ("", N_("Schools, childcare, hospitals, health centres, homes for the elderly and the like")),
    "schools": ("", N_("Schools among them")),
    "hospitals": ("", N_("Hospitals among them")),
    "days_over": ("d", N_("Expected days with a 24-hour mean over the standard, mean of the cells")),
    "days_total": ("d", N_("Days screened")),
    "share_days": ("", N_("Expected share of days over the standard")),
    "hot_days": ("d", N_("Days with almost certain exceedance (probability of 80 % and more), mean of the cells")),
    "mean_ugm3": (_UG, N_("Mean of the 24-hour means over the period")),
    "lower95": (_UG, N_("Lower bound of the 95 % interval of the period mean, average of the cells")),
    "upper95": (_UG, N_("Upper bound of the 95 % interval of the period mean, average of the cells")),
    "simulated": ("", N_("Whether simulated data went in")),
}
_LAT_LON = {"lat": ("°", N_("Latitude, WGS84")), "lon": ("°", N_("Longitude, WGS84"))}
TABLES: dict[str, dict[str, tuple[str, str]]] = {
    "hotspots": {
        "hotspot_id": ("", N_("Hotspot")),
        **_HOTSPOTS_AND_ZONES,
        "place_code": ("", N_("Code of the place it lies in")),
        "probability": (
            "",
            N_("Probability of being over the standard on the asked share of the days, mean of the cells"),
        ),
        "excess_ugm3": (_UG, N_("Mean excess over the standard on the days likely over it")),
        "area_km2_low": ("km²", N_("Area: lower bound of the 90 % interval (simulated dust maps)")),
        "area_km2_high": ("km²", N_("Area: upper bound of the 90 % interval (simulated dust maps)")),
        "people_low": ("", N_("Residents: lower bound of the 90 % interval (simulated dust maps)")),
        "people_high": ("", N_("Residents: upper bound of the 90 % interval (simulated dust maps)")),
        "days_low": ("d", N_("Days over the standard: lower bound of the 90 % interval (simulated dust maps)")),
        "days_high": ("d", N_("Days over the standard: upper bound of the 90 % interval (simulated dust maps)")),
        "rank_low": ("", N_("Rank: lower bound of the 90 % interval (simulated dust maps)")),
        "rank_high": ("", N_("Rank: upper bound of the 90 % interval (simulated dust maps)")),
        "vanishes": ("", N_("Share of the simulated dust maps in which the hotspot is gone")),
        "confidence": ("", N_("robust, likely or weak: gone from at most 5 %, at most 20 %, more of those maps")),
        "local_ugm3": (_UG, N_("Mean excess over the background of the region in the same hours")),
        "local_lower95": (_UG, N_("Excess over the background: lower bound of the 95 % interval, mean of the cells")),
        "local_upper95": (_UG, N_("Excess over the background: upper bound of the 95 % interval, mean of the cells")),
        "max_day": ("", N_("Day with the highest mean (year of the common era)")),
        "factories": ("", N_("Factories inside or within 1 km")),
        **_LAT_LON,
    },
    "local_hotspots": {
        "hotspot_id": ("", N_("Local hotspot; days, mean and bounds are of the excess over the background")),
    },
    "zones": {
        "zone_id": ("", N_("Zone; keeps its id when weights change")),
        **_HOTSPOTS_AND_ZONES,
        "code": ("", N_("Code of the boundary")),
        "class": ("", N_("urgent, watch or prevent")),
        "score": ("0–100", N_("Score: burden × vulnerability, or the weighted mean of the known parts (see method)")),
        "method": ("", N_("product (burden × vulnerability) or weighted (mean of the parts)")),
        "burden": ("0–10", N_("Burden: mean of its parts, the highest zone has 10")),
        "vulnerability": ("0–10", N_("Vulnerability: mean of its parts, the highest zone has 10")),
        "part_exceedance": ("0–100", N_("Part of the score: days over the standard")),
        "part_excess": ("0–100", N_("Part of the score: dust above the background")),
        "part_hotspot": ("0–100", N_("Part of the score: share inside hotspots")),
        "part_trend": ("0–100", N_("Part of the score: rise of local dust")),
        "part_citizens": ("0–100", N_("Part of the score: complaints in meetings")),
        "part_vulnerable": ("0–100", N_("Part of the score: children and old people")),
        "part_confidence": ("0–100", N_("Part of the score: confidence of the data")),
        "part_people": ("0–100", N_("Part of the score: residents")),
        "part_receptors": ("0–100", N_("Part of the score: schools and care places")),
        "part_factories": ("0–100", N_("Part of the score: dust potential of factories")),
        "weight_exceedance": ("", N_("Weight of the days over the standard")),
        "weight_excess": ("", N_("Weight of the dust above the background")),
        "weight_trend": ("", N_("Weight of the rise of local dust")),
        "weight_citizens": ("", N_("Weight of the complaints")),
        "weight_vulnerable": ("", N_("Weight of the children and old people")),
        "weight_confidence": ("", N_("Weight of the confidence of the data")),
        "weight_hotspot": ("", N_("Weight of the share inside hotspots")),
        "weight_people": ("", N_("Weight of the residents")),
        "weight_receptors": ("", N_("Weight of the schools and care places")),
        "weight_factories": ("", N_("Weight of the factories")),
        "people_source": ("", N_("Where the number of residents comes from")),
        "people_day": ("", N_("People over the 24-hour standard on an average day (mean of simulated dust maps)")),
        "people_day_low": ("", N_("People over on an average day: lower bound of the 90 % interval")),
        "people_day_high": ("", N_("People over on an average day: upper bound of the 90 % interval")),
        "people_often": ("", N_("People where it is over on as many days as make a hotspot (mean of the maps)")),
        "people_often_low": ("", N_("People where it is often over: lower bound of the 90 % interval")),
        "people_often_high": ("", N_("People where it is often over: upper bound of the 90 % interval")),
        "factories": ("", N_("Factories inside")),
        "factories_high": ("", N_("Factories with high dust potential inside")),
        "factories_potential": ("", N_("Sum of the factories' dust potential")),
        "hotspot_share": ("", N_("Share of its area inside hotspots")),
        "excess_ugm3": (_UG, N_("Mean above the background of the region in the same hours (the low quantile)")),
        "excess_low": (_UG, N_("Lower bound of its 90 % interval over simulated surfaces")),
        "excess_high": (_UG, N_("Upper bound of its 90 % interval over simulated surfaces")),
        "trend": ("µg/m³ / month", N_("Sen's slope of that excess by weeks or months")),
        "trend_p": ("", N_("p-value of the Mann-Kendall test of the trend")),
        "trend_class": (
            "",
            N_("new, intensifying, persistent, diminishing, sporadic, regional or short (see the method page)"),
        ),
        "vulnerable_people": ("", N_("Children and old people, or people registered at schools and care places")),
        "vulnerable_source": ("", N_("Which of the two: children, elderly, or registered")),
        "complaints": ("", N_("Complaints in meetings, each counted with the hands shown for it")),
        "confidence": ("%", N_("How well the readings support the map: share supported × narrowness of the interval")),
        "top_factory_types": ("", N_("Factory types with most of the potential, in Thai")),
        "top_factory_types_en": ("", N_("Factory types with most of the potential, in English")),
        "rank_low": ("", N_("Best rank (5 % quantile) when weights and surfaces are drawn anew")),
        "rank_high": ("", N_("Worst rank (95 % quantile) when weights and surfaces are drawn anew")),
        "top_three_share": ("", N_("Share of the draws in the first three (first one of up to three zones)")),
        "robustness": ("", N_("robust, likely or sensitive to weights and surface")),
        "reason_th": ("", N_("Why it has its rank, in Thai")),
        "reason_en": ("", N_("Why it has its rank, in English")),
        "level": ("", N_("Level of the boundary")),
        "approximate": ("", N_("Whether the boundary is approximate, not a legal line")),
    },
    "trends": {
        "hotspot_id": ("", N_("Hotspot (H) or local hotspot (L)")),
        "trend": ("", N_("new, intensifying, persistent, diminishing, sporadic, regional (as the network) or short")),
        "block": ("", N_("What the trend is made of: means of a week or of a month")),
        "blocks": ("", N_("Weeks or months with enough readings")),
        "high_blocks": ("", N_("Those in which it stands clearly above the stations around it")),
        "slope_ugm3_month": ("µg/m³ a month", N_("Sen's slope of the hotspot's mean minus the network's level")),
        "lower95": (_UG, N_("Lower bound of the slope's 95 % interval")),
        "upper95": (_UG, N_("Upper bound of the slope's 95 % interval")),
        "p_value": ("", N_("Two-sided Mann-Kendall p-value, corrected for serial correlation")),
    },
    "likely": {
        "target_id": ("", N_("Hotspot or zone")),
        "rank": ("", N_("Rank among its likely sources: screening evidence, not proof")),
        "source_id": ("", N_("Factory, or traffic (with the town), or burning")),
        "kind": ("", N_("factory, traffic or burning")),
        "name_th": ("", N_("Name in Thai")),
        "type_name_th": ("", N_("Factory type in Thai")),
        "type_name_en": ("", N_("Factory type in English")),
        "factory_class": ("", N_("Class (จำพวก) 1 to 3")),
        "potential": ("0–9", N_("Dust potential: type (0–3) × horsepower class (1–3); not a measured emission")),
        "distance_km": ("km", N_("Distance to the place")),
        "plume_weight": (_UG, N_("What a source of 1 g/s there would add in these hours (Gaussian plume)")),
        "factor": ("", N_("By what the readings change the strength that type and motors suggest; 1: not at all")),
        "share": ("", N_("Its part of everything that was weighed; not a measured contribution")),
        "upwind_share": (
            "",
            N_(
                "Share of these hours in which the wind blew from it to some part of the place "
                "(traffic: from a road within 1 km, mean over the place's points)"
            ),
        ),
        "nearby": (
            "",
            N_("From own layers: km of road within 1 km (traffic), fires seen on these days within 10 km (burning)"),
        ),
        "hours": ("h", N_("Exceedance hours with wind that the row rests on")),
        "days": ("d", N_("Days with such hours")),
        "rank_low": ("", N_("Best rank (5 % quantile) when days are drawn anew")),
        "rank_high": ("", N_("Worst rank (95 % quantile) when days are drawn anew")),
        "top_three_share": ("", N_("Share of the draws of days in which it is among the first three")),
    },
    "factories": {
        "factory_id": ("", N_("Factory")),
        "reg_no": ("", N_("Registration number")),
        "name_th": ("", N_("Name in Thai")),
        "type_code": ("", N_("Factory type, five digits")),
        "type_name_th": ("", N_("Factory type in Thai")),
        "type_name_en": ("", N_("Factory type in English")),
        "type_group": ("", N_("Group of the type")),
        "factory_class": ("", N_("Class (จำพวก) 1 to 3")),
        "hp": ("hp", N_("Machine power")),
        "workers": ("", N_("Workers")),
        "potential": ("0–9", N_("Dust potential: type (0–3) × horsepower class (1–3); not a measured emission")),
        "potential_class": ("", N_("none, low, medium or high")),
        **_LAT_LON,
        "zone_id": ("", N_("Zone it stands in")),
        "hotspot_id": ("", N_("Hotspot it stands in or within 1 km of")),
        "upwind_of": ("", N_("Hotspot or zone that the upwind share is about")),
        "upwind_share": (
            "",
            N_(
                "Share of the windy hours on days over the standard in which the wind blew from it to some part of that"
            ),
        ),
        "upwind_hours": ("h", N_("Windy hours that the share rests on")),
        "coordinate_note": ("", N_("What is odd about its place")),
        "source": ("", N_("Source")),
        "simulated": ("", N_("Whether simulated data went in")),
    },
    "stations": {
        "station_id": ("", N_("Station")),
        "name_th": ("", N_("Name in Thai")),
        "name_en": ("", N_("Name in English")),
        "kind": ("", N_("reference, lowcost or unknown")),
        "network": ("", N_("Network")),
        **_LAT_LON,
        "error_sd": (_UG, N_("Stated standard deviation of the instrument's error")),
        "value": (_UG, N_("Mean of the 24-hour means over the period, corrected for missing days")),
        "error_sd_period": (_UG, N_("What the missing days leave uncertain in it (standard deviation)")),
        "days_over": ("d", N_("Days with a measured 24-hour mean over the standard")),
        "n_days": ("d", N_("Days with a 24-hour mean")),
        "used": ("", N_("Whether it counts in the period mean")),
        "distance_km": ("km", N_("Distance to the area")),
        "source": ("", N_("Source")),
        "licence": ("", N_("Licence")),
        "simulated": ("", N_("Whether simulated data went in")),
    },
    "reports": {
        "report_id": ("", N_("Pin or vote")),
        "meeting_id": ("", N_("Meeting it was said in")),
        "meeting_date": ("", N_("Day of the meeting (year of the common era)")),
        "place": ("", N_("Place of the meeting")),
        "kind": ("", N_("smoke, dust, smell, burning, praise or idea")),
        "votes": ("", N_("Hands raised")),
        **_LAT_LON,
        "note": ("", N_("In a few words, without names and numbers of people")),
        "simulated": ("", N_("Whether simulated data went in")),
    },
    "voices": {
        "zone_id": ("", N_("Zone")),
        "kind": ("", N_("smoke, dust, smell, burning, praise or idea")),
        "reports": ("", N_("Pins and votes of this kind in the zone")),
        "hands": ("", N_("Hands raised for them; no measurement")),
    },
    "readings": {
        "date": ("", N_("Day (Bangkok)")),
        "station_id": ("", N_("Station")),
        "mean_24h_ugm3": (_UG, N_("24-hour mean")),
    },
    "background": {
        "date": ("", N_("Day (Bangkok)")),
        "background_ugm3": (_UG, N_("Background of the region: low quantile of each hour, mean of the day")),
    },
}
"""File (without .csv) -> column -> unit and meaning (English message id)."""

TABLES["local_hotspots"] = {
    **TABLES["hotspots"],
    **TABLES["local_hotspots"],
    "days_over": ("d", N_("Expected days clearly above the background, mean of the cells")),
    "share_days": ("", N_("Expected share of days clearly above the background")),
    "hot_days": ("d", N_("Days with almost certain local dust, mean of the cells")),
    "mean_ugm3": (_UG, N_("Mean excess over the background")),
    "lower95": (_UG, N_("Lower bound of the 95 % interval of the mean excess")),
    "upper95": (_UG, N_("Upper bound of the 95 % interval of the mean excess")),
    "excess_ugm3": (_UG, N_("How far above the limit of local dust it is on the days above it")),
}


def table() -> pd.DataFrame:
    """Return the meanings as a table: file, column, unit, meaning_th, meaning_en."""
    rows = [
        {
            "file": f"{name}.csv",
            "column": column,
            "unit": unit,
            "meaning_th": translate(meaning, "th"),
            "meaning_en": meaning,
        }
        for name, columns in TABLES.items()
        for column, (unit, meaning) in columns.items()
    ]
    return pd.DataFrame(rows)
