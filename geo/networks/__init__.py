"""Live networks and registers that are asked over the internet: one small class each, one engine for all.

>>> sorted(NETWORKS)[:3]
['air4thai', 'airgradient', 'boundaries']
"""

from __future__ import annotations

from collections.abc import Mapping

from geo.networks.air4thai import Air4Thai
from geo.networks.airgradient import AirGradient
from geo.networks.boundaries import Boundaries
from geo.networks.csv_url import TableAtUrl
from geo.networks.diw import FactoryRegister
from geo.networks.dustboy import DustBoy
from geo.networks.engine import FetchReport, fetch, network_key
from geo.networks.model import Network, Query
from geo.networks.openaq import OpenAQ
from geo.networks.purpleair import PurpleAir
from geo.networks.sensor_community import SensorCommunity

__all__ = ["NETWORKS", "FetchReport", "Network", "Query", "fetch", "network_key"]

NETWORKS: Mapping[str, Network] = {
    network.name: network
    for network in (
        Air4Thai(), OpenAQ(), DustBoy(), PurpleAir(), SensorCommunity(), AirGradient(), FactoryRegister(),
        Boundaries(), TableAtUrl(),
    )
}  # fmt: skip
"""Networks by the name they have on the command line."""
