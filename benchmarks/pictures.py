"""How long a picture of each result takes, and how large it is: `python benchmarks/pictures.py [folder] [words]`.

With a folder the pictures are written there, to be looked at; with words only those whose title has one of them.
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from insights_mcp.render.pictures import draw_png, draw_svg
from tests.render.gallery import FIGURES


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    words = sys.argv[2:]
    print(f"{'figure':34} {'drawing':15} {'PNG ms':>7} {'PNG KB':>7} {'SVG ms':>7} {'SVG KB':>7}")
    for title, figure in FIGURES.items():
        if words and not any(word in title for word in words):
            continue
        started = time.perf_counter()
        png = draw_png(figure)
        between = time.perf_counter()
        svg = draw_svg(figure)
        png_ms, svg_ms = 1000 * (between - started), 1000 * (time.perf_counter() - between)
        sizes = f"{png_ms:7.0f} {len(png) / 1000:7.1f} {svg_ms:7.0f} {len(svg) / 1000:7.1f}"
        print(f"{title:34} {figure.drawing:15} {sizes}")
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
            name = title.replace(" ", "-").replace(",", "")
            (folder / f"{name}-light.png").write_bytes(png)
            (folder / f"{name}-dark.png").write_bytes(draw_png(figure, "dark"))


if __name__ == "__main__":
    main()
