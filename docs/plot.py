"""Line plots as SVG, for the pages made from JSON. No packages needed."""


def lines(title, axis, ticks, low, high, step, drawn, limit=None):
    """Lines over `ticks` (texts, by rank); y from low to high with a mark every `step`, and a line at `limit`.

    drawn: (label, colour, dashed, values), a value per tick, None where there is none.
    """
    width, height, left, bottom, top, right = 620, 320, 50, 40, 30, 180
    x = lambda i: left + 20 + i * (width - left - right - 30) / max(1, len(ticks) - 1)
    y = lambda v: height - bottom - (v - low) / (high - low) * (height - bottom - top)
    svg = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" font-size="12">',
           f'<rect width="{width}" height="{height}" fill="white"/>',
           f'<text x="{left}" y="18">{title}</text>']
    if limit is not None:
        svg.append(f'<line x1="{left}" x2="{width - right}" y1="{y(limit):.1f}" y2="{y(limit):.1f}" stroke="#bbb"/>')
    for k in range(int((high - low) / step + 1e-9) + 1):
        tick = low + k * step
        svg.append(f'<text x="{left - 8}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:g}</text>'
                   f'<line x1="{left}" x2="{width - right}" y1="{y(tick):.1f}" y2="{y(tick):.1f}" stroke="#eee"/>')
    for i, tick in enumerate(ticks):
        svg.append(f'<text x="{x(i):.1f}" y="{height - bottom + 18}" text-anchor="middle">{tick}</text>')
    svg.append(f'<text x="{(left + width - right) / 2}" y="{height - 6}" text-anchor="middle">{axis}</text>')
    row = 0
    for label, color, dashed, values in drawn:
        points = [f"{x(i):.1f},{y(v):.1f}" for i, v in enumerate(values) if v is not None]
        if not points:
            continue
        dash = ' stroke-dasharray="5 4"' if dashed else ""
        svg.append(f'<polyline fill="none" stroke="{color}" stroke-width="2"{dash} points="{" ".join(points)}"/>')
        row += 1
        key = top + 18 * row
        svg.append(f'<line x1="{width - right + 8}" x2="{width - right + 30}" y1="{key - 4}" y2="{key - 4}" stroke="{color}" '
                   f'stroke-width="2"{dash}/><text x="{width - right + 36}" y="{key}">{label}</text>')
    return "\n".join(svg + ["</svg>"]) + "\n"
