"""A made-up but physically plausible town's air, whose truth is known: for the demo, tests and benchmarks.

Regional air with haze, weather, Gaussian plumes of factories, roads, towns and fires (`plume`, `sources`),
and sensors that err (`sensors`). Seeded: the same `Scenario` gives the same numbers.

>>> simulation = simulate(random_scenario(1, stations=5, references=1, factories=3, days=1))
>>> sorted(simulation.observations["variable"].unique())
['pm10', 'pm25']
"""

from geo.simulator.background import Background, Haze, Region
from geo.simulator.intervention import Intervention, intervene
from geo.simulator.scenario import Scenario, random_register, random_scenario
from geo.simulator.sensors import LOW_COST, REFERENCE, SENSORS, Fault, Sensor
from geo.simulator.simulation import Simulation, simulate
from geo.simulator.sources import factory_sources, random_fires, road_sources, town_sources
from geo.simulator.weather import Climate

__all__ = [
    "LOW_COST",
    "REFERENCE",
    "SENSORS",
    "Background",
    "Climate",
    "Fault",
    "Haze",
    "Intervention",
    "Region",
    "Scenario",
    "Sensor",
    "Simulation",
    "factory_sources",
    "intervene",
    "random_fires",
    "random_register",
    "random_scenario",
    "road_sources",
    "simulate",
    "town_sources",
]
