"""Paint the PNG icons from ``public/icon.svg``: ``python clients/web/scripts/icons.py``."""

import re
from pathlib import Path

from playwright.sync_api import sync_playwright

from compose.chromium import chromium

PUBLIC = Path(__file__).resolve().parent.parent / "public"
_SIZES = {"icon-192.png": 192, "icon-512.png": 512, "apple-touch-icon.png": 180}
# A mask may cut away the outer fifth, and fills its corners with what is there.
_MASKABLE = "icon-maskable-512.png"


def main() -> None:
    """Paint them all."""
    svg = (PUBLIC / "icon.svg").read_text()
    full = re.sub(r' rx="\d+"', "", svg)
    padded = full.replace('viewBox="0 0 64 64"', 'viewBox="-8 -8 80 80"').replace(
        '<rect width="64" height="64"', '<rect x="-8" y="-8" width="80" height="80"'
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_page()

        def paint(name: str, picture: str, size: int) -> None:
            page.set_viewport_size({"width": size, "height": size})
            style = "<style>body { margin: 0 } svg { display: block; width: 100vw }</style>"
            page.set_content(f"{style}{picture}")
            page.screenshot(path=PUBLIC / name, omit_background=True)

        for name, size in _SIZES.items():
            paint(name, full if name.startswith("apple") else svg, size)
        paint(_MASKABLE, padded, 512)
        browser.close()


if __name__ == "__main__":
    main()
