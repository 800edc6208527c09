"""Build the one script that every map loads: Leaflet, its plugins, our drawing, all styles and fonts' addresses.

    python static/build_bundle.py

Run it after a change in static/vendor/<package>/ or static/map/. The packages were unpacked from
`npm pack leaflet@1.9.3 leaflet.markercluster@1.4.1 leaflet.fullscreen@3.0.0`; their licences lie beside them.

The bundle's first statement inserts the styles: streamlit-folium appends style links without waiting
for them, and markers measured before their style has come stay where they should not be. Its name
carries a hash, because static files are served without Cache-Control.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path

STATIC = Path(__file__).resolve().parent
VENDOR = STATIC / "vendor"
STYLES = (
    "vendor/leaflet/leaflet.css",
    "vendor/leaflet.markercluster/MarkerCluster.css",
    "vendor/leaflet.fullscreen/Control.FullScreen.css",
    "map/eco.css",
    "map/field.css",
)
SCRIPTS = (
    "vendor/leaflet/leaflet.js",
    "vendor/leaflet.markercluster/leaflet.markercluster.js",
    "vendor/leaflet.fullscreen/Control.FullScreen.js",
    "map/eco.js",
    "map/field.js",
    "map/ground.js",
    "map/linked.js",
    "map/moving.js",
)


def styles() -> str:
    """Return all styles with their url() relative to static/, marked by @@."""

    def absolute(found: re.Match[str], folder: Path) -> str:
        address = found.group(1).strip("'\"")
        if address.startswith(("data:", "#")):
            return found.group(0)
        return f"url(@@{(folder / address).resolve().relative_to(STATIC).as_posix()})"

    parts = []
    for name in STYLES:
        file = STATIC / name
        text = file.read_text(encoding="utf-8")
        parts.append(re.sub(r"url\(([^)]+)\)", lambda m, folder=file.parent: absolute(m, folder), text))
    return "\n".join(parts)


def scripts() -> str:
    """Return all scripts, without pointers to source maps that are not served."""
    text = "\n;".join((STATIC / name).read_text(encoding="utf-8") for name in SCRIPTS)
    return re.sub(r"^//# sourceMappingURL=.*$", "", text, flags=re.MULTILINE)


def build() -> Path:
    """Write the bundle, remove older ones, return its path."""
    text = (
        "(function(){var here=document.currentScript.src.replace(/vendor\\/[^/]*$/,'');window.ECO_STATIC=here;"
        f"var css={json.dumps(styles(), ensure_ascii=False)}.replace(/@@/g,here);"
        "var tag=document.createElement('style');tag.textContent=css;document.head.appendChild(tag);})();\n"
        f"{scripts()}\n"
    )
    name = f"bundle-{hashlib.sha256(text.encode()).hexdigest()[:12]}.js"
    for old in VENDOR.glob("bundle-*.js"):
        old.unlink()
    target = VENDOR / name
    target.write_text(text, encoding="utf-8")
    return target


if __name__ == "__main__":
    sys.stdout.write(f"{build()}\n")
