"""Make the README's pictures from the running app.

    streamlit run app.py --server.headless true &
    python docs/picture.py [--url http://127.0.0.1:8501]

Needs tests/requirements.txt and Chromium (CHROMIUM names its path).
"""

from __future__ import annotations

import argparse
import os
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

HERE = Path(__file__).resolve().parent
PICTURES = {
    "map.png": "dust-map?lang=th",
    "plan.png": "plan-forms?lang=th",
}


def main() -> None:
    """Open each page, wait until it is drawn, and keep what a person sees."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--url", default="http://127.0.0.1:8501")
    url = options.parse_args().url
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1366, "height": 768}, locale="th-TH", timezone_id="Asia/Bangkok")
        for name, path in PICTURES.items():
            page.goto(f"{url}/{path}")
            page.wait_for_selector("h1", timeout=60_000)
            page.wait_for_timeout(8_000)  # maps and charts draw after the script has ended
            page.screenshot(path=HERE / name)
        browser.close()


if __name__ == "__main__":
    main()
