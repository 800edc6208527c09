"""The drawings of the help page: one idea each and no words inside, so that one drawing serves every language."""

from __future__ import annotations

from base64 import b64encode
from html import escape

from geo.palettes import CONCENTRATION, HOTSPOT, INK, LAND, ZONE_CLASSES

GREY = "#8A938F"
TEAL, AMBER, RED = ZONE_CLASSES["prevent"], ZONE_CLASSES["watch"], ZONE_CLASSES["urgent"]
DUST = CONCENTRATION[:8:2] + CONCENTRATION[7:8]
"""Five of the map's own colours, light to dark."""


def _tag(name: str, /, **attributes: object) -> str:
    named = " ".join(f'{key.replace("_", "-")}="{value}"' for key, value in attributes.items())
    return f"<{name} {named}/>"


def _rect(x: float, y: float, width: float, height: float, fill: str, **more: object) -> str:
    return _tag("rect", x=x, y=y, width=width, height=round(height, 1), fill=fill, **more)


def _circle(cx: float, cy: float, r: float, fill: str, **more: object) -> str:
    return _tag("circle", cx=cx, cy=cy, r=round(r, 1), fill=fill, **more)


def _ellipse(cx: float, cy: float, rx: float, ry: float, fill: str) -> str:
    return _tag("ellipse", cx=cx, cy=cy, rx=rx, ry=ry, fill=fill)


def _path(d: str, stroke: str = INK, width: float = 2, fill: str = "none", **more: object) -> str:
    return _tag("path", d=d, stroke=stroke, stroke_width=width, fill=fill, **more)


def _text(x: float, y: float, words: str, size: int = 16, fill: str = INK) -> str:
    style = 'font-family="sans-serif" font-weight="700" text-anchor="middle"'
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="{fill}" {style}>{escape(words)}</text>'


def _svg(*parts: str) -> str:
    frame = _rect(0, 0, 240, 132, LAND, rx=8)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 132">{frame}{"".join(parts)}</svg>'


def _blobs() -> str:
    sizes = ((112, 60), (86, 47), (60, 34), (37, 22), (16, 11))
    return "".join(_ellipse(126 - 4 * i, 66 + 2 * i, rx, ry, DUST[i]) for i, (rx, ry) in enumerate(sizes))


def dust() -> str:
    """Brown patches, darker towards the middle, and the scale from light to dark."""
    return _svg(_blobs(), *(_rect(150 + 16 * i, 112, 16, 10, colour) for i, colour in enumerate(DUST)))


def stations() -> str:
    """A square (reference station), a circle (low-cost sensor), a grey circle and a ringed one."""
    edge = {"stroke": INK, "stroke_width": 2}
    return _svg(
        _rect(24, 50, 32, 32, DUST[2], **edge),
        _circle(94, 66, 16, DUST[3], **edge),
        _circle(146, 66, 16, "#C8CDCB", **edge),
        _circle(198, 66, 14, DUST[1], **edge),
        _circle(198, 66, 22, "none", stroke=RED, stroke_width=3, stroke_dasharray="5 3"),
    )


def uncertainty() -> str:
    """A sensor on the left; dots that grow with the distance; hatching where nothing is known."""
    dots = [_circle(54 + 20 * i, 26 + 20 * j, 0.8 + 0.9 * i, INK, opacity=0.7) for i in range(6) for j in range(5)]
    hatch = [_path(f"M{176 + 9 * i} 132l132-132", GREY, 1.4) for i in range(-14, 8)]
    cover = _rect(0, 0, 176, 132, DUST[1], rx=8)
    return _svg(*hatch, cover, *dots, _circle(28, 66, 13, DUST[3], stroke=INK, stroke_width=2))


def interval() -> str:
    """A number line: the estimate as a dot, its 95 % range as a bar."""
    ticks = [_path(f"M{30 + 36 * i} 92v7", width=1) for i in range(6)]
    labels = [_text(30 + 36 * i, 116, str(20 + 8 * i), 12) for i in range(6)]
    bar = _rect(88, 54, 76, 14, DUST[1], rx=7)
    return _svg(_path("M22 92H218", width=1), *ticks, *labels, bar, _circle(126, 61, 10, DUST[3]),
                _text(126, 38, "41.3", 20))


def days() -> str:
    """Sixty squares, one a day; twelve are dark."""
    over = {7, 8, 9, 21, 22, 23, 24, 38, 39, 40, 41, 55}
    return _svg(*(
        _rect(16 + 18 * (d % 12), 18 + 20 * (d // 12), 14, 15, DUST[4] if d in over else DUST[0], rx=2,
              stroke=DUST[3], stroke_width=0.8)
        for d in range(60)
    ))


def chances() -> str:
    """Four columns, each fuller than the one before and crossed by more lines."""
    parts = []
    for i, share in enumerate((0.08, 0.35, 0.65, 0.92)):
        x, height = 24 + 52 * i, 92 * share
        parts.append(_rect(x, 20, 34, 92, "#fff", rx=4, stroke=INK))
        parts.append(_rect(x, 112 - height, 34, height, DUST[i + 1], rx=4))
        parts += [_path(f"M{x} {112 - 8 * k}h34", "#fff", 1.2) for k in range(1, 4 * i) if 8 * k < height]
    return _svg(*parts)


def hotspot() -> str:
    """A patch with a thick outline and the badge of rank 1."""
    outline = _path("M68 70C68 32 100 22 130 26S188 48 186 78 152 114 112 112 68 100 68 70z", HOTSPOT, 4)
    return _svg(_blobs(), outline, _circle(76, 36, 17, HOTSPOT), _text(76, 42, "1", 18, "#fff"))


def zones() -> str:
    """Three areas with badges that differ in shape, sign and colour."""
    return _svg(
        _path("M14 20L86 14 98 116 20 118z", width=2.5, fill=DUST[3]),
        _path("M86 14L164 18 160 114 98 116z", width=2.5, fill=DUST[2]),
        _path("M164 18L226 24 222 110 160 114z", width=2.5, fill=DUST[0]),
        _path("M54 44l22 38H32z", "#fff", fill=RED), _text(54, 78, "!", 22, "#fff"),
        _rect(110, 48, 36, 34, AMBER, rx=3, stroke="#fff", stroke_width=2),
        _ellipse(128, 65, 12, 7, "#fff"), _circle(128, 65, 4.5, AMBER),
        _circle(192, 66, 18, TEAL, stroke="#fff", stroke_width=2), _path("M183 66l7 7 12-14", "#fff", 4),
    )


def suspects() -> str:
    """A factory, a road and a field fire, and a question mark between them and the dust."""
    return _svg(
        _path("M18 94V60l20 12V60l20 12V38h14v56z", fill=INK),
        _path("M22 112h84", GREY, 10), _path("M26 112h76", "#fff", 1.6, stroke_dasharray="9 7"),
        _path("M92 94c-8-10 2-14 2-24 8 6 12 14 6 24z", AMBER, 1, AMBER),
        _ellipse(192, 62, 36, 26, DUST[2]),
        _path("M112 62h32m-9-7l9 7-9 7", width=3, stroke_dasharray="6 4"),
        _text(128, 50, "?", 22),
    )


def together() -> str:
    """Three people round a map."""
    people = [
        _circle(x, y, 12, TEAL) + _path(f"M{x - 19} {y + 36}q19-34 38 0z", TEAL, 1, TEAL)
        for x, y in ((46, 40), (120, 28), (194, 40))
    ]
    return _svg(*people, _path("M40 92l40-8 40 8 40-8 40 8v30l-40-8-40 8-40-8-40 8z", fill="#fff"),
                _ellipse(126, 103, 22, 9, DUST[2]))


def card(picture: str, title: str, words: str) -> str:
    """Return one help card as HTML: the drawing with `title` as its alternative text, then the words."""
    data = b64encode(picture.encode()).decode()
    return (
        '<figure style="margin:0">'
        f'<img alt="{escape(title, quote=True)}" src="data:image/svg+xml;base64,{data}" '
        'style="width:100%;max-width:340px;border-radius:8px;display:block">'
        '<figcaption style="line-height:1.55;font-size:.92rem;padding:.35rem 0 .6rem">'
        f"<strong>{escape(title)}</strong><br>{escape(words)}</figcaption></figure>"
    )
